// Intents of a person's notes on latents: load those that were kept, write one, star.
import type { LatentNote } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { NO_NOTES } from './statisticsState';

export function makeNoteActions({ api, get, patch }: StoreContext) {
  async function set(note: LatentNote): Promise<void> {
    const { saeId, byLatent, saving } = get().statistics.notes;
    if (saeId === null) return;
    // Shown immediately; the stored version follows from the engine.
    patch('statistics', 'notes', {
      byLatent: { ...byLatent, [note.latentIndex]: note },
      saving: saving + 1,
      problem: null,
    });
    const outcome = await settle(api.statistics.setNote(saeId, note));
    patch('statistics', 'notes', { saving: get().statistics.notes.saving - 1 });
    if (outcome.ok || get().statistics.notes.saeId !== saeId) return;
    patch('statistics', 'notes', { problem: outcome.problem });
  }

  return {
    set,
    toggleStar: (latentIndex: number) => {
      const note = get().statistics.notes.byLatent[latentIndex] ?? emptyNote(latentIndex);
      return set({ ...note, isStarred: !note.isStarred });
    },
    /** Another tab wrote notes of these SAEs. What is being written here is newer. */
    refresh: async (saeIds: readonly string[]) => {
      const { saeId } = get().statistics.notes;
      if (saeId === null || !saeIds.includes(saeId)) return;
      const outcome = await settle(api.statistics.notes(saeId));
      const now = get().statistics.notes;
      if (!outcome.ok || now.saeId !== saeId) return;
      const stored = Object.fromEntries(outcome.value.map((note) => [note.latentIndex, note]));
      const byLatent = now.saving > 0 ? { ...stored, ...now.byLatent } : stored;
      patch('statistics', 'notes', { byLatent });
    },
    /** Those of an SAE that was just chosen. */
    load: async (saeId: string) => {
      const { saving } = get().statistics.notes;
      patch('statistics', 'notes', { ...NO_NOTES, saeId, saving });
      const outcome = await settle(api.statistics.notes(saeId));
      if (get().statistics.notes.saeId !== saeId) return;
      if (!outcome.ok) {
        patch('statistics', 'notes', { problem: outcome.problem });
        return;
      }
      const loaded = outcome.value.map((note) => [note.latentIndex, note] as const);
      const written = get().statistics.notes.byLatent;
      // A note written meanwhile is newer than the stored one.
      patch('statistics', 'notes', { byLatent: { ...Object.fromEntries(loaded), ...written } });
    },
  };
}

export function emptyNote(latentIndex: number): LatentNote {
  return { latentIndex, label: '', note: '', tags: [], isStarred: false };
}
