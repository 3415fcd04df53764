// One Vite configuration for the page, its worker and every Vitest project.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { ISOLATION, pagePolicy, SERVED_HEADERS } from './pagePolicy.ts';
import { browserLibrary } from './browserLibrary.ts';
import { guidePages } from './guidePages.ts';
import { serviceWorker } from './serviceWorker.ts';
import { compiledKernels } from './wasm/compile.mjs';

/** Milliseconds after which a test is taken to hang. */
const HANG = 600_000;

/** What the bundler warns of. Not that plugins take time, and not that what one part fetches when it is needed others, fetched
 *  later themselves, import at once: what loads first is bounded by its size. */
const CHECKS = { pluginTimings: false, ineffectiveDynamicImport: false };

const ALONE = 'tests/unit/**/*.alone.test.ts';

export default defineConfig({
  base: './',
  // No fallback to index.html: a missing file is a 404, in development as on any static host.
  appType: 'mpa',
  // What examples import is what the package exports.
  resolve: {
    alias: { nanoscope: fileURLToPath(new URL('src/library/nanoscope.ts', import.meta.url)) },
  },
  plugins: [
    react(),
    compiledKernels(),
    pagePolicy(),
    browserLibrary(),
    guidePages(),
    serviceWorker(),
  ],
  // One stylesheet: a chunk's own could fail to load, and Vite asks for it only once.
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 450,
    cssCodeSplit: false,
    rolldownOptions: { checks: CHECKS },
  },
  worker: {
    format: 'es',
    plugins: () => [compiledKernels()],
    rolldownOptions: { checks: CHECKS },
  },
  server: { host: '127.0.0.1', headers: ISOLATION },
  preview: { host: '127.0.0.1', headers: SERVED_HEADERS },
  test: {
    // Ends a hang and nothing else: no test depends on how fast the machine is.
    testTimeout: HANG,
    hookTimeout: HANG,
    // Two cores and software adapters: files in parallel only slow each other down.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          exclude: [ALONE],
          environment: 'node',
          // A process loads a module once, not once for each file.
          isolate: false,
        },
      },
      {
        extends: true,
        // What measures its own heap, which others would fill and empty meanwhile.
        test: { name: 'alone', include: [ALONE], environment: 'node' },
      },
      {
        extends: true,
        test: { name: 'ui', include: ['tests/ui/**/*.test.{ts,tsx}'], environment: 'jsdom' },
      },
      {
        extends: true,
        test: {
          name: 'gpu-node',
          include: ['tests/gpu/**/*.test.ts'],
          setupFiles: ['tests/helpers/device/giveBackDevices.ts'],
          environment: 'node',
          pool: 'forks',
          // One process for all files: one device, and what was compiled for one file is there for the next.
          fileParallelism: false,
          isolate: false,
        },
      },
    ],
  },
});
