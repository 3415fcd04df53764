// Runs every check and test of the project, one after the other, and closes with "N passed, N failed".
//   node tests/run.mjs            everything (npm test)
//   node tests/run.mjs check      the quick part
//   node tests/run.mjs gpu | e2e  one part, with the browser and driver it needs
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  findBrowser,
  findOrInstallBrowser,
  vulkanLoaderEnvironment,
} from './helpers/findBrowser.mjs';

const RESULTS = 'test-results';
mkdirSync(RESULTS, { recursive: true });

/** @typedef {{ name: string, command: string[], report?: 'vitest' | 'playwright', browser?: boolean }} Step */
/** @type {Record<string, Step>} */
const STEPS = {
  types: { name: 'types', command: ['tsc', '--noEmit'] },
  lint: { name: 'lint', command: ['eslint', '--max-warnings', '0', '.'] },
  format: { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  imports: {
    name: 'imports',
    command: ['depcruise', '--config', 'tests/imports.cjs', 'src', 'bench', 'tests'],
  },
  unused: { name: 'unused code', command: ['knip'] },
  unit: vitest('unit', ['unit', 'ui']),
  gpu: { ...vitest('gpu', ['gpu-node']), browser: true },
  build: { name: 'build', command: ['vite', 'build', '--logLevel', 'warn'] },
  size: { name: 'size', command: ['size-limit'] },
  e2e: {
    name: 'e2e',
    command: ['playwright', 'test', '--reporter=list,json'],
    report: 'playwright',
    browser: true,
  },
};
const PARTS = {
  all: Object.keys(STEPS),
  check: ['types', 'lint', 'format', 'imports', 'unused', 'unit'],
  gpu: ['gpu'],
  e2e: ['build', 'e2e'],
};

/** @param {string} name @param {string[]} projects @returns {Step} */
function vitest(name, projects) {
  return {
    name,
    report: 'vitest',
    command: [
      'vitest',
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(RESULTS, `${name}.json`)}`,
    ],
  };
}

/** Passed and failed tests of one step; a step without a report counts as one test.
 *  @param {Step} step @param {number | null} status */
function count(step, status) {
  const failedStep = { passed: 0, failed: 1, skipped: 0 };
  if (step.report === undefined)
    return status === 0 ? { ...failedStep, passed: 1, failed: 0 } : failedStep;
  /** @type {any} */
  let report;
  try {
    report = JSON.parse(readFileSync(join(RESULTS, `${step.name}.json`), 'utf8'));
  } catch {
    return failedStep; // it died before it could write one
  }
  const counts =
    step.report === 'vitest'
      ? {
          passed: report.numPassedTests,
          failed: report.numFailedTests,
          skipped: report.numPendingTests + report.numTodoTests,
        }
      : {
          passed: report.stats.expected + report.stats.flaky,
          failed: report.stats.unexpected,
          skipped: report.stats.skipped,
        };
  // A file that cannot be loaded fails without failing a test.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

const part = /** @type {keyof typeof PARTS} */ (process.argv[2] ?? 'all');
if (!(part in PARTS)) throw new Error(`part: ${part}; expected ${Object.keys(PARTS).join(', ')}`);

const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
for (const key of PARTS[part]) {
  const step = STEPS[key];
  if (step === undefined) throw new Error(`no step ${key}`);
  const started = Date.now();
  console.log(`\n── ${step.name}`);
  if (step.report) rmSync(join(RESULTS, `${step.name}.json`), { force: true });
  const browser = step.browser ? findOrInstallBrowser() : findBrowser();
  const { status } = spawnSync('npx', ['--no-install', ...step.command, ...process.argv.slice(3)], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      ...(step.report === 'vitest' ? vulkanLoaderEnvironment(browser) : {}),
      ...(browser === null ? {} : { CHROME_PATH: browser }),
      PLAYWRIGHT_JSON_OUTPUT_NAME: join(RESULTS, 'e2e.json'),
    },
  });
  const counts = count(step, status);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const seconds = Math.round((Date.now() - started) / 1000);
  summary.push(
    `${step.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`,
  );
}
console.log(`\n${summary.join('\n')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);
