// What the page knows of one feature tried out: on the visitor's text, and switched off in an example.
import type { Problem } from '../../engine/shared/api';
import type { ModelFacts } from '../../engine/model/api';
import type { ExampleToken } from '../../engine/statistics/api';
import type { Ablation, LatentReading } from '../../engine/explore/api';

/** Whom an answer is about: another feature or another text makes it stale. */
export type ReadingOf = { saeId: string; latentIndex: number; text: string };

export type AblationView = {
  saeId: string;
  latentIndex: number;
  /** the example's own token list, by identity: tells which example's panel is open */
  source: readonly ExampleToken[];
  /** as they were run last, with <|bos|>; before that the example's */
  tokens: readonly ExampleToken[];
  /** index in `tokens`; null: everywhere */
  position: number | null;
  running: boolean;
  result: Ablation | null;
  problem: Problem | null;
};

/** What the model made of the tokens that follow in one text, once one of them was pointed at. */
export type NextTokens = {
  /** the text's own token list, by identity */
  source: readonly ExampleToken[];
  /** who was asked: another model, or other weights of this one, makes it stale */
  model: ModelFacts | null;
  /** ln p of the token after each; null while they are read */
  logProbs: readonly (number | null)[] | null;
  problem: Problem | null;
};

export type ProbeState = {
  /** a read is waiting or going on */
  reading: boolean;
  /** the last answer; stays while the next one is on its way */
  answer: { of: ReadingOf; value: LatentReading } | null;
  problem: Problem | null;
  ablation: AblationView | null;
  next: NextTokens | null;
};

export const FIRST_PROBE: ProbeState = {
  reading: false,
  answer: null,
  problem: null,
  ablation: null,
  next: null,
};
