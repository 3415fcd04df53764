// Start: the text that is read, the word that was clicked, the feature that was turned up. What is null is as baked.
import type { ActiveLatent } from '../../core/explore/activeText';
import type { FirstReading } from '../../core/explore/firstReading';
import type { Problem } from '../../engine/shared/api';
import type { GenerationRun } from '../generate/generationRun';
import type { TurnedUp } from '../steer/turnedUp';

/** A text with the features that an SAE finds at each of its tokens, strongest first. */
export type StartReading = {
  saeId: string;
  text: string;
  tokens: readonly { text: string; features: readonly ActiveLatent[] }[];
  /** features that fire somewhere in it; null: only the strongest of each token are known */
  featureCount: number | null;
};

export type StartState = {
  /** what shipped with the page; null until it arrived, or if it did not */
  first: FirstReading | null;
  /** it did not arrive: a plain text is read live instead */
  isFirstMissing: boolean;
  /** as typed; null: the bundled text */
  text: string | null;
  /** read in this tab; null: nothing was yet */
  reading: StartReading | null;
  isReading: boolean;
  problem: Problem | null;
  /** index of the chosen token; null: the most telling one */
  token: number | null;
  /** the model writing on */
  writing: GenerationRun | null;
  turned: TurnedUp | null;
};

export const FIRST_START: StartState = {
  first: null,
  isFirstMissing: false,
  text: null,
  reading: null,
  isReading: false,
  problem: null,
  token: null,
  writing: null,
  turned: null,
};
