// Intents on a link's `src`: look what is there, fetch it once somebody agreed, leave it.
import { EMPTY_SHARE, type ShareState } from '../../core/share/shareState';
import type { FoundSae } from '../../engine/sae/api';
import type { StoreContext } from '../context';
import { loadableOf } from '../loadable';
import { settle } from '../problems';
import type { SourceState } from './sharingState';

type After = {
  /** Brings the state to what a link says. */
  openLink: (share: ShareState) => void;
  /** Shows what a file carries. */
  showFile: (
    from: string,
    reading: ReturnType<StoreContext['api']['share']['fetchFile']>,
  ) => Promise<void>;
  /** Takes SAEs of other tools into the library, and opens the first. */
  importFound: (found: FoundSae[]) => Promise<void>;
};

export function makeSourceActions(
  context: StoreContext,
  { openLink, showFile, importFound }: After,
) {
  const { api, get, patch, jobs } = context;
  const change = (part: Partial<SourceState>) => {
    const { source } = get().share;
    if (source !== null) patch('share', { source: { ...source, ...part } });
  };

  function leave(): void {
    void jobs.cancel('source');
    patch('share', { source: null });
  }

  async function fetchFolder(source: SourceState, url: string, saeIds: string[]): Promise<void> {
    change({ isFetching: true, problem: null });
    const outcome = await jobs.run('source', (jobId) =>
      settle(api.share.openFolder({ url, saeIds }, jobId)),
    );
    if (get().share.source === null) return;
    if (!outcome.ok) {
      const isCancelled = outcome.problem.kind === 'cancelled';
      change({ isFetching: false, problem: isCancelled ? null : outcome.problem });
      return;
    }
    const first = outcome.value[0]?.saeId ?? null;
    const { view, sae, ...rest } = { ...source.link, source: null };
    const isPlace = view !== null && view !== 'start';
    const place: ShareState = isPlace
      ? { ...rest, view, sae: sae ?? first }
      : { ...EMPTY_SHARE, view: 'explore', sae: first };
    openLink(place);
    patch('share', { source: null });
  }

  async function fetchForeign(url: string, folders: string[]): Promise<void> {
    change({ isFetching: true, problem: null });
    const outcome = await jobs.run('source', (jobId) =>
      settle(api.share.fetchForeign({ url, folders }, jobId)),
    );
    if (get().share.source === null) return;
    if (!outcome.ok) {
      const isCancelled = outcome.problem.kind === 'cancelled';
      change({ isFetching: false, problem: isCancelled ? null : outcome.problem });
      return;
    }
    openLink({ ...EMPTY_SHARE, view: 'explore' });
    patch('share', { source: null });
    await importFound(outcome.value);
  }

  return {
    /** The link names it; nothing is asked of its host yet. */
    ask: (link: ShareState) => {
      const address = link.source;
      if (address === null) return;
      patch('share', {
        received: null,
        source: { address, link, found: { status: 'empty' }, isFetching: false, problem: null },
      });
    },
    look: async () => {
      const { source } = get().share;
      if (source === null) return;
      change({ found: { status: 'loading' }, problem: null });
      const found = await jobs.run('source', (jobId) =>
        settle(api.share.lookAtSource(source.address, jobId)),
      );
      if (get().share.source?.address === source.address) change({ found: loadableOf(found) });
    },
    /** What was agreed to: ids of a published folder's SAEs, folders of other ones. */
    fetch: async (chosen: string[]) => {
      const { source } = get().share;
      if (source?.found.status !== 'ready') return;
      const { value: facts } = source.found;
      if (facts.kind === 'folder') {
        await fetchFolder(source, facts.url, chosen);
        return;
      }
      if (facts.kind === 'foreign') {
        await fetchForeign(facts.url, chosen);
        return;
      }
      patch('share', { source: null });
      await jobs.run('source', (jobId) =>
        showFile(`${facts.name} at ${facts.host}`, api.share.fetchFile(facts.url, jobId)),
      );
    },
    cancel: () => jobs.cancel('source'),
    leave,
  };
}
