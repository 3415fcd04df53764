// npm run bench -- fuzz --files N [--seed N] [--target NAME] [--from N] [--threads N]
// Reads N mutated files over all targets (or of one, from file number --from on) and prints what became of
// them. Last line: JSON. Exits with 1 when there are findings.
import { parseArgs } from 'node:util';
import { describeFinding, describeTally, fuzz } from '../tests/helpers/fuzz/run';
import { makeTargets } from '../tests/helpers/fuzz/targets';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      files: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      target: { type: 'string' },
      from: { type: 'string', default: '0' },
      threads: { type: 'string', default: '2' },
    },
  });
  const { target } = values;
  const targets = target === undefined ? (await makeTargets()).length : 1;
  const seed = Number(values.seed);
  const start = performance.now();
  const { tallies, findings } = await fuzz({
    seed,
    filesPerTarget: Math.ceil(Number(values.files) / targets),
    threads: Number(values.threads),
    ...(target === undefined ? {} : { only: { target, from: Number(values.from) } }),
  });
  for (const tally of tallies) console.log(describeTally(tally));
  for (const finding of findings) console.log(describeFinding(finding));
  const files = tallies.reduce((sum, tally) => sum + tally.files, 0);
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(JSON.stringify({ files, seed, seconds, findings: findings.length }));
  if (findings.length > 0) throw new Error(`fuzz: ${findings.length} findings`);
}
