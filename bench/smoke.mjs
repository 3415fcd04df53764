// node bench/smoke.mjs [NAME…]: the smallest run of every bench (or of those named), as its documented command runs it, in
// a process of its own. Says what each left out, such as peers that need Python; ends with "N passed, N failed".
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BENCHES } from './benches.mjs';

const RUN = join(import.meta.dirname, 'run.mjs');
/** The smallest run of `import` was over after 6 seconds; Node 20 then compiled for 35 more, on two cores, one very large
 *  function of ONNX Runtime that had become hot. V8 counts bytes of code that ran; the default is 1,800,000. */
const LESS_COMPILED = '--wasm-tiering-budget=50000000';
const AT_ONCE = Math.min(2, availableParallelism());

/** Ends with exit code 0 and, last on stdout, a line of JSON. @param {string} name */
async function isSound(name) {
  const started = Date.now();
  const child = spawn(process.execPath, [LESS_COMPILED, RUN, name, '--smoke']);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (errors += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const isRight = code === 0 && isJson(last);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${isRight ? '✓' : '✗'} ${name} (${seconds} s)`);
  for (const line of errors.split('\n').filter((text) => text.startsWith('peer left out'))) {
    console.log(`    skipped: ${line}`);
  }
  if (!isRight) console.log(`exit code ${code}, last line: ${last}\n${errors}`);
  return isRight;
}

/** @param {string} line */
function isJson(line) {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts'));
const unlisted = files.filter((file) => !BENCHES.some(({ name }) => file === `${name}.ts`));
if (unlisted.length > 0) {
  console.log(`not in bench/benches.mjs: ${unlisted.join(', ')}`);
  process.exit(1);
}
const asked = process.argv.slice(2);
const queue = BENCHES.map(({ name }) => name).filter(
  (name) => asked.length === 0 || asked.includes(name),
);
const count = { passed: 0, failed: 0 };
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      count[(await isSound(name)) ? 'passed' : 'failed']++;
    }
  }),
);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
