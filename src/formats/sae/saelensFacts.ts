// What the metadata of a SAELens directory says of an SAE besides its parameters: how it was trained and on what,
// what was measured (interop.md §4). Everything is untrusted: impossible values are left out.
import { cutCharacters } from '../../core/text/cutCharacters';
import type { SaeArchitecture } from '../../core/sae/architecture';
import type { SaeLensConfig } from './saelensConfig';

/** our own entry in the metadata */
export const OURS = 'nanoscope';

/** the longest context size accepted */
export const MAX_CONTEXT = 1_048_576;

/** `training_architecture` as SAELens names it. */
export const TRAINING_NAMES: Readonly<Record<SaeArchitecture, string>> = {
  topk: 'topk',
  batchtopk: 'batchtopk',
  matryoshka: 'matryoshka_batchtopk',
  relu: 'standard',
  gated: 'gated',
  jumprelu: 'jumprelu',
  transcoder: 'transcoder',
};

/** null: the files do not say */
export type ParsedFacts = {
  /** how it was trained, if its files say so; otherwise its inference rule */
  architecture: SaeArchitecture;
  k: number | null;
  /** null: other files than SAELens' */
  saeLensVersion: string | null;
  contextSize: number | null;
  prependBos: boolean | null;
  excludeSpecialTokens: boolean | null;
  datasetPath: string | null;
  tokens: number | null;
  l0: number | null;
  deadCount: number | null;
  explainedVariance: number | null;
  /** [d_sae]; null without sparsity.safetensors */
  fireRates: Float32Array | null;
};

/** Of files that say nothing but the parameters. */
export function unknownFacts(): Omit<ParsedFacts, 'architecture'> {
  return {
    k: null,
    saeLensVersion: null,
    contextSize: null,
    prependBos: null,
    excludeSpecialTokens: null,
    datasetPath: null,
    tokens: null,
    l0: null,
    deadCount: null,
    explainedVariance: null,
    fireRates: null,
  };
}

/** The architecture that was trained, if the files say so; otherwise the inference rule. */
export function readTraining(cfg: SaeLensConfig): Pick<ParsedFacts, 'architecture' | 'k'> {
  const said = cfg.metadata['training_architecture'];
  const names = Object.keys(TRAINING_NAMES) as SaeArchitecture[];
  if (cfg.isTranscoder) return { architecture: 'transcoder', k: cfg.k === 0 ? null : cfg.k };
  const selects = cfg.architecture === 'standard' ? 'relu' : cfg.architecture;
  const details = asRecord(cfg.metadata['training_architecture_details']);
  return {
    architecture: names.find((name) => TRAINING_NAMES[name] === said) ?? selects,
    k: cfg.architecture === 'topk' ? cfg.k : numberIn(details['k'], 0, cfg.d_sae),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
}

/** How the model is known here, if the files are ours; otherwise what they call it. */
export function readModelName({
  metadata,
  modelName,
}: Pick<SaeLensConfig, 'metadata' | 'modelName'>): string {
  const { modelId } = asRecord(metadata[OURS]);
  return typeof modelId === 'string' ? cutCharacters(modelId, 500) : modelName;
}

/** The file's own metadata is shown and its context size used; impossible values are left out. */
export function readFacts(
  metadata: Record<string, unknown>,
  d_sae: number,
): Omit<ParsedFacts, 'fireRates' | 'architecture' | 'k'> {
  const ours = asRecord(metadata[OURS]);
  return {
    saeLensVersion: cutCharacters(String(metadata['sae_lens_version']), 100),
    contextSize: wholeIn(metadata['context_size'], 1, MAX_CONTEXT),
    ...readPacking(metadata),
    datasetPath:
      typeof metadata['dataset_path'] === 'string'
        ? cutCharacters(metadata['dataset_path'], 500)
        : null,
    tokens: wholeIn(ours['tokens'], 0, Number.MAX_SAFE_INTEGER),
    l0: numberIn(metadata['l0'], 0, d_sae),
    deadCount: wholeIn(metadata['num_dead_features'], 0, d_sae),
    explainedVariance: numberIn(ours['explainedVariance'], -Number.MAX_VALUE, 1),
  };
}

/** Files of ours from before exclude_special_tokens was written say prepend_bos, and only documents began with one. */
function readPacking(metadata: Record<string, unknown>) {
  const said = (name: string) => {
    const value = metadata[name];
    return typeof value === 'boolean' ? value : null;
  };
  const excludeSpecialTokens = said('exclude_special_tokens');
  const isEarlier = metadata[OURS] !== undefined && !('exclude_special_tokens' in metadata);
  return isEarlier
    ? { prependBos: false, excludeSpecialTokens: true }
    : { prependBos: said('prepend_bos'), excludeSpecialTokens };
}

function numberIn(value: unknown, low: number, high: number): number | null {
  return typeof value === 'number' && value >= low && value <= high ? value : null;
}

export function wholeIn(value: unknown, low: number, high: number): number | null {
  return Number.isInteger(value) ? numberIn(value, low, high) : null;
}
