// Intents of links: the one to what is on screen, and opening one.
import { parseShareState } from '../../core/share/shareState';
import { writeShare } from '../../core/share/writeShare';
import type { StoreContext } from '../context';
import { applyShare, shareOf } from './shareSync';

export function makeShareActions({ get, set }: StoreContext) {
  return {
    /** The link to what is on screen now, and what had no room in it. */
    write: () => writeShare(shareOf(get())),
    /** Brings the state to what a link says. */
    open: (hash: string) => set(applyShare(get(), parseShareState(hash))),
  };
}
