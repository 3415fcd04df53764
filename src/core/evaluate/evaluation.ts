// One SAE's measurements on held-out text, as stored, shown and reported: plain data only. Field names are
// those of docs/evaluation.md.
import type { LanguageMetrics } from './metrics/languageMetrics';
import type { ReconstructionMetrics } from './metrics/reconstructionMetrics';
import type { SparsityMetrics } from './metrics/sparsityMetrics';
import type { HookPoint } from '../activations/hookPoint';
import type { ProbingResult } from './probing/kSparseProbe';

export type SaeMetrics = ReconstructionMetrics &
  SparsityMetrics &
  LanguageMetrics & {
    /** mean cos(encoder column, decoder row) */
    encoderDecoderCosine: number;
  };

/** What the model does with several transcoders at once, one a block, each in its MLP's place. */
export type TogetherMetrics = {
  /** every one of them, this one too, in the order of their blocks */
  saes: { id: string; name: string; hookPoint: HookPoint }[];
  metrics: LanguageMetrics;
};

/** Counted tokens to measure on: quick, usual for a slow machine, and the reference (interface.md 2.5). */
export const EVALUATION_BUDGETS = [8192, 32_768, 131_072] as const;

/** The backend of an evaluation over rows of a file, in whose place no model is. */
export const NO_MODEL = 'none';

export type SaeEvaluation = {
  /** ISO 8601, UTC */
  date: string;
  appVersion: string;
  sae: {
    id: string;
    name: string;
    architecture: string;
    hookPoint: HookPoint;
    d_in: number;
    d_sae: number;
    /** null if the architecture has no fixed number */
    k: number | null;
    /** tokens it was trained on; null: unknown */
    trainingTokens: number | null;
    /** share of dead latents as counted in training, over its own window; null: unknown */
    deadFraction: number | null;
  };
  /** backend: what computed it (webgpu, wasm, onnxruntime-node cpu, onnxruntime-node cuda), or NO_MODEL */
  model: { id: string; backend: string };
  /** name of the GPU adapter */
  adapter: string | null;
  corpus: {
    id: string;
    name: string;
    part: 'held-out';
    contextSize: number;
    /** every sequence begins with <|bos|>; absent in evaluations of earlier versions: only every document does */
    prependBos?: boolean;
  };
  /** counted tokens requested */
  requestedTokens: number;
  /** counted tokens in the held-out part */
  availableTokens: number;
  /** false: ended before the budget or the text was used up; the measurements so far are valid */
  isComplete: boolean;
  seconds: number;
  metrics: SaeMetrics;
  /** null: not requested, or not reached */
  probing: ProbingResult | null;
  /** of a transcoder that was measured with those of other blocks; absent: it was not */
  together?: TogetherMetrics;
};

/** What it was measured on: tokens of a text, or rows of a file. */
export function measuredUnit({ model }: Pick<SaeEvaluation, 'model'>): 'token' | 'row' {
  return model.backend === NO_MODEL ? 'row' : 'token';
}
