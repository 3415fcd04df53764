// Intents of watching latents during training: which tiles are shown and pinned, one opened large. The engine
// samples only while the page asks.
import { FIRST_LIVE } from './liveState';
import type { StoreContext } from '../context';
import { settle } from '../problems';

/** Milliseconds between two requests (interface.md 2.2, Live latents). */
export const LOOK_INTERVAL = 2000;
const TILES = 12;

export function makeLiveActions({ api, get, patch }: StoreContext) {
  const isCurrent = (runId: string) => get().train.live.runId === runId;

  /** Asks once; tiles keep their positions. */
  async function look(runId: string): Promise<void> {
    if (!isCurrent(runId)) patch('train', 'live', { ...FIRST_LIVE, runId });
    const { shown, opened } = get().train.live;
    const asked = opened === null || shown.includes(opened) ? shown : [...shown, opened];
    const latentIndices = asked.slice(-TILES);
    const outcome = await settle(
      api.train.live({ runId, latentIndices, fill: TILES - latentIndices.length }),
    );
    if (!isCurrent(runId)) return;
    if (!outcome.ok) {
      // The last state before the run ended is kept.
      if (outcome.problem.field !== 'run') patch('train', 'live', { problem: outcome.problem });
      return;
    }
    const known = get().train.live.shown;
    const told = outcome.value.tiles.map(({ latentIndex }) => latentIndex);
    patch('train', 'live', {
      latest: outcome.value,
      problem: null,
      shown: [...known, ...told.filter((index) => !known.includes(index))].slice(0, TILES),
    });
  }

  return {
    look,
    /** Replaces the latents that are not pinned. */
    refresh: async (runId: string) => {
      patch('train', 'live', { shown: get().train.live.pinned });
      await look(runId);
    },
    togglePin: (latentIndex: number) => {
      const { pinned } = get().train.live;
      const isPinned = pinned.includes(latentIndex);
      patch('train', 'live', {
        pinned: isPinned
          ? pinned.filter((index) => index !== latentIndex)
          : [...pinned, latentIndex],
      });
    },
    /** Opens any latent of the run at any time; null closes it. */
    open: async (latentIndex: number | null) => {
      patch('train', 'live', { opened: latentIndex, logits: null, problem: null });
      const { runId } = get().train.live;
      if (latentIndex === null || runId === null) return;
      const looking = look(runId);
      const outcome = await settle(api.train.liveLogits(runId, latentIndex));
      if (get().train.live.opened === latentIndex && outcome.ok) {
        patch('train', 'live', { logits: outcome.value });
      }
      await looking;
    },
  };
}
