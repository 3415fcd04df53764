// Every mutated file is refused with a typed error or read correctly; none hangs, takes memory without
// bound or touches a prototype. One file again: npm run bench -- fuzz --target NAME --from N --files 1.
import { beforeAll, describe, expect, it } from 'vitest';
import { describeFinding, describeTally, fuzz, type FuzzReport } from '../../../helpers/fuzz/run';

const SEED = 20260314;
/** Ten thousand files take half a minute of the processor, so `npm run test:long` reads them; here the first quarter of each reader's. */
const IS_LONG = process.env['LONG_TESTS'] !== undefined;
const FILES_PER_TARGET = IS_LONG ? 550 : 140;
const AT_LEAST = IS_LONG ? 10_000 : 2500;

describe('mutated files', () => {
  let report: FuzzReport;
  beforeAll(async () => {
    report = await fuzz({ seed: SEED, filesPerTarget: FILES_PER_TARGET, threads: 2 });
    console.log(report.tallies.map(describeTally).join('\n'));
  });

  it('each ends in a typed error or a correct load', () => {
    expect(report.findings.map(describeFinding)).toEqual([]);
  });

  it('are many, and both ends are seen of every reader', () => {
    const files = report.tallies.reduce((sum, tally) => sum + tally.files, 0);
    expect(files).toBeGreaterThanOrEqual(AT_LEAST);
    for (const { refused, read, target } of report.tallies) {
      expect(read, `${target} read`).toBeGreaterThan(0);
      // A link keeps what it does not understand, and a bad record is listed instead of thrown.
      if (!/^(link|records)/.test(target)) expect(refused, `${target} refused`).toBeGreaterThan(0);
    }
  });
});
