// An SAE as a SAELens directory and back (interop.md §4): cfg.json, sae_weights.safetensors and, with firing
// rates, sparsity.safetensors. It expects and returns folded parameters (sae.md §9). BatchTopK and
// Matryoshka are written as jumprelu, which is their inference rule; the metadata records their training.
import type { SaeArchitecture } from '../../core/sae/architecture';
import { FormatError, invariant } from '../../core/errors';
import { isTranscoderPoint, writePoint, type HookPoint } from '../../core/activations/hookPoint';
import type { TensorSource } from '../../core/model/nanochat';
import type { SaeParams, TopKParams } from '../../core/sae/sae';
import { foldInputScale } from '../../core/sae/saeFold';
import { quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import type { DroppedFile } from '../model/nanochatFolder';
import { formatSafetensors, readSafetensors } from '../archives/safetensors';
import { transformersHookName } from './hookNames';
import type { CarriedFiles, ParsedSae } from './parsedSae';
import {
  CONFIG_FILE,
  oneFile,
  optionalFile,
  readConfigText,
  SCALER_FILE,
  SPARSITY_FILE,
  WEIGHTS_FILE,
} from './saeFolder';
import { foldUnlessUnit, hasUnitRows, readTensor, refuseOthers } from './saeTensors';
import { parseSaeLensConfig } from './saelensConfig';
import type { SaeLensConfig } from './saelensConfig';
import { OURS, readFacts, readModelName, readTraining, TRAINING_NAMES } from './saelensFacts';

/** The SAELens version whose layout is written (interop.md). */
const SAE_LENS_VERSION = '6.54.12';
/** keeps log10 finite for a latent that never fired; SAELens' value */
const RATE_FLOOR = 1e-10;

/** What is known about an SAE besides its parameters; null where it was not measured. */
export type SaeLensFacts = {
  /** how it was trained */
  architecture: SaeArchitecture;
  /** latents kept per token in training; null if training had no k */
  k: number | null;
  hookPoint: HookPoint;
  /** what transformers loads the model by, or its name */
  modelName: string;
  /** how the model is known here; absent: as modelName */
  modelId?: string | null;
  /** null: unknown, as of all below */
  contextSize: number | null;
  /** whether every sequence began with <|bos|> (each document did), and whether special tokens were left out; null:
   *  unknown */
  prependBos: boolean | null;
  excludeSpecialTokens: boolean | null;
  datasetPath: string | null;
  /** of fireRates; null without them */
  statistics: { tokens: number; datasetPath: string } | null;
  /** version of nanoscope that wrote it */
  version: string;
  /** counted tokens trained on */
  tokens: number | null;
  l0: number | null;
  deadCount: number | null;
  explainedVariance: number | null;
  /** firing / counted tokens, [d_sae]; null: no sparsity file, unless one is carried */
  fireRates: Float32Array | Float64Array | null;
  /** of an imported SAE: what its files said, which is written again as it was; null or absent: it was trained
   *  here */
  carried?: CarriedFiles | null;
  /** further measurements and where it comes from (neuronpediaMetadata.ts); absent: none */
  record?: Record<string, unknown>;
};

/** Files by name, ready to zip. params must be folded (sae.md §9). A TopK whose selection its decoder norms do
 *  not enter (`actScale`) is written with these norms in its decoder, as it was read. */
export function formatSaeLens(
  params: SaeParams,
  facts: SaeLensFacts,
): Map<string, Uint8Array<ArrayBuffer>> {
  const { d_sae } = params;
  const shapes = Object.entries(tensorShapes(params));
  const weights = shapes.map(([name, shape]) => ({ name, shape, data: tensorOf(params, name) }));
  const files = new Map([
    [CONFIG_FILE, new TextEncoder().encode(`${JSON.stringify(config(params, facts), null, 2)}\n`)],
    [WEIGHTS_FILE, formatSafetensors(weights, new Map([['format', 'pt']]))],
  ]);
  const fireRates = facts.carried?.fireRates ?? facts.fireRates;
  if (fireRates !== null) {
    const data = Float32Array.from(fireRates, (rate) => Math.log10(rate + RATE_FLOOR));
    const sparsity = { name: 'sparsity', shape: [d_sae], data };
    files.set(SPARSITY_FILE, formatSafetensors([sparsity], new Map([['format', 'pt']])));
  }
  return files;
}

/** Tensors of an inference architecture, by SAELens' names. */
function tensorShapes({
  architecture,
  d_in,
  d_sae,
}: Pick<SaeParams, 'architecture' | 'd_in' | 'd_sae'>): Record<string, readonly number[]> {
  const shared = { W_dec: [d_sae, d_in], W_enc: [d_in, d_sae], b_dec: [d_in] };
  switch (architecture) {
    case 'topk':
    case 'relu':
      return { ...shared, b_enc: [d_sae] };
    case 'jumprelu':
      return { ...shared, b_enc: [d_sae], threshold: [d_sae] };
    case 'gated':
      return { ...shared, b_gate: [d_sae], b_mag: [d_sae], r_mag: [d_sae] };
    default:
      return architecture satisfies never;
  }
}

function tensorOf(params: SaeParams, name: string): Float32Array {
  if (name === 'W_dec' && params.architecture === 'topk' && params.actScale !== undefined) {
    const { actScale, d_in } = params;
    return params.W_dec.map((w, index) => w * actScale[Math.floor(index / d_in)]!);
  }
  const values = (params as unknown as Record<string, unknown>)[name];
  invariant(values instanceof Float32Array, `${params.architecture} without ${name}`);
  return values;
}

function config(params: SaeParams, facts: SaeLensFacts): Record<string, unknown> {
  return {
    architecture: architectureName(params, facts),
    d_in: params.d_in,
    d_sae: params.d_sae,
    ...(isTranscoderPoint(facts.hookPoint) && { d_out: params.d_in }),
    dtype: 'float32',
    apply_b_dec_to_input: params.applyBDecToInput,
    normalize_activations: 'none',
    ...(params.architecture === 'topk' ? topkFields(params) : {}),
    metadata: { ...metadata(params, facts), [OURS]: ownMetadata(facts) },
  };
}

/** Of an imported SAE its own, with what SAELens needs where it lacks that. */
function metadata(params: SaeParams, facts: SaeLensFacts): Record<string, unknown> {
  const carried = facts.carried ?? null;
  const needed = {
    sae_lens_version: SAE_LENS_VERSION,
    // SAELens takes an absent one for its own version.
    sae_lens_training_version: null,
    model_name: facts.modelName,
    hook_name: facts.hookPoint,
    ...(isTranscoderPoint(facts.hookPoint) && { hook_name_out: writePoint(facts.hookPoint) }),
  };
  if (carried !== null) return { ...needed, ...carried.metadata };
  return {
    ...needed,
    // transformers has nanochat, TransformerLens has not.
    model_class_name: 'AutoModelForCausalLM',
    hf_hook_name: transformersHookName(facts.hookPoint),
    ...(isTranscoderPoint(facts.hookPoint) && {
      hf_hook_name_out: transformersHookName(writePoint(facts.hookPoint)),
    }),
    hook_head_index: null,
    context_size: facts.contextSize,
    prepend_bos: facts.prependBos,
    exclude_special_tokens: facts.excludeSpecialTokens,
    seqpos_slice: [null],
    dataset_path: facts.datasetPath,
    model_from_pretrained_kwargs: {},
    ...(facts.l0 === null ? {} : { l0: facts.l0 }),
    ...(facts.deadCount === null ? {} : { num_dead_features: facts.deadCount }),
    training_architecture: TRAINING_NAMES[facts.architecture],
    ...(params.architecture === 'topk' || facts.k === null
      ? {}
      : { training_architecture_details: { k: facts.k } }),
  };
}

function ownMetadata(facts: SaeLensFacts): Record<string, unknown> {
  const isCarried = (facts.carried?.fireRates ?? null) !== null;
  return {
    version: facts.version,
    ...((facts.modelId ?? null) === null ? {} : { modelId: facts.modelId }),
    ...(facts.tokens === null ? {} : { tokens: facts.tokens }),
    ...(facts.explainedVariance === null ? {} : { explainedVariance: facts.explainedVariance }),
    ...(facts.statistics === null || isCarried ? {} : { sparsity: facts.statistics }),
    ...facts.record,
  };
}

/** As SAELens calls it. Its transcoders have no TopK: ours says its k beside the name. */
function architectureName({ architecture }: SaeParams, { hookPoint }: SaeLensFacts): string {
  if (!isTranscoderPoint(hookPoint)) return architecture === 'relu' ? 'standard' : architecture;
  return architecture === 'jumprelu' ? 'jumprelu_transcoder' : 'transcoder';
}

function topkFields(params: TopKParams) {
  const selectsByNorm = params.actScale === undefined && hasUnitRows(params);
  return { k: params.k, rescale_acts_by_decoder_norm: selectsByNorm };
}

const HOW = `drop the ${CONFIG_FILE} and ${WEIGHTS_FILE} of one SAELens directory, or a zip of them`;

/** Reads our own files and topk, standard, jumprelu, gated and transcoder directories of SAELens 6 and later. Throws
 *  FormatError naming what is missing, of another kind, of a wrong shape or not finite. */
export async function parseSaeLens(files: readonly DroppedFile[]): Promise<ParsedSae> {
  const cfg = parseSaeLensConfig(
    await readConfigText(oneFile(files, CONFIG_FILE, HOW)),
    CONFIG_FILE,
  );
  const inputScale = await readInputScale(files, cfg);
  const weights = oneFile(files, WEIGHTS_FILE, HOW).blob;
  const saved = foldScale(await readParams(weights, cfg), inputScale);
  const sparsity = optionalFile(files, SPARSITY_FILE);
  const fireRates = sparsity === null ? null : await readFireRates(sparsity.blob, cfg.d_sae);
  const params = foldUnlessUnit(saved, {
    selectsByNorm: cfg.rescaleByDecoderNorm,
    fileName: WEIGHTS_FILE,
  });
  const keepsNorms = params.architecture === 'topk' && params.actScale !== undefined;
  const theirs = Object.entries(cfg.metadata).filter(([key]) => key !== OURS);
  return {
    form: 'SAELens',
    params,
    W_dec: keepsNorms ? saved.W_dec : params.W_dec,
    hookName: cfg.hookPoint,
    modelName: readModelName(cfg),
    facts: { ...readFacts(cfg.metadata, cfg.d_sae), ...readTraining(cfg), fireRates },
    carried: { metadata: Object.fromEntries(theirs), fireRates },
  };
}

/** The factor by which its input was multiplied in training; 1 if it was not. */
async function readInputScale(
  files: readonly DroppedFile[],
  cfg: Pick<SaeLensConfig, 'isInputScaled'>,
): Promise<number> {
  if (!cfg.isInputScaled) return 1;
  const file = optionalFile(files, SCALER_FILE);
  if (file === null) {
    throw new FormatError(
      `${CONFIG_FILE}: normalize_activations "expected_average_only_in" needs its factor: drop ${SCALER_FILE} of the same checkpoint too, or fold it in SAELens first (fold_activation_norm_scaling_factor)`,
    );
  }
  const scaler = readJson(await readConfigText(file), SCALER_FILE);
  const factor =
    typeof scaler === 'object' && scaler !== null && 'scaling_factor' in scaler
      ? scaler.scaling_factor
      : undefined;
  if (typeof factor === 'number' && factor > 0 && Number.isFinite(factor)) return factor;
  throw new FormatError(
    `${SCALER_FILE}: scaling_factor ${factor === undefined ? 'is missing' : `${quote(JSON.stringify(factor))} is not a number above 0`}; use the file that SAELens saved beside the weights`,
  );
}

function foldScale(params: SaeParams, inputScale: number): SaeParams {
  if (inputScale === 1) return params;
  const folded = foldInputScale(params, { inputScale });
  if ([folded.W_enc, folded.W_dec, folded.b_dec].every((array) => array.every(Number.isFinite))) {
    return folded;
  }
  throw new FormatError(
    `${SCALER_FILE}: with the scaling_factor ${inputScale} its weights do not fit into 32 bits; use files of one checkpoint`,
  );
}

async function readParams(blob: Blob, cfg: SaeLensConfig): Promise<SaeParams> {
  const { d_in, d_sae, k, applyBDecToInput } = cfg;
  const architecture = cfg.architecture === 'standard' ? 'relu' : cfg.architecture;
  const { tensors } = await readSafetensors(blob, WEIGHTS_FILE);
  await dropScalingFactor(tensors);
  const shapes = tensorShapes({ architecture, d_in, d_sae });
  const kind = cfg.architecture;
  refuseOthers(tensors, Object.keys(shapes), { fileName: WEIGHTS_FILE, kind });
  const read = (name: string) => readTensor(tensors, name, shapes[name]!, WEIGHTS_FILE);
  const shared = {
    d_in,
    d_sae,
    W_enc: await read('W_enc'),
    b_enc: architecture === 'gated' ? new Float32Array(d_sae) : await read('b_enc'),
    W_dec: await read('W_dec'),
    b_dec: await read('b_dec'),
    applyBDecToInput,
  };
  switch (architecture) {
    case 'topk':
      return { ...shared, architecture, k };
    case 'relu':
      return { ...shared, architecture };
    case 'jumprelu':
      return { ...shared, architecture, threshold: await read('threshold') };
    case 'gated':
      return {
        ...shared,
        architecture,
        b_gate: await read('b_gate'),
        b_mag: await read('b_mag'),
        r_mag: await read('r_mag'),
      };
    default:
      return architecture satisfies never;
  }
}

/** An old SAELens field: harmless if it is all ones, otherwise it would silently change the SAE. */
async function dropScalingFactor(tensors: Map<string, TensorSource>): Promise<void> {
  const factors = await tensors.get('scaling_factor')?.read();
  if (factors?.some((factor) => factor !== 1) === true) {
    throw new FormatError(
      `${WEIGHTS_FILE}: its scaling_factor is not 1 everywhere; fold it into the decoder in SAELens first`,
    );
  }
  tensors.delete('scaling_factor');
}

async function readFireRates(blob: Blob, d_sae: number): Promise<Float32Array> {
  const { tensors } = await readSafetensors(blob, SPARSITY_FILE);
  const logs = await readTensor(tensors, 'sparsity', [d_sae], SPARSITY_FILE);
  return logs.map((log) => Math.min(1, Math.max(0, 10 ** log - RATE_FLOOR)));
}
