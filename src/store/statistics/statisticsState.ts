// What statistics of an SAE leave behind besides its table: the pass going on, guessed labels, a person's notes.
import type { LabelGuess } from '../../core/statistics/latentLabel';
import type { Problem } from '../../engine/shared/api';
import type { LatentCard, LatentNote } from '../../engine/statistics/api';

export type LabelState = {
  /** SAE that `guesses`, if any, belong to */
  guessesOf: string | null;
  /** guessed labels by latent index; null: none were made yet, or they are not here yet */
  guesses: readonly LabelGuess[] | null;
  /** SAE whose labels are being guessed */
  guessingSaeId: string | null;
  problem: Problem | null;
};

export type NotesState = {
  saeId: string | null;
  byLatent: Readonly<Record<number, LatentNote>>;
  /** writes that storage has not confirmed yet */
  saving: number;
  problem: Problem | null;
};

/** What cards show of one SAE's latents, as far as it was asked for; of statistics over `tokens`. */
type SaeCards = { tokens: number; byLatent: Readonly<Record<number, LatentCard>> };

export type StatisticsState = {
  /** the SAE whose statistics are being computed, and why the last pass failed */
  counting: { saeId: string | null; problem: Problem | null };
  labels: LabelState;
  notes: NotesState;
  /** per SAE id */
  cards: Readonly<Record<string, SaeCards>>;
};

export const NO_NOTES: NotesState = { saeId: null, byLatent: {}, saving: 0, problem: null };

export const FIRST_STATISTICS: StatisticsState = {
  counting: { saeId: null, problem: null },
  labels: { guessesOf: null, guesses: null, guessingSaeId: null, problem: null },
  notes: NO_NOTES,
  cards: {},
};
