// Intents of replaying a feature through the training of its SAE.
import type { LatentReplay, Problem } from '../engine/api';
import type { StoreContext } from './context';
import { settle } from './problems';

export type ReplaySlice = {
  /** whose replay it is */
  saeId: string | null;
  latentIndex: number | null;
  loading: boolean;
  value: LatentReplay | null;
  problem: Problem | null;
  /** index of the saved step on screen */
  at: number;
};

export const FIRST_REPLAY: ReplaySlice = {
  saeId: null,
  latentIndex: null,
  loading: false,
  value: null,
  problem: null,
  at: 0,
};

export function makeReplayActions({ api, get, patch }: StoreContext) {
  return {
    /** examples: token ids of the texts that its bids are told on. */
    loadReplay: async (o: { saeId: string; latentIndex: number; examples: number[][] }) => {
      const { saeId, latentIndex } = o;
      patch('replay', { ...FIRST_REPLAY, saeId, latentIndex, loading: true });
      const outcome = await settle(api.replayLatent(o));
      const now = get().replay;
      if (now.saeId !== saeId || now.latentIndex !== latentIndex) return;
      if (!outcome.ok) patch('replay', { loading: false, problem: outcome.problem });
      else {
        const at = Math.max(0, outcome.value.frames.length - 1);
        patch('replay', { loading: false, value: outcome.value, at });
      }
    },
    scrubTo: (at: number) => {
      const frames = get().replay.value?.frames.length ?? 0;
      patch('replay', { at: Math.max(0, Math.min(frames - 1, at)) });
    },
  };
}
