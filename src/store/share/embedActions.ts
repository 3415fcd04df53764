// Intents of a page that stands in another one: what it shows, and what it does on a click.
import { formatShareState, parseShareState } from '../../core/share/shareState';
import type { StoreContext } from '../context';
import { modelToOpen } from '../lastOpen';

/** openModel: a kept one, or the demo. */
export function makeEmbedActions(
  { env, get, patch }: StoreContext,
  o: { openModel: (keptId: string | null) => Promise<void>; follow: () => void },
) {
  return {
    /** As the page begins: what it is then, it stays. */
    begin: () => {
      const { isEmbedded, hide, runsAtOnce } = parseShareState(env.readHash());
      if (!isEmbedded) return;
      // A stranger's page does not make visitors load a model.
      patch('share', { embed: { hide: hide ?? [], isLive: runsAtOnce && !env.isFramedByOthers } });
    },
    /** Somebody asked for the model: what is seen is computed again. */
    goLive: () => {
      const { embed } = get().share;
      if (embed === null) return;
      patch('share', { embed: { ...embed, isLive: true } });
      void o.openModel(modelToOpen(env));
      o.follow();
    },
    /** The hash of the same on a page of its own. */
    liveHash: () => {
      const link = parseShareState(env.readHash());
      return formatShareState({ ...link, isEmbedded: false, hide: null, runsAtOnce: false });
    },
  };
}
