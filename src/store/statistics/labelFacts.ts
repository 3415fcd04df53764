// What the page knows of guessed labels being made; the guesses themselves are `explore.guesses`.
import type { Problem } from '../../engine/shared/api';

export type LabelSlice = {
  /** SAE whose guesses, if any, are in `explore.guesses` */
  guessesOf: string | null;
  /** SAE whose labels are being guessed */
  guessingSaeId: string | null;
  problem: Problem | null;
};

export const FIRST_LABELS: LabelSlice = {
  guessesOf: null,
  guessingSaeId: null,
  problem: null,
};
