// Intents of replaying a feature through the training of its SAE.
import { FIRST_REPLAY } from './replayState';
import type { StoreContext } from '../context';
import { settle } from '../problems';

export function makeReplayActions({ api, get, patch }: StoreContext) {
  return {
    /** examples: token ids of the texts on which its bids are computed. */
    load: async (o: { saeId: string; latentIndex: number; examples: number[][] }) => {
      const { saeId, latentIndex } = o;
      patch('explore', 'replay', { ...FIRST_REPLAY, saeId, latentIndex, loading: true });
      const outcome = await settle(api.explore.replay(o));
      const now = get().explore.replay;
      if (now.saeId !== saeId || now.latentIndex !== latentIndex) return;
      if (!outcome.ok) patch('explore', 'replay', { loading: false, problem: outcome.problem });
      else {
        const at = Math.max(0, outcome.value.frames.length - 1);
        patch('explore', 'replay', { loading: false, value: outcome.value, at });
      }
    },
    scrubTo: (at: number) => {
      const frames = get().explore.replay.value?.frames.length ?? 0;
      patch('explore', 'replay', { at: Math.max(0, Math.min(frames - 1, at)) });
    },
  };
}
