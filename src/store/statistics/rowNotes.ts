// The user's notes about latents, indexed for the table.
import { memoLast } from '../../core/memoLast';
import type { LatentNote } from '../../engine/statistics/api';

export type RowNotes = ReadonlyMap<number, LatentNote>;

/** The same map while the notes are the same. */
export const rowNotes = memoLast(
  (byLatent: Readonly<Record<number, LatentNote>>): RowNotes =>
    new Map(Object.values(byLatent).map((note) => [note.latentIndex, note])),
);
