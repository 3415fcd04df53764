// The text that Start shows before model, runtime or statistics have arrived, as it was read when the demo was baked:
// its tokens, the features of each, and what their cards draw. Plain data of public/demo/firstReading.json.
import type { ContextLine } from '../statistics/contextLines';
import type { FeatureName } from '../statistics/featureName';

/** What a feature's card draws, names and lines as everywhere else. */
export type ReadFeature = {
  latentIndex: number;
  name: FeatureName;
  /** firing / counted tokens of the baked statistics */
  density: number;
  maxAct: number;
  /** firing tokens in slices of (0, maxAct] of equal width, weakest first */
  histogram: number[];
  /** strongest first */
  lines: ContextLine[];
};

/** A feature turned up, and what the model wrote with and without. */
export type SteeredText = {
  latentIndex: number;
  /** multiple of the feature's largest activation that is added */
  strength: number;
  prompt: string;
  seed: number;
  /** what follows the prompt */
  without: string;
  with: string;
};

export type FirstReading = {
  version: 1;
  modelId: string;
  saeId: string;
  /** tokens that density and histograms were counted on */
  countedTokens: number;
  text: string;
  /** of the text, without the <|bos|> that was read before them; features strongest first */
  tokens: { text: string; features: { latentIndex: number; act: number }[] }[];
  /** every feature that a token names, by rising index */
  features: ReadFeature[];
  /** null: none was chosen */
  steered: SteeredText | null;
};

/** Whether a parsed file is one of this version; what is inside was written by bench/bakeDemo.ts. */
export function isFirstReading(value: unknown): value is FirstReading {
  if (typeof value !== 'object' || value === null) return false;
  const { version, tokens, features } = value as Partial<FirstReading>;
  return version === 1 && Array.isArray(tokens) && Array.isArray(features);
}
