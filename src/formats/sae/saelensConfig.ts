// cfg.json of a SAELens directory (version 6 and later): the fields that are required, and what is refused
// by name (interop.md §4). `saelens` reads the tensors.
import * as v from 'valibot';
import { checkedFields } from '../archives/checkedFields';
import { FormatError } from '../../core/errors';
import { isTranscoderPoint, writePoint } from '../../core/activations/hookPoint';
import { MAX_K } from '../../core/sae/architecture';
import type { HookPoint } from '../../core/activations/hookPoint';
import { quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import { hookPointOf } from './hookNames';

/** The inference architectures of SAELens that are read and written here. */
const AS_SAVED = 'use the cfg.json that SAELens saved';
const INFERENCE_ARCHITECTURES = ['topk', 'standard', 'jumprelu', 'gated'] as const;
type InferenceArchitecture = (typeof INFERENCE_ARCHITECTURES)[number];
/** SAELens' transcoders, by the rule that decides which latents fire. Its own `transcoder` is ReLU and has no TopK:
 *  a k beside it, which SAELens passes over, is ours. */
const TRANSCODERS: Readonly<Record<string, InferenceArchitecture>> = {
  transcoder: 'standard',
  jumprelu_transcoder: 'jumprelu',
};

export type SaeLensConfig = {
  architecture: InferenceArchitecture;
  /** reads what an MLP reads, rebuilds what it writes */
  isTranscoder: boolean;
  d_in: number;
  d_sae: number;
  /** 1 … d_sae for topk, 0 for the others */
  k: number;
  applyBDecToInput: boolean;
  rescaleByDecoderNorm: boolean;
  /** its weights expect an input multiplied by the factor of activation_scaler.json */
  isInputScaled: boolean;
  hookPoint: HookPoint;
  modelName: string;
  metadata: Record<string, unknown>;
};

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

const CONFIG = v.object({
  d_in: whole(1, 16_384),
  /** a transcoder's */
  d_out: v.optional(whole(1, 16_384)),
  d_sae: whole(1, 1_048_576),
  k: v.optional(whole(1, 1_048_576)),
  /** also as torch prints it: "torch.float32" */
  dtype: v.pipe(v.string(), v.regex(/^(torch\.)?(float32|float16|bfloat16|float64)$/)),
  apply_b_dec_to_input: v.optional(v.boolean(), true),
  rescale_acts_by_decoder_norm: v.optional(v.boolean(), false),
});

/** longest model name, in characters: it is shown and stored */
const MAX_NAME = 500;

const METADATA = v.looseObject({
  sae_lens_version: v.string(),
  model_name: v.nullish(v.pipe(v.string(), v.maxLength(MAX_NAME)), ''),
  hook_name: v.string(),
  /** a transcoder's */
  hook_name_out: v.nullish(v.string(), null),
  hook_head_index: v.nullish(v.number(), null),
});

/** Throws FormatError naming what is missing, out of bounds or not supported. */
export function parseSaeLensConfig(text: string, fileName: string): SaeLensConfig {
  const cfg = parseObject(text, fileName);
  const metadata = cfg['metadata'];
  if (typeof metadata !== 'object' || metadata === null) {
    throw new FormatError(
      `${fileName}: no metadata, so it was written by SAELens before 6.0; load and save it with SAELens 6 or later`,
    );
  }
  const config = checkedFields(CONFIG, cfg, fileName, AS_SAVED);
  const isTranscoder = Object.hasOwn(TRANSCODERS, String(cfg['architecture']));
  const rule = architectureOf(cfg, fileName);
  const isTopK = isTranscoder && rule === 'standard' && config.k !== undefined;
  const architecture = isTopK ? 'topk' : rule;
  if (config.dtype.endsWith('float64')) {
    throw new FormatError(
      `${fileName}: dtype ${quote(config.dtype)}: weights of 64 bits are not read; save it in SAELens with dtype "float32"`,
    );
  }
  const meta = checkedFields(METADATA, metadata, `${fileName}: metadata`, AS_SAVED);
  refuseOldVersion(meta.sae_lens_version, fileName);
  const k = architecture === 'topk' ? kOf(config, fileName) : 0;
  if (meta.hook_head_index !== null) {
    throw new FormatError(
      `${fileName}: hook_head_index ${meta.hook_head_index}: SAEs of a single head are not supported`,
    );
  }
  const point = hookPointOf(meta.hook_name, `${fileName}: hook_name`);
  checkPlace({ isTranscoder, point, out: meta.hook_name_out, ...config }, fileName);
  return {
    architecture,
    isTranscoder,
    d_in: config.d_in,
    d_sae: config.d_sae,
    k,
    applyBDecToInput: !isTranscoder && config.apply_b_dec_to_input,
    rescaleByDecoderNorm: config.rescale_acts_by_decoder_norm,
    hookPoint: point,
    isInputScaled: cfg['normalize_activations'] === 'expected_average_only_in',
    modelName: meta.model_name,
    // As it stands there, without what the schema fills in: it is handed on.
    metadata: { ...metadata },
  };
}

function parseObject(text: string, fileName: string): Record<string, unknown> {
  const json = readJson(text, fileName);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new FormatError(
      `${fileName}: not a JSON object; use the cfg.json of a SAELens directory`,
    );
  }
  return json as Record<string, unknown>;
}

