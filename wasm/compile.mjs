// Compiles the processor's kernels (AssemblyScript) for whoever imports `wasm/kernels.ts?compiled`: a module with
// builds in base64: `plain` and `fused` (with fused multiply-add, which not every browser has yet), and of each one for
// memory that threads share.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Not a literal where it is imported: the compiler's types redeclare Array and others for the whole project.
const COMPILER = ['assemblyscript', 'asc'].join('/');

const QUERY = '?compiled';
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];
const FUSED = ['--enable', 'relaxed-simd', '--use', 'FUSED=1'];
const SHARED = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];
const BUILDS = {
  plain: [],
  fused: FUSED,
  plainShared: SHARED,
  fusedShared: [...FUSED, ...SHARED],
};

/** @returns {import('vite').Plugin} */
export function compiledKernels() {
  let stamp = '';
  /** @type {Promise<string> | null} */
  let compiling = null;
  return {
    name: 'compiled-kernels',
    async load(id) {
      if (!id.endsWith(QUERY)) return null;
      const sources = readdirSync(FOLDER)
        .filter((name) => name.endsWith('.ts'))
        .map((name) => FOLDER + name);
      for (const source of sources) this.addWatchFile(source);
      const now = sources.map((source) => statSync(source).mtimeMs).join();
      if (compiling === null || now !== stamp) {
        stamp = now;
        compiling = compileAll(id.slice(0, -QUERY.length));
      }
      return compiling;
    },
  };
}

/** @param {string} entry */
async function compileAll(entry) {
  const builds = Object.entries(BUILDS).map(async ([name, options]) => {
    const bytes = await compile(entry, [...OPTIONS, ...options]);
    return `${name}: '${Buffer.from(bytes).toString('base64')}'`;
  });
  return `export default { ${(await Promise.all(builds)).join(', ')} };`;
}

/**
 * @param {string} entry
 * @param {string[]} options
 * @returns {Promise<Uint8Array>}
 */
async function compile(entry, options) {
  /** @type {{ default: { main: (options: string[], api: object) => Promise<{ error: Error | null }> } }} */
  const { default: asc } = await import(/* @vite-ignore */ COMPILER);
  /** @type {Uint8Array | null} */
  let made = null;
  let said = '';
  const { error } = await asc.main(
    [entry.slice(FOLDER.length), '--baseDir', FOLDER, '--outFile', 'kernels.wasm', ...options],
    {
      readFile: (/** @type {string} */ name, /** @type {string} */ base) => {
        try {
          return readFileSync(`${base}/${name}`, 'utf8');
        } catch {
          // The compiler tries several places for an import.
          return null;
        }
      },
      writeFile: (/** @type {string} */ _, /** @type {unknown} */ contents) => {
        if (contents instanceof Uint8Array) made = contents;
      },
      listFiles: () => null,
      stderr: {
        write: (/** @type {string} */ text) => {
          said += text;
          return true;
        },
      },
    },
  );
  if (error !== null || made === null) throw new Error(`AssemblyScript: ${said}`);
  return made;
}
