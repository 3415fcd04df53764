// Maps of a dictionary whose structure is known: three bundles of directions.
import { describe, expect, it } from 'vitest';
import { makeRng } from '../../../../src/core/numeric/rng';
import { createLatentMapHost } from '../../../../src/engine/explore/latentMap';
import { makeOneSaeHosts } from '../../../helpers/sae/oneSaeHosts';

const [BUNDLES, SIZE, D_IN] = [3, 40, 24];
const d_sae = BUNDLES * SIZE;

/** Latent i belongs to bundle i % 3. */
function bundledRows(): Float32Array {
  const rng = makeRng(1);
  const centres = Array.from({ length: BUNDLES * D_IN }, () => rng.normal());
  return Float32Array.from(
    { length: d_sae * D_IN },
    (_, i) => centres[(Math.floor(i / D_IN) % BUNDLES) * D_IN + (i % D_IN)]! + 0.2 * rng.normal(),
  );
}

function makeHost() {
  const { hosts, ...told } = makeOneSaeHosts({ W_dec: bundledRows(), d_sae, d_in: D_IN });
  return { host: createLatentMapHost(hosts), cancel: hosts.jobs.cancel, ...told };
}

/** Largest distance within a bundle over the smallest distance between bundles' middles. */
function spread(places: Float32Array): number {
  const middles = Array.from({ length: BUNDLES }, () => [0, 0]);
  for (let i = 0; i < d_sae; i++) {
    for (const axis of [0, 1]) middles[i % BUNDLES]![axis]! += places[2 * i + axis]! / SIZE;
  }
  const apart = (a: number[], b: number[]) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!);
  const within = Array.from({ length: d_sae }, (_, i) =>
    apart([places[2 * i]!, places[2 * i + 1]!], middles[i % BUNDLES]!),
  );
  const between = [apart(middles[0]!, middles[1]!), apart(middles[1]!, middles[2]!)];
  return Math.max(...within) / Math.min(...between, apart(middles[0]!, middles[2]!));
}

// UMAP works for seconds where other tests share the cores.
describe.each(['pca', 'umap'] as const)('%s', (kind) => {
  it('keeps bundles together, inside the unit square, the same every time', async () => {
    const { host } = makeHost();
    const { places } = await host.make('x', kind);
    expect(places).toHaveLength(2 * d_sae);
    expect(Math.min(...places)).toBe(0);
    expect(Math.max(...places)).toBe(1);
    expect(spread(places)).toBeLessThan(0.5);
    const again = await makeHost().host.make('x', kind);
    expect([...again.places]).toEqual([...places]);
  });
});

it('keeps UMAP by SAE, tells progress, and forgets it with the SAE', async () => {
  const { host, events, loads, deleteSae } = makeHost();
  const first = await host.make('x', 'umap');
  const phases = events.flatMap((event) =>
    event.kind === 'progress' && event.progress !== null ? [event.progress.phase] : [],
  );
  expect(new Set(phases)).toEqual(
    new Set(['Finding neighbours', 'Building the graph', 'Laying features out']),
  );
  expect([...(await host.make('x', 'umap')).places]).toEqual([...first.places]);
  expect(loads.count).toBe(1);
  await deleteSae('x');
  await host.make('x', 'umap');
  expect(loads.count).toBe(2);
});

it('ends on cancel, and when a newer map is asked for', async () => {
  const { host, cancel } = makeHost();
  const older = host.make('x', 'umap');
  const newer = host.make('x', 'pca');
  await expect(older).rejects.toThrow('cancelled');
  expect((await newer).kind).toBe('pca');
  const other = host.make('y', 'umap', 7);
  cancel(7);
  await expect(other).rejects.toThrow('cancelled');
});
