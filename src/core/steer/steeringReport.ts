// What steering reports: readouts of a token, features of a token, dose and response, vectors. Types only.
import type { HookPoint } from '../activations/hookPoint';

export type LaneName = 'baseline' | 'steered';

/** Of the lane's own distribution at temperature 1, before top-k. Natural logs. */
export type TokenChoice = {
  logProb: number;
  /** 1: the most likely */
  rank: number;
  /** nats */
  entropy: number;
  /** the five most likely, most likely first */
  top: { tokenId: number; text: string; logProb: number }[];
};

/** Of one hook in one step; the step of token 0 reads the whole prompt. */
export type EditReadout = {
  hook: HookPoint;
  /** ‖Δ‖ / ‖h‖ at the position whose logits chose the token */
  relativeNorm: number;
  /** ‖Δ‖ there, residual units */
  norm: number;
  /** mean ‖Δ‖ / ‖h‖ over the edited positions of this step */
  meanRelativeNorm: number;
  /** edited positions, and those that the clip shortened, of this step */
  editedRows: number;
  clippedRows: number;
};

/** One slot at the position whose logits chose the token. null: not edited there, or (a TopK SAE) only
 *  available when the whole code is computed: a mode that reads it, or `streamLatents`. */
export type SlotReadout = {
  /** f_i (a vector: h·v̂) before and, encoded again, after the edit */
  before: number | null;
  achieved: number | null;
};

/** null if no unsteered model runs beside it, or the token was forced. */
export type SteeredReadout = {
  /** Σ p·ln(p/q), nats; p: the unsteered model on the same context, q: this lane */
  kl: number | null;
  /** −ln p of the token, nats */
  surprise: number | null;
  edits: EditReadout[];
  /** in the order of the slots */
  slots: SlotReadout[];
};

export type LatentAct = { latentIndex: number; act: number };

/** The strongest latents of one token of one lane, as read from the (steered) model. */
export type TokenLatents = {
  lane: LaneName;
  saeId: string;
  hook: HookPoint;
  /** place in the whole text, 0 is <|bos|> */
  position: number;
  latents: LatentAct[];
};

export type VectorFacts = {
  /** v-<first 8 hex of a hash of its values> */
  vectorId: string;
  name: string;
  /** the hook point where it was made or is meant for; null: unknown */
  hook: HookPoint | null;
  d_in: number;
  /** its norm before it was scaled to a unit vector: 1 × raw adds the unit vector */
  norm: number;
  origin: 'prompts' | 'file' | 'decoder';
};

/** What the dials need to know of a slot's target. */
export type SlotScale = {
  slotId: string;
  hook: HookPoint;
  /** A_i; null: no statistics, or a vector */
  maxAct: number | null;
  /** R_L: median ‖h‖ of non-special tokens at the hook */
  medianNorm: number;
};

export type SteeringCheck = {
  scales: SlotScale[];
  /** warnings as sentences: nearly equal directions, strengths beyond half the typical norm */
  warnings: string[];
};

/** Surprise of a few short texts at one strength: −ln p of their tokens under the unsteered model, same
 *  context. */
export type SampledSurprise = {
  /** mean of the texts' means, nats a token; the lowest and the highest of them */
  mean: number;
  lowest: number;
  highest: number;
};

export type DosePoint = {
  value: number;
  /** mean over the baseline's tokens, nats */
  meanKl: number;
  /** share of positions at which both models' most likely token is the same */
  top1Agreement: number;
  /** mean change of each watched token's log-probability */
  deltaLogProb: number[];
  /** mean ‖Δ‖/‖h‖ at edited positions */
  relativeNorm: number;
  /** of texts made at this strength; null: not requested */
  surprise: SampledSurprise | null;
};

export type DoseResponse = {
  slotId: string;
  /** ids of the text that was read: prompt, then the baseline's own */
  prompt: number[];
  baseline: { tokenId: number; text: string }[];
  points: DosePoint[];
  /** the unsteered model's of its own texts by the same seeds, to compare with; null: not requested */
  ownSurprise: SampledSurprise | null;
};
