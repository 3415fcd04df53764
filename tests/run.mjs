// Runs the checks and tests of the project in two rows, side by side, and closes with the seconds of each part, the
// ten slowest tests and "N passed, N failed".
//   node tests/run.mjs            everything (npm test)
//   node tests/run.mjs check      the quick part
//   node tests/run.mjs gpu | e2e | bench | package   one part, with the browser and driver it needs
//   node tests/run.mjs long       what npm test leaves out because it takes minutes (npm run test:long), and what
//                                 npm pack makes, which needs two builds and the types
//   node tests/run.mjs stress | stream     what tests/stress.mjs runs under its conditions
// What follows the part is handed to each of its commands.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
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
 *  where the last line of output says "N passed, N failed".
 *  @typedef {{ command: string[], report?: 'vitest' | 'playwright' | 'line', browser?: boolean,
 *    env?: Record<string, string> }} Step */

const RESULTS = 'test-results';

/** Tests in which something happens while text streams: their model may be exchanged (tests/helpers/model/streamModel.ts). */
const STREAM_TESTS = ['engine/generate', 'engine/steer', 'engine/text/selfText'].map(
  (path) => `tests/unit/${path}`,
);

/** Where two processes work side by side a second thread of each takes half as much of the processor again for the same
 *  work: ONNX Runtime's threads spin while they wait for each other. */
const ONE_THREAD = { OMP_NUM_THREADS: '1' };

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
  size: { command: ['size-limit'] },
  package: { command: ['node', 'tests/package.mjs'], report: 'line' },
  unit: { ...vitest('unit', ['unit', 'alone', 'ui']), env: ONE_THREAD },
  gpu: { ...vitest('gpu', ['gpu-node']), browser: true },
  e2e: {
    command: ['playwright', 'test', '--reporter=list,json'],
    report: 'playwright',
    browser: true,
  },
  bench: { command: ['node', 'bench/smoke.mjs'], report: 'line', browser: true, env: ONE_THREAD },
  stream: vitest('stream', ['unit'], STREAM_TESTS),
  long: {
    ...vitest('long', ['gpu-node'], ['tests/gpu/train', 'tests/gpu/kernels/dense']),
    browser: true,
    env: { LONG_TESTS: '1' },
  },
};

/** Rows of a part run side by side, the steps of a row one after the other: a check or a page keeps one core busy,
 *  and while the one row waits, the other works. A step that needs another stands behind it in its row. */
const PARTS = {
  all: [
    // The benches come last: two of them run at once, when the other row leaves its core.
    ['build', 'size', 'types', 'lint', 'format', 'imports', 'unused', 'e2e', 'bench'],
    ['unit', 'gpu'],
  ],
  check: [['types', 'lint', 'format', 'imports', 'unused'], ['unit']],
  gpu: [['gpu']],
  e2e: [['build', 'e2e']],
  bench: [['build', 'bench']],
  package: [['build', 'package']],
  long: [['long', 'build', 'package']],
  stress: [['build', 'unit', 'e2e']],
  stream: [['stream']],
};

/** @param {string} name @param {string[]} projects @param {string[]} files none: all of them @returns {Step} */
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

const part = /** @type {keyof typeof PARTS} */ (process.argv[2] ?? 'all');
if (!(part in PARTS)) throw new Error(`part: ${part}; expected ${Object.keys(PARTS).join(', ')}`);
const rows = PARTS[part];
mkdirSync(RESULTS, { recursive: true });
const needsBrowser = rows.flat().some((name) => stepOf(name).browser);
const browser = needsBrowser ? findOrInstallBrowser() : findBrowser();

/** @param {string} name */
function stepOf(name) {
  const step = STEPS[name];
  if (step === undefined) throw new Error(`no step ${name}`);
  return step;
}

/** Runs one step, its lines marked with its name where two rows write at once. @param {string} name
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
        PLAYWRIGHT_JSON_OUTPUT_NAME: join(RESULTS, 'e2e.json'),
        ...step.env,
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line !== '') lastLine = line;
        console.log(rows.length > 1 ? `${name.padEnd(7)}│ ${line}` : line);
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
const outcomes = (
  await Promise.all(
    rows.map(async (row) => {
      /** @type {Outcome[]} */
      const done = [];
      for (const name of row) done.push(await run(name));
      return done;
    }),
  )
).flat();

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
