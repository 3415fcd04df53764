// Matches the latents of two SAEs, or of one SAE at two steps of its training, by decoder direction, in stretches,
// with progress and cancel.
import { ConfigError } from '../core/errors';
import { matchLatents, type NearestOf, type SaeMatching } from '../core/matchLatents';
import { nearestRows, unitRows } from '../core/nearestRows';
import type { ComparedSae, SaeComparison } from './api';
import { makeBackgroundJob } from './backgroundJob';
import type { EngineHosts } from './hosts';
import { savedParams } from './savedSae';
import type { SnapshotArchive } from './snapshotArchive';

/** Multiplications between two breaths: some 30 ms. */
const STRETCH = 2 ** 25;

export type ComparisonHost = {
  compare: (saeId: string, other: ComparedSae) => Promise<SaeComparison>;
  cancel: () => void;
};

export function createComparisonHost(
  hosts: Pick<EngineHosts, 'parts' | 'library' | 'turns' | 'emit'> & { snapshots: SnapshotArchive },
): ComparisonHost {
  const { library, snapshots } = hosts;
  const job = makeBackgroundJob(hosts, {
    job: 'comparison',
    cancelled: 'The comparison was cancelled.',
  });
  return {
    cancel: job.cancel,
    compare: (saeId, other) =>
      job.run(async (step) => {
        const facts = await library.get(saeId);
        const otherFacts = await library.get(other.saeId);
        if (facts.d_in !== otherFacts.d_in) {
          throw new ConfigError(
            `${facts.name} reads ${facts.d_in} dimensions and ${otherFacts.name} ${otherFacts.d_in}: their directions cannot be compared. Choose SAEs of models of one width.`,
            'sae',
          );
        }
        const { step: savedStep } = other;
        const total = facts.d_sae + otherFacts.d_sae;
        const matching = await matchParams(
          await library.params(facts.saeId),
          savedStep === null
            ? await library.params(otherFacts.saeId)
            : await savedParams(snapshots, otherFacts, savedStep),
          (done) => step('Matching features', done, total, 'features'),
        );
        return {
          saeId: facts.saeId,
          other: { saeId: otherFacts.saeId, step: savedStep },
          ...matching,
        };
      }),
  };
}

type Directions = { W_dec: Float32Array; d_sae: number; d_in: number };

/** tell: latents of both looked at so far; throws to cancel. */
async function matchParams(
  a: Directions,
  b: Directions,
  tell: (done: number) => Promise<void>,
): Promise<SaeMatching> {
  const rowsA = unitRows(a.W_dec, a.d_sae, a.d_in);
  const rowsB = unitRows(b.W_dec, b.d_sae, b.d_in);
  const here = await nearestOf(rowsA, rowsB, a.d_in, tell);
  const there = await nearestOf(rowsB, rowsA, a.d_in, (done) => tell(a.d_sae + done));
  return matchLatents(here, there);
}

async function nearestOf(
  queries: Float32Array,
  among: Float32Array,
  d: number,
  tell: (done: number) => Promise<void>,
): Promise<NearestOf> {
  const n = among.length / d;
  const total = queries.length / d;
  const query = { queries, among, n, d, k: 1, skipSelf: false };
  const stretch = Math.max(1, Math.floor(STRETCH / among.length));
  const found = { indices: new Int32Array(total), cosines: new Float32Array(total) };
  for (let first = 0; first < total; first += stretch) {
    const part = nearestRows(query, first, Math.min(stretch, total - first));
    found.indices.set(part.indices, first);
    found.cosines.set(part.cosines, first);
    await tell(Math.min(total, first + stretch));
  }
  return found;
}
