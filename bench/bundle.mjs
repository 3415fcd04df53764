// npm run bench:bundle [-- --out dist-bench --platform linux-x64]: one folder for a machine with a GPU and nothing of ours:
// the steps and the reference job headless, Dawn for that platform, a PyTorch script of the same step, and README.txt.
import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { compiledKernels } from '../wasm/compile.mjs';

const MOST_BYTES = 50e6;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'dist-bench' },
    platform: { type: 'string', default: 'linux-x64' },
  },
});
const { out, platform } = values;
const dawn = dirname(fileURLToPath(import.meta.resolve('webgpu')));
const platforms = readdirSync(join(dawn, 'dist'));
if (!platforms.includes(platform)) {
  console.error(`bench:bundle: --platform is one of ${platforms.join(', ')}`);
  process.exit(2);
}
rmSync(out, { recursive: true, force: true });
await build({
  configFile: false,
  logLevel: 'warn',
  plugins: [compiledKernels()],
  publicDir: false,
  build: {
    ssr: 'bench/bundle/machineBench.ts',
    outDir: out,
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { entryFileNames: 'bench.mjs' } },
  },
  ssr: { noExternal: true, external: ['webgpu'] },
});
const packed = join(out, 'node_modules/webgpu');
mkdirSync(join(packed, 'dist'), { recursive: true });
for (const file of ['package.json', 'index.js', 'LICENSE.md', join('dist', platform)]) {
  cpSync(join(dawn, file), join(packed, file), { recursive: true });
}
cpSync('tests/peers/step_gpu_torch.py', join(out, 'step_gpu_torch.py'));
cpSync('bench/bundle/README.txt', join(out, 'README.txt'));
cpSync('LICENSE', join(out, 'LICENSE'));
const size = bytesOf(out);
console.log(
  `${out}: ${(size / 1e6).toFixed(1)} MB for ${platform}; read ${join(out, 'README.txt')}`,
);
if (size > MOST_BYTES) {
  console.error(`bench:bundle: more than ${MOST_BYTES / 1e6} MB`);
  process.exit(1);
}

/** @param {string} path @returns {number} */
function bytesOf(path) {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
