// An SAE as a SAELens directory and back (interop.md §4): cfg.json, sae_weights.safetensors and, with firing
// rates, sparsity.safetensors. It expects and returns folded parameters (sae.md §9). BatchTopK and
// Matryoshka are written as jumprelu, which is their inference rule; the metadata records their training.
import type { SaeArchitecture } from '../../core/sae/architecture';
import { FormatError, invariant } from '../../core/errors';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { TensorSource } from '../../core/model/nanochat';
import type { SaeParams, TopKParams } from '../../core/sae/sae';
import { decoderNorms, foldDecoderNorm, foldNormKeepingSelection } from '../../core/sae/saeFold';
import { quote, readRange } from '../archives/byteRange';
import type { DroppedFile } from '../model/nanochatFolder';
import { formatSafetensors, readSafetensors } from '../archives/safetensors';
import { parseSaeLensConfig } from './saelensConfig';
import type { SaeLensConfig } from './saelensConfig';
import { readFacts, readTraining, TRAINING_NAMES, type ParsedFacts } from './saelensFacts';

export const CONFIG_FILE = 'cfg.json';
export const WEIGHTS_FILE = 'sae_weights.safetensors';
export const SPARSITY_FILE = 'sparsity.safetensors';

/** The SAELens version whose layout is written (interop.md). */
const SAE_LENS_VERSION = '6.49.2';
const MAX_CONFIG_BYTES = 1024 * 1024;
/** two matrices of 65,536 latents on a stream of 2,048, in f32 */
const MAX_WEIGHT_BYTES = 1024 * 1024 * 1024 + 16 * 1024 * 1024;
/** keeps log10 finite for a latent that never fired; SAELens' value */
const RATE_FLOOR = 1e-10;
/** Row norms within this of 1 count as unit; kept, not folded, so that our own files are read bit for bit. */
const UNIT_TOLERANCE = 1e-5;

/** Bytes that a file of a SAELens directory may have by its path; null: not a file of the directory. */
export function saeLensFileLimit(path: string): number | null {
  switch (path.slice(path.lastIndexOf('/') + 1)) {
    case CONFIG_FILE:
      return MAX_CONFIG_BYTES;
    case WEIGHTS_FILE:
      return MAX_WEIGHT_BYTES;
    case SPARSITY_FILE:
      return MAX_CONFIG_BYTES * 8;
    default:
      return null;
  }
}

/** What is known about an SAE besides its parameters; null where it was not measured. */
export type SaeLensFacts = {
  /** how it was trained */
  architecture: SaeArchitecture;
  /** latents kept per token in training; null if training had no k */
  k: number | null;
  hookPoint: HookPoint;
  modelName: string;
  contextSize: number;
  /** whether every sequence began with <|bos|> (each document did), and whether special tokens were left out; null:
   *  unknown */
  prependBos: boolean | null;
  excludeSpecialTokens: boolean | null;
  datasetPath: string;
  /** of fireRates; null without them */
  statistics: { tokens: number; datasetPath: string } | null;
  /** version of nanoscope that wrote it */
  version: string;
  /** counted tokens trained on */
  tokens: number | null;
  l0: number | null;
  deadCount: number | null;
  explainedVariance: number | null;
  /** firing / counted tokens, [d_sae]; absent: no sparsity file */
  fireRates: Float32Array | Float64Array | null;
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
  if (facts.fireRates !== null) {
    const data = Float32Array.from(facts.fireRates, (rate) => Math.log10(rate + RATE_FLOOR));
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
    architecture: params.architecture === 'relu' ? 'standard' : params.architecture,
    d_in: params.d_in,
    d_sae: params.d_sae,
    dtype: 'float32',
    apply_b_dec_to_input: params.applyBDecToInput,
    normalize_activations: 'none',
    ...(params.architecture === 'topk' ? topkFields(params) : {}),
    metadata: {
      sae_lens_version: SAE_LENS_VERSION,
      model_name: facts.modelName,
      hook_name: facts.hookPoint,
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
      nanoscope: {
        version: facts.version,
        ...(facts.tokens === null ? {} : { tokens: facts.tokens }),
        ...(facts.explainedVariance === null ? {} : { explainedVariance: facts.explainedVariance }),
        ...(facts.statistics === null ? {} : { sparsity: facts.statistics }),
      },
    },
  };
}

function topkFields(params: TopKParams) {
  const selectsByNorm = params.actScale === undefined && hasUnitRows(params);
  return { k: params.k, rescale_acts_by_decoder_norm: selectsByNorm };
}

export type ParsedSaeLens = {
  /** folded: latentActs in model units, unit decoder rows */
  params: SaeParams;
  /** W_dec before a fold that gave params an actScale; otherwise the same as theirs */
  W_dec: Float32Array;
  hookName: HookPoint;
  modelName: string;
  facts: ParsedFacts;
};

/** Reads our own files and topk, standard, jumprelu and gated directories of SAELens 6 and later. Throws
 *  FormatError naming what is missing, of another kind, of a wrong shape or not finite. */
