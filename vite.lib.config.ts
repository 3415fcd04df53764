// The command line and the library as one ESM bundle for Node: `npm run build:lib`, and bin/nanoscope.mjs in a clone.
import { defineConfig } from 'vite';
import { compiledKernels } from './wasm/compile.mjs';

export default defineConfig({
  plugins: [compiledKernels()],
  // Only the page has files of its own.
  publicDir: false,
  build: {
    ssr: true,
    outDir: 'dist-lib',
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input: { cli: 'src/cli/main.ts', nanoscope: 'src/library/nanoscope.ts' },
      output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' },
    },
  },
  // What package.json asks for is installed with it.
  ssr: { external: true },
});
