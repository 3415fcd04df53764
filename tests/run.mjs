// Runs the checks and tests of the project, three steps side by side, and closes with the seconds of each, the ten slowest
// tests and "N passed, N failed".
//   node tests/run.mjs            everything (npm test)
//   node tests/run.mjs check      the quick part
//   node tests/run.mjs gpu | e2e | bench | package   one part, with the browser and driver it needs
//   node tests/run.mjs long       what npm test leaves out because it takes minutes (npm run test:long), what npm pack
//                                 makes, which needs two builds and the types, and the library's reference
//   node tests/run.mjs stress | stream     what tests/stress.mjs runs under its conditions
// What follows the part is handed to each of its commands.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  findBrowser,
  findOrInstallBrowser,
  vulkanLoaderEnvironment,
} from './helpers/findBrowser.mjs';
import { countTests, readReport } from './helpers/testReports.mjs';

/** @typedef {import('./helpers/testReports.mjs').Outcome} Outcome */
/** A command of node_modules/.bin, or of Node itself; `report`: which program writes test-results/<name>.json, or 'line'
 *  where the last line of output says "N passed, N failed"; `needs`: the step that must be over before it begins.
 *  @typedef {{ command: string[], report?: 'vitest' | 'playwright' | 'line', browser?: boolean,
 *    env?: Record<string, string>, needs?: string }} Step */

const RESULTS = 'test-results';

/** Tests in which something happens while text streams: their model may be exchanged (tests/helpers/model/streamModel.ts). */
const STREAM_TESTS = ['engine/generate', 'engine/steer', 'engine/text/selfText'].map(
  (path) => `tests/unit/${path}`,
);

/** Where two processes work side by side a second thread of each takes half as much of the processor again for the same
 *  work: ONNX Runtime's threads spin while they wait for each other. */
const ONE_THREAD = { OMP_NUM_THREADS: '1' };

/** Folders of tests that want our kernels and no model. As one process with the others they would still be at work when
 *  every other step is over; what is compiled for these is of no use to those. */
const KERNEL_TESTS = ['kernels', 'sae', 'steer', 'train'].map((folder) => `tests/gpu/${folder}`);

