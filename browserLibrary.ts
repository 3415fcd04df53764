// The library for browsers, lib/nanoscope.js beside the built page: one file to import, with no bare names in it and its
// WebAssembly beside it. The notebook page uses it, and the package exports it to bundlers.
import { join } from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';
import { compiledKernels } from './wasm/compile.mjs';

const ROOT = import.meta.dirname;
const LIBRARY_FILE = 'lib/nanoscope.js';

/** Vite's way to import reports a failure to `window`, which a worker lacks. */
function plainImports(): Plugin {
  return {
    name: 'plain-imports',
    enforce: 'pre',
    load: (id) =>
      id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null,
  };
}

/** What it is built of, in memory: names from the root of the page's build. */
async function buildLibrary(): Promise<Rolldown.RolldownOutput['output']> {
  const built = await build({
    configFile: false,
    root: ROOT,
    base: './',
    publicDir: false,
    logLevel: 'error',
    plugins: [plainImports(), compiledKernels()],
    worker: { format: 'es', plugins: () => [compiledKernels()] },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      chunkSizeWarningLimit: 1500,
      rolldownOptions: {
        input: join(ROOT, 'src/library/nanoscope.ts'),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: LIBRARY_FILE, chunkFileNames: 'lib/[name]-[hash].js' },
      },
    },
  });
  return (built as Rolldown.RolldownOutput).output;
}

export function browserLibrary(): Plugin {
  return {
    name: 'browser-library',
    apply: 'build',
    async generateBundle(_, bundle) {
      for (const file of await buildLibrary()) {
        if (file.fileName in bundle) continue;
        const source = file.type === 'chunk' ? file.code : file.source;
        this.emitFile({ type: 'asset', fileName: file.fileName, source });
      }
    },
  };
}
