// Matches the latents of two SAEs, or of one SAE at two steps of its training, by decoder direction, in
// stretches, with progress and cancel; and finds the closest of another SAE to one latent.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { matchLatents, type NearestOf, type SaeMatching } from '../../core/explore/matchLatents';
import { nearestRows, unitRows } from '../../core/numeric/nearestRows';
import { decoderRow } from '../../core/sae/latentWeights';
import { NEIGHBOURS } from '../../core/statistics/saeStatistics';
import type { NeighbourLatent } from '../statistics/api';
import type { ComparedSae, SaeComparison } from './api';
import { makeJobSlot } from '../jobs';
import type { JobId } from '../shared/api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { firesOnOf } from '../statistics/dashboard';
import type { EngineHosts } from '../hosts';
import { savedParams } from '../sae/savedSae';
import type { SnapshotArchive } from '../sae/snapshotArchive';

/** Multiplications between two yields: about 30 ms. */
const STRETCH = 2 ** 25;

export type ComparisonHost = {
  compare: (saeId: string, other: ComparedSae, jobId?: JobId) => Promise<SaeComparison>;
  /** Throws ConfigError for a latent that does not exist and for SAEs of different widths. */
  neighboursIn: (o: {
    saeId: string;
    latentIndex: number;
    otherId: string;
  }) => Promise<NeighbourLatent[]>;
};

export function createComparisonHost(
  hosts: Pick<EngineHosts, 'library' | 'jobs'> & { snapshots: SnapshotArchive },
): ComparisonHost {
  const { library, snapshots } = hosts;
  const slot = makeJobSlot(hosts, {
    kind: 'comparison',
    cancelled: 'The comparison was cancelled.',
  });
  const openBoth = async (saeId: string, otherId: string) => {
    const facts = await library.get(saeId);
    const otherFacts = await library.get(otherId);
    if (facts.d_in === otherFacts.d_in) return { facts, otherFacts };
    throw new ConfigError(
      `${facts.name} reads ${facts.d_in} dimensions and ${otherFacts.name} ${otherFacts.d_in}: their directions cannot be compared. Choose SAEs of models of one width.`,
      'sae',
    );
  };
  return {
    async neighboursIn({ saeId, latentIndex, otherId }) {
      const { facts, otherFacts } = await openBoth(saeId, otherId);
      checkLatentIndex(latentIndex, facts.d_sae);
      const params = await library.params(facts.saeId);
      const d = params.d_in;
      const { W_dec: others, d_sae: n } = await library.params(otherFacts.saeId);
      const own = unitRows(decoderRow(params, latentIndex), 1, d);
      const query = { queries: own, among: unitRows(others, n, d), n, d };
      const { indices, cosines } = nearestRows({ ...query, k: NEIGHBOURS, skipSelf: false }, 0, 1);
      const statistics = await library.statistics(otherFacts.saeId);
      return Array.from(indices, (other, i) => ({
        latentIndex: other,
        firesOn: statistics === null || other < 0 ? null : firesOnOf(statistics, other),
        cosine: elementAt(cosines, i),
      })).filter(({ cosine }) => cosine > 0);
    },
    compare: (saeId, other, jobId) =>
      slot.run(jobId, async ({ step }) => {
        const { facts, otherFacts } = await openBoth(saeId, other.saeId);
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

/** tell: latents of both processed so far; throws to cancel. */
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
