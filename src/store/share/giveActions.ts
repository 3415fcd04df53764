// Intents of giving something away: the link to what is on screen, with or without what is seen there, and the same as a
// file.
import {
  FILE_LIMITS,
  HARD_LINK,
  withoutText,
  type SharedContent,
} from '../../core/share/sharedContent';
import { formatShareState } from '../../core/share/shareState';
import { writeShare } from '../../core/share/writeShare';
import type { Outcome } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { visibleRows } from '../explore/latentOrder';
import { settle } from '../problems';
import { selectedSae } from '../sae/saeSelectors';
import { recipeOf, runBlock, runContent } from './sharedRun';
import { shareOf } from './shareSync';
import type { AppState } from '../state';

export type FullLink = {
  /** with its `#` */
  hash: string;
  /** what of the content had room */
  carried: SharedContent;
};

/** The open one, or those of the list, in its order: as many as a file carries. */
function shownLatents(state: AppState): number[] {
  const { latentIndex } = state.explore;
  if (!state.share.isOfList) return latentIndex === null ? [] : [latentIndex];
  return visibleRows(state)
    .slice(0, FILE_LIMITS.features)
    .map((row) => row.latentIndex);
}

/** Features of the list that Share is about; 0: it is not about a list. */
export function listedToShare(state: AppState): number {
  return state.share.isOfList ? visibleRows(state).length : 0;
}

export function makeGiveActions({ api, get, patch, jobs }: StoreContext) {
  return {
    /** isOfList: about what Explore lists, not about the feature that is open. */
    openDialog: (isDialogOpen: boolean, isOfList = false) =>
      patch('share', { isDialogOpen, isOfList }),
    /** The dialog that publishes these SAEs; null closes it. */
    choosePublished: (publishing: readonly string[] | null) =>
      patch('share', { publishing, isDialogOpen: false }),
    publish: (o: { saeIds: string[]; withText: boolean; as: 'zip' | 'files' }) =>
      jobs.run('publishing', (jobId) => settle(api.share.publish(o, jobId))),
    cancelPublishing: () => jobs.cancel('publishing'),
    /** What is on screen: the open feature, the first of the list, or the texts on Steer. A problem where there is
     *  nothing to carry. */
    collect: async (into: 'link' | 'file'): Promise<Outcome<SharedContent>> => {
      const state = get();
      if (state.shell.view === 'steer') {
        const { run } = state.steer;
        const why = runBlock(run, into);
        const facts = { app: '', model: state.model.open?.id ?? null };
        const content = why === null ? runContent(run, facts) : null;
        if (content !== null) return { ok: true, value: content };
        const wayOut = 'The plain link opens the same settings.';
        return { ok: false, problem: { kind: 'config', what: why ?? '', wayOut, field: null } };
      }
      const sae = selectedSae(state);
      const latentIndices = shownLatents(state);
      if (sae === null || latentIndices.length === 0) {
        const what = 'No feature is open, and none is listed.';
        return { ok: false, problem: { kind: 'config', what, wayOut: 'Open one.', field: null } };
      }
      return settle(api.share.collect({ saeId: sae.saeId, latentIndices, into }));
    },
    /** base: the page's address without its hash, for the length of the whole. null: longer than any link that is
     *  written. */
    link: async (
      content: SharedContent,
      o: { base: string; keepsText: boolean },
    ): Promise<Outcome<FullLink | null>> => {
      const given = o.keepsText ? content : withoutText(content);
      const share = recipeOf(content) ?? { ...shareOf(get()), text: null };
      const { hash } = writeShare(share);
      const room = HARD_LINK - o.base.length - hash.length - '&p='.length;
      const packed = await settle(api.share.packLink(given, room));
      if (!packed.ok) return packed;
      if (packed.value === null) return { ok: true, value: null };
      const { payload, content: carried } = packed.value;
      return { ok: true, value: { hash: formatShareState({ ...share, payload }), carried } };
    },
    file: (content: SharedContent, keepsText: boolean) =>
      settle(api.share.packFile(keepsText ? content : withoutText(content))),
  };
}
