// Lays out the decoder directions of an SAE in the plane: PCA immediately, UMAP on request, stored by SAE
// id. Both are functions of the SAE alone. A newer request ends the older one; with progress and cancel.
import { ConfigError } from '../../core/errors';
import { nearestRows, unitRows } from '../../core/numeric/nearestRows';
import { fitPlaces, placesOf, startPca, stepPca } from '../../core/numeric/pca';
import { makeRng } from '../../core/numeric/rng';
import type { SaeParams } from '../../core/sae/sae';
import type { MapKind } from '../../core/share/tableShare';
import type { LatentMap } from './api';
import { makeJobSlot } from '../jobs';
import type { JobId } from '../shared/api';
import type { EngineHosts } from '../hosts';
import { makeKeptBytes } from '../keptBytes';

/** Most passes; two or three are enough if the spectrum falls off. */
const PCA_STEPS = 60;
const PCA_TOLERANCE = 1e-7;
/** umap-learn's defaults; the seed is fixed, so that one SAE has one map. */
const NEIGHBOURS = 15;
const SEED = 42;
/** Multiplications between two yields of the neighbour search: about 30 ms. */
const STRETCH = 2 ** 25;

export type LatentMapHost = {
  make: (saeId: string, kind: MapKind, jobId?: JobId) => Promise<LatentMap>;
};

/** Reports progress; throws to cancel. */
type Tell = (phase: string, done: number, total: number) => Promise<void>;

export function createLatentMapHost(hosts: EngineHosts): LatentMapHost {
  const { library, parts } = hosts;
  const kept = makeKeptBytes(parts.storage, { facts: 'latent-map/', blobs: 'map-places/' });
  library.onDeleted(({ saeId }) => kept.forget(saeId));
  const slot = makeJobSlot(hosts, { kind: 'map', cancelled: 'The map was cancelled.' });

  const compute = async (saeId: string, kind: MapKind, tell: Tell): Promise<Float32Array> => {
    if (kind === 'pca') return layOutPca(await library.params(saeId), tell);
    const before = await kept.read(saeId);
    if (before !== null) return new Float32Array(before.slice().buffer);
    const places = await layOutUmap(await library.params(saeId), tell);
    await kept.write(saeId, new Uint8Array(places.slice().buffer));
    return places;
  };

  return {
    make: (saeId, kind, jobId) =>
      slot.run(jobId, async ({ step }) => {
        const tell: Tell = (phase, done, total) => step(phase, done, total, 'features');
        return { kind, places: await compute((await library.get(saeId)).saeId, kind, tell) };
      }),
  };
}

async function layOutPca({ W_dec, d_sae, d_in }: SaeParams, tell: Tell): Promise<Float32Array> {
  const state = startPca(W_dec, d_sae, d_in);
  for (let step = 0; step < PCA_STEPS; step++) {
    await tell(`Finding the widest directions, pass ${step + 1}`, 0, d_sae);
    if (stepPca(state) < PCA_TOLERANCE) break;
  }
  return fitPlaces(placesOf(state));
}

async function layOutUmap({ W_dec, d_sae, d_in }: SaeParams, tell: Tell): Promise<Float32Array> {
  if (d_sae <= NEIGHBOURS + 1) {
    throw new ConfigError(
      `UMAP needs more than ${NEIGHBOURS + 1} features: this SAE has ${d_sae}. Use PCA.`,
    );
  }
  const { indices, distances } = await neighbourLists(W_dec, d_sae, d_in, tell);
  // Its own chunk, loaded only when UMAP is requested.
  const { UMAP } = await import('umap-js');
  const rng = makeRng(SEED);
  const umap = new UMAP({ nNeighbors: NEIGHBOURS, random: () => rng.next() });
  umap.setPrecomputedKNN(indices, distances);
  await tell('Building the graph', 0, d_sae);
  // With given neighbours, only the number of rows matters.
  const epochs = umap.initializeFit(Array.from({ length: d_sae }, () => [0]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    await tell('Laying features out', Math.floor((epoch * d_sae) / epochs), d_sae);
  }
  return fitPlaces(Float32Array.from(umap.getEmbedding().flat()));
}

/** Per latent itself, then its nearest by cosine; distances 1 − cosine. */
async function neighbourLists(W_dec: Float32Array, n: number, d: number, tell: Tell) {
  const among = unitRows(W_dec, n, d);
  const k = NEIGHBOURS - 1;
  const query = { queries: among, among, n, d, k, skipSelf: true };
  const stretch = Math.max(1, Math.floor(STRETCH / (n * d)));
  const indices: number[][] = [];
  const distances: number[][] = [];
  for (let first = 0; first < n; first += stretch) {
    const count = Math.min(stretch, n - first);
    const found = nearestRows(query, first, count);
    for (let q = 0; q < count; q++) {
      const cosines = found.cosines.subarray(q * k, (q + 1) * k);
      indices.push([first + q, ...found.indices.subarray(q * k, (q + 1) * k)]);
      distances.push([0, ...Array.from(cosines, (cosine) => Math.max(0, 1 - cosine))]);
    }
    await tell('Finding neighbours', first + count, n);
  }
  return { indices, distances };
}
