// What the page knows about one feature being tried out: on the user's text, and switched off in an example.
import type { Problem } from '../../engine/shared/api';
import type { ModelFacts } from '../../engine/model/api';
import type { ExampleToken } from '../../engine/statistics/api';
import type { Ablation, LatentReading } from '../../engine/explore/api';

/** What an answer refers to: another feature or another text makes it stale. */
export type ReadingOf = { saeId: string; latentIndex: number; text: string };

export type AblationView = {
  saeId: string;
  latentIndex: number;
  /** the example's own token list, whose identity says which example's panel is open */
  source: readonly ExampleToken[];
  /** tokens of the last run, with <|bos|>; before that the example's tokens */
  tokens: readonly ExampleToken[];
  /** index in `tokens`; null: everywhere */
  position: number | null;
  running: boolean;
  result: Ablation | null;
  problem: Problem | null;
};

/** The model's next-token probabilities in one text, read once one of its tokens was pointed at. */
export type NextTokens = {
  /** the text's own token list, by identity */
  source: readonly ExampleToken[];
  /** the model and weights that were used: others make it stale */
  model: ModelFacts | null;
  /** ln p of the token after each; null while they are read */
  logProbs: readonly (number | null)[] | null;
  problem: Problem | null;
};

export type ProbeState = {
  /** a read is waiting or running */
  reading: boolean;
  /** the last answer; kept until the next one arrives */
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
