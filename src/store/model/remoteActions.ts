// Intents around an address: list it, choose, download and open, stop, delete.
import type { DownloadFacts, ModelSource } from '../../engine/model/api';
import type { StoreContext } from '../context';
import type { ChoiceRef } from '../facts';
import { settle } from '../problems';

export function makeRemoteActions(
  context: StoreContext,
  openSource: (source: ModelSource) => Promise<void>,
) {
  const { api, get, patch, jobs } = context;
  let lastListing = 0;
  let lastDownload = 0;

  async function download(url: string, { folder, step }: ChoiceRef): Promise<void> {
    const own = ++lastDownload;
    patch('remote', { downloading: url });
    await openSource({ kind: 'url', url, folder, step });
    if (own === lastDownload) patch('remote', { downloading: null });
  }

  return {
    setAddress: (address: string) => {
      patch('remote', { address });
    },
    listRemote: async () => {
      const listing = ++lastListing;
      patch('remote', { listing: { status: 'loading' }, chosen: null });
      const found = await jobs.run('download', (jobId) =>
        settle(api.model.listRemote(get().remote.address, jobId)),
      );
      if (listing !== lastListing) return;
      if (!found.ok) {
        patch('remote', { listing: { status: 'failed', problem: found.problem } });
        return;
      }
      const first = found.value.models.find((model) => model.problem === null);
      patch('remote', {
        listing: { status: 'ready', value: found.value },
        chosen: first ?? found.value.models[0] ?? null,
      });
    },
    chooseRemote: (chosen: ChoiceRef) => {
      patch('remote', { chosen });
    },
    /** The consent: nothing but the listing was fetched before. */
    downloadChosen: async () => {
      const { listing, chosen } = get().remote;
      if (listing.status === 'ready' && chosen !== null) await download(listing.value.url, chosen);
    },
    resumeDownload: (kept: DownloadFacts) => download(kept.url, kept),
    cancelDownload: () => {
      lastDownload++;
      patch('remote', { downloading: null });
      return jobs.cancel('download');
    },
    deleteDownload: (id: string) => api.model.deleteDownload(id),
  };
}
