// Intents of links: the one to what is on screen, opening one, giving away what is seen, receiving it.
import { parseShareState, type ShareState } from '../../core/share/shareState';
import { writeShare } from '../../core/share/writeShare';
import type { StoreContext } from '../context';
import { makeGiveActions } from './giveActions';
import { makeReceiveActions } from './receiveActions';
import { applyShare, shareOf } from './shareSync';

export function makeShareActions(context: StoreContext) {
  const { get, set } = context;
  const openLink = (share: ShareState) => set(applyShare(get(), share));
  return {
    /** The link to what is on screen now, and what had no room in it. */
    write: () => writeShare(shareOf(get())),
    /** Brings the state to what a link says. */
    open: (hash: string) => openLink(parseShareState(hash)),
    give: makeGiveActions(context),
    received: makeReceiveActions(context, { openLink }),
  };
}
