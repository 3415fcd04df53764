// Intents of watching latents while they train: which tiles are shown and pinned, one opened large. While the
// page asks, the engine samples; when it stops asking, so does the engine.
import { FIRST_LIVE } from './liveState';
import type { StoreContext } from '../context';
import { settle } from '../problems';

/** Milliseconds between two looks (interface.md 2.2, Live latents). */
export const LOOK_INTERVAL = 2000;
const TILES = 24;

export function makeLiveActions({ api, get, patch }: StoreContext) {
  const isCurrent = (runId: string) => get().train.live.runId === runId;

  /** Asks once; tiles keep their places. */
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
      // Its last words before the run ended are kept.
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
    /** Other latents in the place of those that are not pinned. */
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
    /** Any latent of the run, at any moment; null closes. */
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
