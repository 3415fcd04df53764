// Clusters of the decoder directions of an SAE, for the map's colours: a function of the SAE alone, stored
// by its id. With progress and cancel.
import { clusterCount } from '../../core/explore/latentClusters';
import { unitRows } from '../../core/numeric/nearestRows';
import { makeRng } from '../../core/numeric/rng';
import type { SaeParams } from '../../core/sae/sae';
import {
  addCentre,
  assignRows,
  bySize,
  moveCentres,
  startKMeans,
} from '../../core/numeric/sphericalKMeans';
import { makeJobSlot } from '../jobs';
import type { JobId } from '../shared/api';
import type { EngineHosts } from '../hosts';
import { makeKeptBytes } from '../keptBytes';

/** Fixed, so that one SAE has one set of clusters. */
const SEED = 42;
/** It stops when at most this share of the directions changes its cluster, or after a maximum number of
 *  passes. */
const SETTLED = 5e-3;
const PASSES = 100;
/** Multiplications between two yields: about 30 ms. */
const STRETCH = 2 ** 24;

export type LatentClustersHost = {
  /** Number of each latent's cluster, from 1, the largest; 0: no direction. [d_sae] */
  make: (saeId: string, jobId?: JobId) => Promise<Uint8Array>;
};

/** Reports progress; throws to cancel. */
type Tell = (phase: string, done: number) => Promise<void>;

export function createLatentClustersHost(
  hosts: Pick<EngineHosts, 'parts' | 'library' | 'jobs'>,
): LatentClustersHost {
  const { library, parts } = hosts;
  const kept = makeKeptBytes(parts.storage, { facts: 'latent-clusters/', blobs: 'clusters/' });
  library.onDeleted(({ saeId }) => kept.forget(saeId));
  const slot = makeJobSlot(hosts, {
    kind: 'clusters',
    cancelled: 'The clustering was cancelled.',
  });
  return {
    make: (saeId, jobId) =>
      slot.run(jobId, async ({ step }) => {
        const before = await kept.read(saeId);
        if (before !== null) return before;
        const params = await library.params(saeId);
        const clusters = await cluster(params, (phase, done) =>
          step(phase, done, params.d_sae, 'features'),
        );
        await kept.write(saeId, clusters);
        return clusters;
      }),
  };
}

async function cluster(
  { W_dec, d_sae, d_in }: SaeParams,
  tell: Tell,
): Promise<Uint8Array<ArrayBuffer>> {
  const state = startKMeans(unitRows(W_dec, d_sae, d_in), d_sae, d_in);
  const rng = makeRng(SEED);
  const wanted = clusterCount(d_sae);
  for (let made = 0; made < wanted && addCentre(state, rng); made++) {
    await tell('Choosing first centres', 0);
  }
  if (state.centres.length === 0) return new Uint8Array(d_sae);
  const stretch = Math.max(1, Math.floor(STRETCH / state.centres.length));
  for (let pass = 1; pass <= PASSES; pass++) {
    let moved = 0;
    for (let first = 0; first < d_sae; first += stretch) {
      const count = Math.min(stretch, d_sae - first);
      moved += assignRows(state, first, count);
      await tell(`Gathering directions, pass ${pass}`, first + count);
    }
    if (moved <= SETTLED * d_sae) break;
    moveCentres(state);
  }
  return bySize(state);
}