function kOf({ k, d_sae }: { k?: number | undefined; d_sae: number }, fileName: string): number {
  if (k === undefined) {
    throw new FormatError(
      `${fileName}: k is missing, which a topk SAE must have; use the cfg.json that SAELens saved`,
    );
  }
  if (k > d_sae) {
    throw new FormatError(`${fileName}: k must be at most d_sae: k ${k}, d_sae ${d_sae}`);
  }
  if (k > MAX_K) {
    throw new FormatError(
      `${fileName}: k ${k}: at most ${MAX_K} latents a token can be computed here; use an SAE with a smaller k`,
    );
  }
  return k;
}

function architectureOf(cfg: Record<string, unknown>, fileName: string): InferenceArchitecture {
  const { architecture, normalize_activations: normalization } = cfg;
  const known =
    INFERENCE_ARCHITECTURES.find((name) => name === architecture) ??
    (Object.hasOwn(TRANSCODERS, String(architecture))
      ? TRANSCODERS[String(architecture)]
      : undefined);
  if (known === undefined) {
    throw new FormatError(
      `${fileName}: architecture ${shown(architecture)} is not read; ${[...INFERENCE_ARCHITECTURES, ...Object.keys(TRANSCODERS)].join(', ')} are (SAELens saves batchtopk and matryoshka_batchtopk as jumprelu)`,
    );
  }
  // null is how other writers of this layout say "none".
  if (normalization === undefined || normalization === null || normalization === 'none') {
    return known;
  }
  if (normalization === 'expected_average_only_in') return known;
  if (normalization === 'covariance_whitening') {
    throw new FormatError(
      `${fileName}: normalize_activations "covariance_whitening" is not read; fold it in SAELens first (fold_activation_whitening), so that it is "none"`,
    );
  }
  throw new FormatError(
    `${fileName}: normalize_activations ${shown(normalization)} scales every token by its own norm, which weights cannot take over; only SAEs trained with "none" or "expected_average_only_in" can be used here`,
  );
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? quote(value)
    : value === undefined
      ? 'missing'
      : quote(JSON.stringify(value));
}

function refuseOldVersion(version: string, fileName: string): void {
  if (Number(/^(\d{1,3})\./.exec(version)?.[1] ?? 0) >= 6) return;
  throw new FormatError(
    `${fileName}: sae_lens_version ${quote(version)}, 6.0.0 or later is read; load and save it with a current SAELens`,
  );
}

/** A transcoder reads and writes at the MLP of one block, with the width of its stream; an SAE reads elsewhere. */
function checkPlace(
  o: {
    isTranscoder: boolean;
    point: HookPoint;
    out: string | null;
    d_in: number;
    d_out?: number | undefined;
  },
  fileName: string,
): void {
  const { isTranscoder, point, out, d_in, d_out: written = d_in } = o;
  if (isTranscoder !== isTranscoderPoint(point)) {
    throw new FormatError(
      isTranscoder
        ? `${fileName}: hook_name ${quote(point)} of a transcoder; those that read blocks.{layer}.ln2.hook_normalized, what an MLP reads, can be used here`
        : `${fileName}: hook_name ${quote(point)}: only transcoders of what an MLP reads can be used here, no SAEs`,
    );
  }
  if (isTranscoder && out !== null && out !== writePoint(point)) {
    throw new FormatError(
      `${fileName}: hook_name_out ${quote(out)}; a transcoder that reads ${point} must write ${writePoint(point)} to be used here`,
    );
  }
  if (written !== d_in) {
    throw new FormatError(
      `${fileName}: d_out ${written} with d_in ${d_in}: an MLP of nanochat writes what is as wide as it reads`,
    );
  }
}
