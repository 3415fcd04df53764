// meta_<step>.json of a nanochat checkpoint: its configuration, step and validation loss. Every number
// is untrusted until it has been compared with a bound.
import * as v from 'valibot';
import { FormatError } from '../../core/errors';
import type { NanochatConfig } from '../../core/model/nanochat';
import { checkedFields } from '../archives/checkedFields';
import { readJson } from '../archives/json';
import { refuseUnknownKeys } from './configKeys';

export type NanochatMeta = {
  config: NanochatConfig;
  step: number | null;
  /** validation bits per byte */
  valBpb: number | null;
  /** names of the settings that its training script was started with; their values are not read */
  settings: string[];
};

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

const CONFIG = {
  sequence_len: whole(1, 1_048_576),
  vocab_size: whole(1, 1_000_000),
  n_layer: whole(1, 256),
  n_head: whole(1, 256),
  n_kv_head: whole(1, 256),
  n_embd: whole(1, 16_384),
  // Absent before January 2026: all layers long.
  window_pattern: v.optional(v.pipe(v.string(), v.regex(/^[SL]{1,256}$/i)), 'L'),
};

/** Keys of branches and pull requests of nanochat with the values that change nothing (nanochat.md 6). */
const HARMLESS = {
  num_experts: [0, null],
  // how many of the experts a token sees: of none, none
  top_k: [0, null],
  use_xsa: [false, null],
  mup_base_width: [0, null],
  rope_type: ['standard', 'default', null],
  rope_scale: [1, null],
};

const META = v.object({
  step: v.nullish(whole(0, 1e9), null),
  // Python also writes NaN and Infinity: a run that was never evaluated.
  val_bpb: v.nullish(v.union([v.number(), v.nan()]), null),
  model_config: v.looseObject(CONFIG),
  user_config: v.optional(v.unknown()),
});

/** Throws FormatError naming the field, its value and its bounds. */
export function parseNanochatMeta(text: string, fileName: string): NanochatMeta {
  const json = readJson(text, fileName);
  const wayOut = 'use the meta_*.json that nanochat saved';
  const {
    model_config: config,
    step,
    val_bpb: valBpb,
    user_config: training,
  } = checkedFields(META, json, fileName, wayOut);
  refuseUnknownKeys(config, {
    known: Object.keys(CONFIG),
    harmless: HARMLESS,
    where: `${fileName}: model_config`,
  });
  checkHeads(config, fileName);
  return {
    config: {
      sequence_len: config.sequence_len,
      vocab_size: config.vocab_size,
      n_layer: config.n_layer,
      n_head: config.n_head,
      n_kv_head: config.n_kv_head,
      n_embd: config.n_embd,
      window_pattern: config.window_pattern.toUpperCase(),
    },
    step,
    valBpb: valBpb !== null && Number.isFinite(valBpb) ? valBpb : null,
    settings: typeof training === 'object' && training !== null ? Object.keys(training) : [],
  };
}

/** Checks what the forward pass divides by. Rotary embeddings need an even head width. */
function checkHeads(c: NanochatConfig, fileName: string): void {
  if (c.n_embd % (2 * c.n_head) !== 0) {
    throw new FormatError(
      `${fileName}: n_embd must be an even multiple of n_head: n_embd ${c.n_embd}, n_head ${c.n_head}`,
    );
  }
  if (c.n_head % c.n_kv_head !== 0) {
    throw new FormatError(
      `${fileName}: n_head must be a multiple of n_kv_head: n_head ${c.n_head}, n_kv_head ${c.n_kv_head}`,
    );
  }
}