export async function parseSaeLens(files: readonly DroppedFile[]): Promise<ParsedSaeLens> {
  const cfgBlob = one(files, CONFIG_FILE);
  if (cfgBlob.size > MAX_CONFIG_BYTES) {
    throw new FormatError(
      `${CONFIG_FILE}: ${cfgBlob.size} bytes; at most ${MAX_CONFIG_BYTES} are read`,
    );
  }
  const text = new TextDecoder().decode(await readRange(cfgBlob, 0, cfgBlob.size, CONFIG_FILE));
  const cfg = parseSaeLensConfig(text, CONFIG_FILE);
  const saved = await readParams(one(files, WEIGHTS_FILE), cfg);
  const sparsity = files.find((file) => baseName(file) === SPARSITY_FILE);
  const fireRates = sparsity === undefined ? null : await readFireRates(sparsity.blob, cfg.d_sae);
  const params = foldUnlessUnit(saved, cfg);
  const keepsNorms = params.architecture === 'topk' && params.actScale !== undefined;
  return {
    params,
    W_dec: keepsNorms ? saved.W_dec : params.W_dec,
    hookName: cfg.hookPoint,
    modelName: cfg.modelName,
    facts: { ...readFacts(cfg.metadata, cfg.d_sae), ...readTraining(cfg), fireRates },
  };
}

function hasUnitRows(params: SaeParams): boolean {
  return decoderNorms(params).every((norm) => Math.abs(norm - 1) <= UNIT_TOLERANCE);
}

/** The norm moves into the encoder if each latent has its own rule (threshold or gate), or if TopK selects by
 *  h·n; a TopK that selects by h keeps its encoder, or it would select other latents. */
function foldUnlessUnit(
  params: SaeParams,
  { rescaleByDecoderNorm }: Pick<SaeLensConfig, 'rescaleByDecoderNorm'>,
): SaeParams {
  if (hasUnitRows(params)) return params;
  if (params.architecture === 'topk' && !rescaleByDecoderNorm) {
    return foldNormKeepingSelection(params);
  }
  const folded = foldDecoderNorm(params);
  const isFinite = [folded.W_enc, folded.b_enc, folded.W_dec].every((array) =>
    array.every(Number.isFinite),
  );
  if (isFinite) return folded;
  throw new FormatError(
    `${WEIGHTS_FILE}: its decoder norms are too large to be folded into the encoder in 32 bits; fold them in SAELens first`,
  );
}

function one(files: readonly DroppedFile[], name: string): Blob {
  const found = files.filter((file) => baseName(file) === name);
  const [file] = found;
  if (file !== undefined && found.length === 1) return file.blob;
  const pickled = files.find((one) => /^ae(_\d+)?\.pt$|\.pth?$/.test(baseName(one)));
  if (found.length === 0 && pickled !== undefined) {
    throw new FormatError(
      `dropped files: ${quote(baseName(pickled))} is an SAE in a pickle, as dictionary_learning writes it, which is not read yet; load it in SAELens 6 or later and save it there`,
    );
  }
  throw new FormatError(
    `dropped files: ${found.length} named ${name}, expected 1; drop the ${CONFIG_FILE} and ${WEIGHTS_FILE} of one SAELens directory, or a zip of them`,
  );
}

function baseName(file: DroppedFile): string {
  return file.path.slice(file.path.lastIndexOf('/') + 1);
}

async function readParams(blob: Blob, cfg: SaeLensConfig): Promise<SaeParams> {
  const { d_in, d_sae, k, applyBDecToInput } = cfg;
  const architecture = cfg.architecture === 'standard' ? 'relu' : cfg.architecture;
  const { tensors } = await readSafetensors(blob, WEIGHTS_FILE);
  await dropScalingFactor(tensors);
  const shapes = tensorShapes({ architecture, d_in, d_sae });
  const unexpected = [...tensors.keys()].filter((name) => !Object.hasOwn(shapes, name));
  if (unexpected.length > 0) {
    throw new FormatError(
      `${WEIGHTS_FILE}: unexpected tensors ${unexpected.slice(0, 8).map(quote).join(', ')}; a ${cfg.architecture} SAE has ${Object.keys(shapes).join(', ')} and no other`,
    );
  }
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

async function readTensor(
  tensors: ReadonlyMap<string, TensorSource>,
  name: string,
  shape: readonly number[],
  fileName: string,
): Promise<Float32Array> {
  const tensor = tensors.get(name);
  if (tensor?.shape.join() !== shape.join()) {
    throw new FormatError(
      `${fileName}: tensor ${name}: expected shape [${shape.join(', ')}] of its cfg.json, found ${tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`}; use files of one SAE`,
    );
  }
  const values = await tensor.read();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new FormatError(
      `${fileName}: tensor ${name} has the value ${values[bad]!} at index ${bad}; the run that wrote it diverged, use an earlier checkpoint`,
    );
  }
  return values;
}

async function readFireRates(blob: Blob, d_sae: number): Promise<Float32Array> {
  const { tensors } = await readSafetensors(blob, SPARSITY_FILE);
  const logs = await readTensor(tensors, 'sparsity', [d_sae], SPARSITY_FILE);
  return logs.map((log) => Math.min(1, Math.max(0, 10 ** log - RATE_FLOOR)));
}