/** @type {Record<string, Step>} */
const STEPS = {
  types: { command: ['tsc', '--noEmit'] },
  lint: { command: ['eslint', '--max-warnings', '0', '.'] },
  format: { command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  imports: {
    command: ['depcruise', '--config', 'tests/imports.cjs', 'src', 'bench', 'tests', 'examples'],
  },
  unused: { command: ['knip'] },
  build: { command: ['vite', 'build', '--logLevel', 'warn'] },
  size: { command: ['size-limit'], needs: 'build' },
  package: { command: ['node', 'tests/package.mjs'], report: 'line', needs: 'build' },
  reference: { command: ['typedoc'] },
  unit: { ...vitest('unit', ['unit', 'alone', 'ui']), env: ONE_THREAD },
  gpu: { ...vitest('gpu', ['gpu-node']), browser: true },
  kernels: { ...vitest('kernels', ['gpu-node'], KERNEL_TESTS), browser: true },
  models: {
    ...vitest(
      'models',
      ['gpu-node'],
      KERNEL_TESTS.map((folder) => `--exclude=${folder}/**`),
    ),
    browser: true,
  },
  e2e: {
    command: ['playwright', 'test', '--reporter=list,json'],
    report: 'playwright',
    browser: true,
    needs: 'build',
  },
  bench: {
    command: ['node', 'bench/smoke.mjs'],
    report: 'line',
    browser: true,
    env: { ...ONE_THREAD, BUILT_PAGE: 'dist' },
    needs: 'build',
  },
  stream: vitest('stream', ['unit'], STREAM_TESTS),
  // Two: Vitest refuses to run projects of another number of workers in one command.
  longGpu: {
    ...vitest('longGpu', ['gpu-node'], ['tests/gpu/train', 'tests/gpu/kernels/dense']),
    browser: true,
    env: { LONG_TESTS: '1' },
  },
  longUnit: {
    ...vitest('longUnit', ['unit'], ['tests/unit/cli/guide', 'tests/unit/formats/fuzz/readers']),
    env: { LONG_TESTS: '1' },
  },
};

/** The steps of a part in the order in which they begin, and how many run at once. Three for two cores: a step waits for a
 *  browser, a disk or its own start for a third of its time. The longest begin first, so that short ones fill what is left
 *  at the end.
 *  @type {Record<string, { steps: string[], atOnce: number }>} */
const PARTS = {
  all: {
    steps: [
      ...['build', 'unit', 'models', 'e2e', 'kernels', 'bench', 'lint'],
      ...['types', 'format', 'imports', 'unused', 'size'],
    ],
    atOnce: 3,
  },
  check: { steps: ['unit', 'lint', 'types', 'format', 'imports', 'unused'], atOnce: 2 },
  gpu: { steps: ['gpu'], atOnce: 1 },
  e2e: { steps: ['build', 'e2e'], atOnce: 1 },
  bench: { steps: ['build', 'bench'], atOnce: 1 },
  package: { steps: ['build', 'package'], atOnce: 1 },
  long: { steps: ['longUnit', 'longGpu', 'build', 'package', 'reference'], atOnce: 1 },
  stress: { steps: ['build', 'unit', 'e2e'], atOnce: 1 },
  stream: { steps: ['stream'], atOnce: 1 },
};

/** @param {string} name @param {string[]} projects
 *  @param {string[]} files paths that a file's must contain one of, or `--exclude=…`; none: all @returns {Step} */
function vitest(name, projects, files = []) {
  return {
    report: 'vitest',
    command: [
      'vitest',
      'run',
      ...files,
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(RESULTS, `${name}.json`)}`,
    ],
  };
}

const part = process.argv[2] ?? 'all';
const chosen = PARTS[part];
if (chosen === undefined) {
  throw new Error(`part: ${part}; expected ${Object.keys(PARTS).join(', ')}`);
}
const { steps, atOnce } = chosen;
mkdirSync(RESULTS, { recursive: true });
const needsBrowser = steps.some((name) => stepOf(name).browser);
const browser = needsBrowser ? findOrInstallBrowser() : findBrowser();
const pagePort = process.env['PLAYWRIGHT_PORT'] ?? String(await findFreePort());

/** Another run, or another program, may have the usual one. @returns {Promise<number>} */
function findFreePort() {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** @param {string} name */
function stepOf(name) {
  const step = STEPS[name];
  if (step === undefined) throw new Error(`no step ${name}`);
  return step;
}

/** Runs one step, its lines marked with its name where two write at once. @param {string} name
 *  @returns {Promise<Outcome>} */
async function run(name) {
  const step = stepOf(name);
  const file = join(RESULTS, `${name}.json`);
  if (step.report) rmSync(file, { force: true });
  const started = Date.now();
  console.log(`── ${name}`);
  let lastLine = '';
  const status = await new Promise((resolve) => {
    const [program = '', ...args] =
      step.command[0] === 'node' ? step.command : ['npx', '--no-install', ...step.command];
    const child = spawn(program, [...args, ...process.argv.slice(3)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      env: {
        ...process.env,
        // Chromium brings its own.
        ...(step.report === 'playwright' ? {} : vulkanLoaderEnvironment(browser)),
        ...(browser === null ? {} : { CHROME_PATH: browser }),
        PLAYWRIGHT_PORT: pagePort,
        PLAYWRIGHT_JSON_OUTPUT_NAME: join(RESULTS, 'e2e.json'),
        ...step.env,
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line !== '') lastLine = line;
        console.log(atOnce > 1 ? `${name.padEnd(7)}│ ${line}` : line);
      });
    }
    child.on('error', (cause) => {
      console.error(`${name}: ${cause.message}`);
      resolve(1);
    });
    child.on('close', resolve);
  });
  const seconds = (Date.now() - started) / 1000;
  console.log(`── ${name}: ${status === 0 ? 'passed' : 'FAILED'} after ${seconds.toFixed(0)} s`);
  const report = readReport(step.report ?? null, { file, lastLine });
  return {
    name,
    seconds,
    ...countTests({ name, seconds, status, hasReport: step.report !== undefined, report }),
  };
}

const started = Date.now();
/** @type {Map<string, Promise<Outcome>>} */
const begun = new Map();

const unfinished = new Set(steps);

/** Runs one step after another. One that needs a step not yet over is left for later, as long as another can begin. */
async function work() {
  for (;;) {
    const waiting = steps.filter((name) => !begun.has(name));
    const [first] = waiting;
    if (first === undefined) return;
    const ready = waiting.find((name) => !unfinished.has(stepOf(name).needs ?? ''));
    const next = ready ?? stepOf(first).needs ?? '';
    if (ready !== undefined) {
      begun.set(
        ready,
        run(ready).finally(() => unfinished.delete(ready)),
      );
    }
    await begun.get(next);
  }
}

await Promise.all(Array.from({ length: atOnce }, work));
const outcomes = await Promise.all(begun.values());

const slowest = outcomes.flatMap(({ tests }) => tests).sort((a, b) => b.seconds - a.seconds);
console.log('\nThe ten slowest tests:');
for (const { seconds, name } of slowest.slice(0, 10)) {
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}
console.log('\nSeconds of each part:');
for (const { name, seconds, passed, failed, skipped } of outcomes) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${seconds.toFixed(0).padStart(7)} s  ${name}: ${counts}`);
}
console.log(`${((Date.now() - started) / 1000).toFixed(0).padStart(7)} s  altogether\n`);

/** @param {'passed' | 'failed' | 'skipped'} key */
const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exit(sum('failed') === 0 ? 0 : 1);
