// What a link's payload or a file carries: a few dashboards, or one pair of texts, as they were seen by whoever shared
// them. Plain data that can be painted without the model and the SAE. Types and limits only.
import type { HookPoint } from '../activations/hookPoint';
import type { SaeArchitecture } from '../sae/architecture';
import type { LabelGuess } from '../statistics/latentLabel';
import type { LaneName } from '../steer/steeringReport';
import type { Steering } from '../steer/steering';

/** Most of each that is read, and written (interface.md 3). */
export type SharedLimits = {
  features: number;
  /** of one feature */
  examples: number;
  /** of one example, its lead not counted */
  exampleTokens: number;
  /** of one lane */
  laneTokens: number;
  /** of the JSON, once inflated */
  bytes: number;
};

export const LINK_LIMITS: SharedLimits = {
  features: 10,
  examples: 5,
  exampleTokens: 41,
  laneTokens: 256,
  bytes: 256 * 1024,
};

export const FILE_LIMITS: SharedLimits = {
  features: 50,
  examples: 20,
  exampleTokens: 256,
  laneTokens: 4096,
  bytes: 100 * 1024 * 1024,
};

/** Characters of a whole address: above the first, some programs cut links; above the second none is written. */
export const SOFT_LINK = 2000;
export const HARD_LINK = 8000;

type SharedToken = { tokenId: number; text: string; act: number };

export type SharedExample = {
  tokens: SharedToken[];
  /** index in `tokens` of the token for which it was chosen */
  peak: number;
  repeats: number;
  /** token ids from the beginning of its sequence to the first of `tokens`: with them its activations can be computed
   *  again. null: not carried */
  lead: number[] | null;
};

export type SharedLogit = { tokenId: number; text: string; value: number };

export type SharedFeature = {
  latentIndex: number;
  density: number;
  fireCount: number;
  maxAct: number;
  meanAct: number;
  /** tokens on which it was counted */
  tokensSeen: number;
  histogram: { binWidth: number; counts: number[] };
  firesOn: string[];
  label: string;
  note: string;
  guess: LabelGuess | null;
  examples: SharedExample[];
  topLogits: SharedLogit[];
  bottomLogits: SharedLogit[];
};

type SharedSae = {
  /** name~hash */
  saeId: string;
  name: string;
  hookPoint: HookPoint;
  d_sae: number;
  architecture: SaeArchitecture;
  k: number | null;
  /** the text of the statistics; null: the bundled one */
  corpus: string | null;
};

export type SharedLaneToken = {
  tokenId: number;
  text: string;
  /** null: the model did not choose it */
  logProb: number | null;
  /** against the unsteered model, nats; null in the baseline and where it was not measured */
  kl: number | null;
};

export type SharedRequest = {
  prompt: string;
  maxTokens: number;
  temperature: number;
  topK: number;
  seed: number;
  steer: Steering;
};

export type SharedRun = {
  request: SharedRequest;
  prompt: { tokenId: number; text: string }[];
  lanes: Record<LaneName, SharedLaneToken[]>;
};

export type SharedContent = {
  /** version of nanoscope that wrote it */
  app: string;
  /** name~hash of the model; null: unknown */
  model: string | null;
  /** of the features; null: there are none */
  sae: SharedSae | null;
  features: SharedFeature[];
  run: SharedRun | null;
};

/** How much text of their own somebody gives away with it. */
export type CarriedText = { snippets: number; tokens: number };

export function carriedText({ features }: Pick<SharedContent, 'features'>): CarriedText {
  const examples = features.flatMap((feature) => feature.examples);
  const tokens = examples.reduce(
    (sum, example) => sum + example.tokens.length + (example.lead?.length ?? 0),
    0,
  );
  return { snippets: examples.length, tokens };
}

/** The same without a word of the text that was read: numbers, the direct path, and what the person wrote. */
export function withoutText(content: SharedContent): SharedContent {
  const features = content.features.map((feature) => ({
    ...feature,
    examples: [],
    firesOn: [],
    guess: null,
  }));
  const sae = content.sae === null ? null : { ...content.sae, corpus: 'a text kept private' };
  return { ...content, sae, features };
}

/** The same without what stands before each example. */
export function withoutLeads(content: SharedContent): SharedContent {
  const features = content.features.map((feature) => ({
    ...feature,
    examples: feature.examples.map((example) => ({ ...example, lead: null })),
  }));
  return { ...content, features };
}
