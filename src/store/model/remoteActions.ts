// Intents around an address: list it, choose, download and open, stop, delete.
import type { DownloadFacts, ModelSource } from '../../engine/model/api';
import type { StoreContext } from '../context';
import type { ChoiceRef } from './modelChoice';
import { settle } from '../problems';

export function makeRemoteActions(
  context: StoreContext,
  openSource: (source: ModelSource) => Promise<void>,
) {
  const { api, get, patch, jobs } = context;
  let lastListing = 0;
  let lastDownload = 0;

  async function fetchModel(url: string, { folder, step }: ChoiceRef): Promise<void> {
    const own = ++lastDownload;
    patch('model', 'remote', { downloading: url });
    await openSource({ kind: 'url', url, folder, step });
    if (own === lastDownload) patch('model', 'remote', { downloading: null });
  }

  return {
    setAddress: (address: string) => {
      patch('model', 'remote', { address });
    },
    list: async () => {
      const listing = ++lastListing;
      patch('model', 'remote', { listing: { status: 'loading' }, chosen: null });
      const found = await jobs.run('download', (jobId) =>
        settle(api.model.listRemote(get().model.remote.address, jobId)),
      );
      if (listing !== lastListing) return;
      if (!found.ok) {
        patch('model', 'remote', { listing: { status: 'failed', problem: found.problem } });
        return;
      }
      const first = found.value.models.find((model) => model.problem === null);
      patch('model', 'remote', {
        listing: { status: 'ready', value: found.value },
        chosen: first ?? found.value.models[0] ?? null,
      });
    },
    choose: (chosen: ChoiceRef) => {
      patch('model', 'remote', { chosen });
    },
    /** The consent: nothing but the listing was fetched before. */
    download: async () => {
      const { listing, chosen } = get().model.remote;
      if (listing.status === 'ready' && chosen !== null) {
        await fetchModel(listing.value.url, chosen);
      }
    },
    resume: (kept: DownloadFacts) => fetchModel(kept.url, kept),
    cancel: () => {
      lastDownload++;
      patch('model', 'remote', { downloading: null });
      return jobs.cancel('download');
    },
    deleteDownload: (id: string) => api.model.deleteDownload(id),
  };
}
