// Intents of the map of latents: lay it out, find its clusters, narrow the table to a part of it.
import type { MapArea, MapKind } from '../../core/share/tableShare';
import type { StoreContext } from '../context';
import { loadableOf } from '../loadable';
import { settle } from '../problems';
import type { ExploreState } from './exploreState';
import type { TableFilter } from './tableFilter';

export function makeMapActions({ api, get, patch, jobs }: StoreContext) {
  const change = (filter: Partial<TableFilter>) =>
    patch('explore', { filter: { ...get().explore.filter, ...filter } });

  async function load(kind: MapKind): Promise<void> {
    const saeId = get().sae.selectedId;
    if (saeId === null || get().explore.maps[kind].status === 'loading') return;
    const put = (map: ExploreState['maps'][MapKind]) =>
      patch('explore', { maps: { ...get().explore.maps, [kind]: map } });
    put({ status: 'loading' });
    const outcome = await jobs.run('map', (jobId) => settle(api.explore.map(saeId, kind, jobId)));
    if (get().sae.selectedId !== saeId) return;
    put(loadableOf(outcome.ok ? { ok: true, value: outcome.value.places } : outcome));
  }

  async function loadClusters(): Promise<void> {
    const saeId = get().sae.selectedId;
    if (saeId === null || ['loading', 'ready'].includes(get().explore.clusters.status)) return;
    patch('explore', { clusters: { status: 'loading' } });
    const outcome = await jobs.run('clusters', (jobId) =>
      settle(api.explore.clusters(saeId, jobId)),
    );
    if (get().sae.selectedId !== saeId) return;
    patch('explore', { clusters: loadableOf(outcome) });
  }

  return {
    load,
    cancel: () => jobs.cancel('map'),
    loadClusters,
    cancelClusters: () => jobs.cancel('clusters'),
    setCluster: (cluster: number | null) => change({ cluster }),
    setArea: (area: MapArea | null) => change({ area }),
    /** An area or a cluster that a link asks for, laid out once there is an SAE. */
    follow: () => {
      const { filter, maps, clusters } = get().explore;
      const { area, cluster } = filter;
      if (area !== null && maps[area.kind].status === 'empty') void load(area.kind);
      if (cluster !== null && clusters.status === 'empty') void loadClusters();
    },
  };
}
