// Clusters of a dictionary whose structure is known: bundles of directions of different sizes.
import { expect, it } from 'vitest';
import { makeRng } from '../../../../src/core/numeric/rng';
import { createLatentClustersHost } from '../../../../src/engine/explore/latentClusters';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { makeOneSaeHosts } from '../../../helpers/sae/oneSaeHosts';

const D_IN = 24;
/** sqrt(32 / 2) = 4 clusters */
const BUNDLE_OF = [12, 10, 7, 3].flatMap((size, bundle) => new Array<number>(size).fill(bundle));
const d_sae = BUNDLE_OF.length;

function bundledRows(): Float32Array {
  const rng = makeRng(1);
  const centres = Array.from({ length: 4 * D_IN }, () => rng.normal());
  return Float32Array.from(
    { length: d_sae * D_IN },
    (_, i) => centres[BUNDLE_OF[Math.floor(i / D_IN)]! * D_IN + (i % D_IN)]! + 0.2 * rng.normal(),
  );
}

function makeHost(storage = createMemoryStorage()) {
  const { hosts, ...told } = makeOneSaeHosts({ W_dec: bundledRows(), d_sae, d_in: D_IN }, storage);
  return { host: createLatentClustersHost(hosts), cancel: hosts.jobs.cancel, ...told };
}

it('finds the bundles, the largest first', async () => {
  const { host } = makeHost();
  expect([...(await host.make('x'))]).toEqual(BUNDLE_OF.map((bundle) => bundle + 1));
});

it('keeps them by SAE across visits, tells progress, and forgets them with the SAE', async () => {
  const storage = createMemoryStorage();
  const { host, events } = makeHost(storage);
  const first = await host.make('x');
  const phases = events.flatMap((event) =>
    event.kind === 'progress' && event.progress !== null ? [event.progress.phase] : [],
  );
  expect(phases).toContain('Choosing first centres');
  expect(phases).toContain('Gathering directions, pass 1');
  expect(events.at(-1)).toEqual({ kind: 'progress', jobId: -1, progress: null });
  const next = makeHost(storage);
  expect([...(await next.host.make('x'))]).toEqual([...first]);
  expect(next.loads.count).toBe(0);
  await next.deleteSae('x');
  await next.host.make('x');
  expect(next.loads.count).toBe(1);
});

it('ends on cancel and keeps nothing', async () => {
  const { host, loads, cancel } = makeHost();
  const made = host.make('x', 7);
  cancel(7);
  await expect(made).rejects.toThrow('The clustering was cancelled.');
  await host.make('x');
  expect(loads.count).toBe(2);
});
