// What Vitest's and Playwright's JSON reports say: how many tests passed, and how long each took. Runs nothing.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** @typedef {{ name: string, seconds: number }} TimedTest */
/** @typedef {{ passed: number, failed: number, skipped: number, tests: TimedTest[] }} Report */
/** @typedef {Report & { name: string, seconds: number }} Outcome */

/** The report in `file` or in the last line, or null where there is none: not asked for, or the program died before.
 *  @param {'vitest' | 'playwright' | 'line' | null} kind @param {{ file: string, lastLine: string }} from
 *  @returns {Report | null} */
export function readReport(kind, { file, lastLine }) {
  if (kind === null) return null;
  if (kind === 'line') return readLine(lastLine);
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return kind === 'vitest' ? readVitest(report) : readPlaywright(report);
  } catch {
    return null;
  }
}

/** @param {string} line @returns {Report | null} */
function readLine(line) {
  const counts = /^(\d+) passed, (\d+) failed/.exec(line);
  if (counts === null) return null;
  return { passed: Number(counts[1]), failed: Number(counts[2]), skipped: 0, tests: [] };
}

/** @param {any} report @returns {Report} */
function readVitest(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    tests: report.testResults.flatMap((/** @type {any} */ file) =>
      file.assertionResults.map((/** @type {any} */ test) => ({
        name: `${relative('.', file.name)} › ${test.fullName}`,
        seconds: (test.duration ?? 0) / 1000,
      })),
    ),
  };
}

/** @param {any} report @returns {Report} */
function readPlaywright(report) {
  return {
    passed: report.stats.expected + report.stats.flaky,
    failed: report.stats.unexpected,
    skipped: report.stats.skipped,
    tests: report.suites.flatMap((/** @type {any} */ suite) => timesOf(suite)),
  };
}

/** @param {any} suite @returns {TimedTest[]} */
function timesOf(suite) {
  const own = (suite.specs ?? []).map((/** @type {any} */ spec) => ({
    name: `tests/e2e/${spec.file} › ${spec.title}`,
    seconds:
      spec.tests
        .flatMap((/** @type {any} */ test) => test.results)
        .reduce((/** @type {number} */ sum, /** @type {any} */ r) => sum + r.duration, 0) / 1000,
  }));
  return [...own, ...(suite.suites ?? []).flatMap(timesOf)];
}

/** Counts of one step; a step without a report counts as one test.
 *  @param {{ name: string, seconds: number, status: number | null, hasReport: boolean, report: Report | null }} o
 *  @returns {Report} */
export function countTests({ name, seconds, status, hasReport, report }) {
  if (!hasReport || report === null) {
    const failed = hasReport || status !== 0 ? 1 : 0;
    return { passed: 1 - failed, failed, skipped: 0, tests: [{ name, seconds }] };
  }
  // A file that cannot be loaded fails without failing a test.
  return { ...report, failed: status !== 0 ? Math.max(1, report.failed) : report.failed };
}
