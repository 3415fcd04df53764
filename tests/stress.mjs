// Shows that no test depends on how fast the machine is: unit, ui and e2e idle, beside busy loops, on one core; the tests
// on streaming text with a model that takes no time and with a slow one. Prints each run's own report, then one line a run.
//   npm run test:stress            once
//   npm run test:stress -- 3       three times in a row
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const RUN = join(import.meta.dirname, 'run.mjs');
const BUSY_LOOPS = 4;
/** Busy until the process that started it is gone, however that ended. */
const BUSY_LOOP = `const { ppid } = process;
while (process.ppid === ppid) for (let i = 0; i < 1e7; i++);`;
const HAS_TASKSET = spawnSync('taskset', ['--version']).status === 0;

/** @typedef {{ name: string, part: 'stress' | 'stream', busy?: number, prefix?: string[],
 *    env?: Record<string, string>, isImpossible?: boolean }} Stage */
/** @type {Stage[]} */
const STAGES = [
  { name: 'idle', part: 'stress' },
  { name: `beside ${BUSY_LOOPS} busy loops`, part: 'stress', busy: BUSY_LOOPS },
  {
    name: 'on one core',
    part: 'stress',
    prefix: ['taskset', '-c', '0'],
    isImpossible: !HAS_TASKSET,
  },
  { name: 'a model of 0 ms a token', part: 'stream', env: { STREAM_TOKEN_MS: '0' } },
  { name: 'a model of 200 ms a token', part: 'stream', env: { STREAM_TOKEN_MS: '200' } },
];

/** Runs a stage; resolves with whether everything passed. @param {Stage} stage */
async function run({ part, busy = 0, prefix = [], env = {} }) {
  const loops = Array.from({ length: busy }, () => spawn(process.execPath, ['-e', BUSY_LOOP]));
  try {
    const [program = '', ...args] = [...prefix, process.execPath, RUN, part];
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    return (await new Promise((resolve) => child.on('close', resolve))) === 0;
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
  }
}

const rounds = Number(process.argv[2] ?? 1);
if (!(Number.isInteger(rounds) && rounds > 0)) {
  throw new Error(`rounds: ${process.argv[2]}; expected a whole number from 1 on`);
}
const lines = [];
const count = { passed: 0, failed: 0, skipped: 0 };
for (let round = 1; round <= rounds; round++) {
  for (const stage of STAGES) {
    console.log(`\n═══ round ${round} of ${rounds}: ${stage.name}\n`);
    const started = Date.now();
    const outcome = stage.isImpossible ? 'skipped' : (await run(stage)) ? 'passed' : 'failed';
    count[outcome]++;
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    lines.push(`round ${round}, ${stage.name}: ${outcome} (${seconds} s)`);
  }
}
console.log(`\n${lines.join('\n')}\n`);
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
process.exit(count.failed === 0 ? 0 : 1);
