// Intents on what was received: read it, compute it again as soon as model and SAE are here, open it live, put it away.
import { compareLanes } from '../../core/share/compareShared';
import { visibleText } from '../../core/text/visibleText';
import { EMPTY_SHARE, parseShareState, type ShareState } from '../../core/share/shareState';
import type { ModelFile, Outcome } from '../../engine/shared/api';
import type { SharedContent } from '../../core/share/sharedContent';
import type { StoreContext } from '../context';
import { beginGeneration } from '../generate/generation';
import { loadableOf } from '../loadable';
import { settle } from '../problems';
import { recipeOf } from './sharedRun';
import { checkBlock, receivedContent, sameSae } from './sharingSelectors';
import type { Received } from './sharingState';

/** openLink: brings the state to what a link says. */
export function makeReceiveActions(
  context: StoreContext,
  { openLink }: { openLink: (share: ShareState) => void },
) {
  const { api, get, patch, jobs } = context;

  async function show(
    received: Omit<Received, 'content'>,
    reading: Promise<Outcome<SharedContent>>,
  ): Promise<void> {
    const shown: Received = { ...received, content: { status: 'loading' } };
    patch('share', { received: shown, check: { kind: 'none' }, run: null });
    const content = loadableOf(await settle(reading));
    // Put away meanwhile, or another came.
    if (get().share.received !== shown) return;
    patch('share', { received: { ...shown, content } });
    follow();
  }

  /** Computes it again as soon as it can be, once. */
  function follow(): void {
    const content = receivedContent(get());
    if (content === null || get().share.check.kind !== 'none') return;
    if (get().share.embed?.isLive === false) return;
    if (checkBlock(get(), content) === null) void check();
  }

  async function check(): Promise<void> {
    const content = receivedContent(get());
    if (content === null || checkBlock(get(), content) !== null) return;
    patch('share', { check: { kind: 'running' }, run: null });
    const { received } = get().share;
    const isStale = () => get().share.received !== received;
    if (content.run !== null) {
      const place = {
        get: () => get().share.run,
        set: (run: NonNullable<ReturnType<typeof get>['share']['run']>) => patch('share', { run }),
      };
      const problem = await beginGeneration(context, place, content.run.request);
      if (isStale()) return;
      if (problem !== null) {
        patch('share', { check: { kind: 'failed', problem } });
        return;
      }
      await context.until(({ share }) => share.run?.running !== true);
      const { run } = get().share;
      if (isStale() || run === null) return;
      const isEnded = run.reason !== 'stop' && run.reason !== 'lost';
      patch('share', {
        check: isEnded
          ? { kind: 'lanes', verdict: compareLanes(content.run.lanes, run.lanes) }
          : { kind: 'none' },
      });
      return;
    }
    const outcome = await jobs.run('reproduction', (jobId) =>
      settle(api.share.checkFeatures(content, jobId)),
    );
    if (isStale()) return;
    patch('share', {
      check: outcome.ok
        ? { kind: 'acts', verdict: outcome.value }
        : { kind: 'failed', problem: outcome.problem },
    });
  }

  function putAway(): void {
    if (get().share.received === null) return;
    void jobs.cancel('reproduction');
    patch('share', { received: null, check: { kind: 'none' }, run: null });
  }

  return {
    showFile: (from: string, reading: Promise<Outcome<SharedContent>>) =>
      show({ from, link: null }, reading),
    /** Of a link that carries something. */
    readLink: (hash: string) => {
      const link = parseShareState(hash);
      if (get().share.source !== null && link.source === null) patch('share', { source: null });
      if (link.payload === null) {
        putAway();
        return;
      }
      void show({ from: 'a link', link }, api.share.readLink(link.payload));
    },
    readFile: (file: ModelFile) =>
      show(
        { from: visibleText(file.path.slice(file.path.lastIndexOf('/') + 1)), link: null },
        api.share.readFile(file),
      ),
    follow,
    check,
    cancelCheck: () => Promise.all([jobs.cancel('reproduction'), jobs.cancel('generation')]),
    putAway,
    /** The SAE's own dashboard of a shared feature, or the shared texts' settings on Steer. */
    openLive: (latentIndex: number | null) => {
      const content = receivedContent(get());
      if (content === null) return;
      const recipe = recipeOf(content);
      const sae = content.sae === null ? null : sameSae(get(), content.sae.saeId);
      if (recipe !== null) openLink(recipe);
      else if (sae !== null) {
        openLink({ ...EMPTY_SHARE, view: 'explore', sae: sae.saeId, feature: latentIndex });
      }
      // What waits in the link is taken up once it is put away.
      putAway();
    },
  };
}
