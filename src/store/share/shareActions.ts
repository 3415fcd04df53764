// Intents of links: the one to what is on screen, opening one, giving away what is seen, receiving it.
import { parseShareState, type ShareState } from '../../core/share/shareState';
import { writeShare } from '../../core/share/writeShare';
import type { FoundSae } from '../../engine/sae/api';
import type { StoreContext } from '../context';
import { makeEmbedActions } from './embedActions';
import { makeGiveActions } from './giveActions';
import { makeReceiveActions } from './receiveActions';
import { makeSourceActions } from './sourceActions';
import { applyShare, shareOf } from './shareSync';

/** openModel: the one that was open last, or the demo. importFound: takes SAEs into the library. */
export function makeShareActions(
  context: StoreContext,
  {
    openModel,
    importFound,
  }: {
    openModel: (keptId: string | null) => Promise<void>;
    importFound: (found: FoundSae[]) => Promise<void>;
  },
) {
  const { get, set } = context;
  const openLink = (share: ShareState) => set(applyShare(get(), share));
  const received = makeReceiveActions(context, { openLink });
  const source = makeSourceActions(context, {
    openLink,
    showFile: received.showFile,
    importFound,
  });
  return {
    /** The link to what is on screen now, and what had no room in it. */
    write: () => writeShare(shareOf(get())),
    /** Brings the state to what a link says. */
    open: (hash: string) => openLink(parseShareState(hash)),
    give: makeGiveActions(context),
    received,
    embed: makeEmbedActions(context, { openModel, follow: received.follow }),
    source,
    /** What a link brings along. */
    receive: (hash: string) => {
      const link = parseShareState(hash);
      if (link.source !== null && link.payload === null) source.ask(link);
      received.readLink(hash);
    },
  };
}
