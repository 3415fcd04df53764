// cfg.json of a SAELens directory (version 6 and later): what it must say for a TopK SAE to be read
// here, and what is refused by name (interop.md §4). Tensors are `saelens`' business.
import * as v from 'valibot';
import { FormatError } from '../core/errors';
import { parseHookPoint } from '../core/hookPoint';
import type { HookPoint } from '../core/hookPoint';
import { cut, quote } from './byteRange';

export type SaeLensConfig = {
  d_in: number;
  d_sae: number;
  k: number;
  applyBDecToInput: boolean;
  rescaleByDecoderNorm: boolean;
  hookPoint: HookPoint;
  modelName: string;
  metadata: Record<string, unknown>;
};

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

const CONFIG = v.object({
  d_in: whole(1, 16_384),
  d_sae: whole(1, 1_048_576),
  k: whole(1, 1_048_576),
  dtype: v.picklist(['float32', 'float16', 'bfloat16', 'float64']),
  apply_b_dec_to_input: v.optional(v.boolean(), true),
  rescale_acts_by_decoder_norm: v.optional(v.boolean(), false),
});

/** characters of a model's name: it becomes part of what is shown and stored */
const MAX_NAME = 500;

const METADATA = v.looseObject({
  sae_lens_version: v.string(),
  model_name: v.nullish(v.pipe(v.string(), v.maxLength(MAX_NAME)), ''),
  hook_name: v.string(),
  hook_head_index: v.nullish(v.number(), null),
});

/** Throws FormatError naming what is missing, out of bounds or of a kind not read here. */
export function parseSaeLensConfig(text: string, fileName: string): SaeLensConfig {
  const cfg = parseObject(text, fileName);
  const metadata = cfg['metadata'];
  if (typeof metadata !== 'object' || metadata === null) {
    throw new FormatError(
      `${fileName}: no metadata, so it was written by SAELens before 6.0; load and save it with SAELens 6 or later`,
    );
  }
  refuseOtherKinds(cfg, fileName);
  const config = check(v.safeParse(CONFIG, cfg), fileName);
  const meta = check(v.safeParse(METADATA, metadata), `${fileName}: metadata`);
  refuseOldVersion(meta.sae_lens_version, fileName);
  if (config.k > config.d_sae) {
    throw new FormatError(
      `${fileName}: k must be at most d_sae: k ${config.k}, d_sae ${config.d_sae}`,
    );
  }
  if (meta.hook_head_index !== null) {
    throw new FormatError(
      `${fileName}: hook_head_index ${meta.hook_head_index}: SAEs of one head are not read`,
    );
  }
  return {
    d_in: config.d_in,
    d_sae: config.d_sae,
    k: config.k,
    applyBDecToInput: config.apply_b_dec_to_input,
    rescaleByDecoderNorm: config.rescale_acts_by_decoder_norm,
    hookPoint: hookPointOf(meta.hook_name, fileName),
    modelName: meta.model_name,
    metadata: meta,
  };
}

function parseObject(text: string, fileName: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${fileName}: no valid JSON; it was cut off or edited, copy it again`, {
      cause,
    });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new FormatError(
      `${fileName}: not a JSON object; use the cfg.json of a SAELens directory`,
    );
  }
  return json as Record<string, unknown>;
}

function refuseOtherKinds(cfg: Record<string, unknown>, fileName: string): void {
  const { architecture, normalize_activations: normalization } = cfg;
  if (architecture !== 'topk') {
    throw new FormatError(
      `${fileName}: architecture ${shown(architecture)} is not read yet; only "topk" is`,
    );
  }
  if (normalization !== undefined && normalization !== 'none') {
    throw new FormatError(
      `${fileName}: normalize_activations ${shown(normalization)} is not read; fold it in SAELens first, so that it is "none"`,
    );
  }
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? quote(value)
    : value === undefined
      ? 'missing'
      : quote(JSON.stringify(value));
}

function check<T>(
  result:
    { success: true; output: T } | { success: false; issues: readonly v.BaseIssue<unknown>[] },
  fileName: string,
): T {
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = issue === undefined ? null : v.getDotPath(issue);
  throw new FormatError(
    `${fileName}: ${cut(where ?? 'the whole')}: ${cut(issue?.message ?? 'not usable')}; use the cfg.json that SAELens saved`,
  );
}

function refuseOldVersion(version: string, fileName: string): void {
  if (Number(/^(\d{1,3})\./.exec(version)?.[1] ?? 0) >= 6) return;
  throw new FormatError(
    `${fileName}: sae_lens_version ${quote(version)}, 6.0.0 or later is read; load and save it with a current SAELens`,
  );
}

function hookPointOf(name: string, fileName: string): HookPoint {
  try {
    const { layer, site } = parseHookPoint(name);
    return `blocks.${layer}.${site}`;
  } catch (cause) {
    throw new FormatError(
      `${fileName}: hook_name ${quote(name)} is none of the places nanochat's residual stream has (blocks.{layer}.hook_resid_pre and its like)`,
      { cause },
    );
  }
}
