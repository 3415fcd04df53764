// config.json of a NanoChatForCausalLM, as transformers saves it: nanochat's configuration, and the fields
// of r1 that it overrides. Other architectures and settings that our graph does not compute are refused by
// name.
import * as v from 'valibot';
import { checkedFields } from '../archives/checkedFields';
import { FormatError } from '../../core/errors';
import type { NanochatConfig, NanochatRevision } from '../../core/model/nanochat';
import { quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import { refuseUnknownKeys } from './configKeys';
import { NANOCHAT_REVISIONS } from './nanochatRevision';

export type HfConfig = {
  /** vocab_size counts the rows of the tables: a padded vocabulary must still be cut to the tokenizer's */
  config: NanochatConfig;
  /** r1 with this file's rotary base and precision, soft cap and eps */
  revision: NanochatRevision;
  isTied: boolean;
};

const ARCHITECTURE = 'NanoChatForCausalLM';
/** transformers computes rotary tables in its compute dtype, as nanochat's r1 did (bf16). */
const ROTARY_DTYPES = { float32: 'f32', float16: 'f32', bfloat16: 'bf16' } as const;

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));
const positive = (high: number) => v.pipe(v.number(), v.finite(), v.gtValue(0), v.maxValue(high));
const dtype = v.nullish(v.picklist(['float32', 'float16', 'bfloat16']));
const theta = v.nullish(positive(1e9));

/** Keys and defaults of transformers 5.23 (configuration_nanochat.py); `torch_dtype`, `rope_theta`,
 *  `rope_scaling`, `qkv_bias` and `logits_soft_cap` are older spellings. */
const FIELDS = {
  architectures: v.pipe(v.array(v.string()), v.minLength(1)),
  vocab_size: whole(1, 1_000_000),
  hidden_size: whole(2, 16_384),
  intermediate_size: whole(1, 65_536),
  num_hidden_layers: whole(1, 256),
  num_attention_heads: whole(1, 256),
  num_key_value_heads: v.nullish(whole(1, 256)),
  max_position_embeddings: whole(1, 1_048_576),
  head_dim: v.nullish(whole(2, 16_384)),
  hidden_act: v.nullish(v.string(), 'relu2'),
  rms_norm_eps: v.nullish(positive(0.1), 1e-6),
  attention_bias: v.nullish(v.boolean(), false),
  qkv_bias: v.nullish(v.boolean(), false),
  tie_word_embeddings: v.nullish(v.boolean(), false),
  final_logit_softcapping: v.optional(v.nullable(positive(1e6))),
  logits_soft_cap: v.optional(v.nullable(positive(1e6))),
  rope_parameters: v.nullish(
    v.strictObject({
      rope_theta: theta,
      rope_type: v.nullish(v.string(), 'default'),
      partial_rotary_factor: v.nullish(v.number(), 1),
    }),
  ),
  rope_theta: theta,
  rope_scaling: v.nullish(v.object({ rope_type: v.nullish(v.string()) })),
  dtype,
  torch_dtype: dtype,
};
const CONFIG = v.looseObject(FIELDS);
type Config = v.InferOutput<typeof CONFIG>;

/** Keys of every transformers configuration that no number of a forward pass depends on: bookkeeping,
 *  training, what the model returns, and the settings of generate() that older versions kept here. */
const BOOKKEEPING = [
  ...[
    'model_type',
    'transformers_version',
    'tokenizer_class',
    'auto_map',
    '_name_or_path',
    'prefix',
  ],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'sep_token_id', 'decoder_start_token_id'],
  ...['use_cache', 'return_dict', 'output_hidden_states', 'output_attentions', 'torchscript'],
  ...['_attn_implementation', 'attn_implementation', 'attention_dropout', 'initializer_range'],
  ...['use_bfloat16', 'tf_legacy_loss', 'chunk_size_feed_forward', 'gradient_checkpointing'],
  ...['id2label', 'label2id', 'problem_type', 'finetuning_task', 'task_specific_params'],
  ...['max_length', 'min_length', 'do_sample', 'early_stopping', 'num_beams', 'num_beam_groups'],
  ...['temperature', 'top_k', 'top_p', 'typical_p', 'repetition_penalty', 'length_penalty'],
  ...['diversity_penalty', 'no_repeat_ngram_size', 'encoder_no_repeat_ngram_size', 'bad_words_ids'],
  ...['num_return_sequences', 'output_scores', 'return_dict_in_generate', 'forced_bos_token_id'],
  ...['forced_eos_token_id', 'remove_invalid_values', 'exponential_decay_length_penalty'],
  ...['suppress_tokens', 'begin_suppress_tokens'],
];
/** Keys that change the arithmetic unless they have one of these values. */
const HARMLESS = {
  is_decoder: [true, false, null],
  is_encoder_decoder: [false, null],
  add_cross_attention: [false, null],
  cross_attention_hidden_size: [null],
  tie_encoder_decoder: [false, null],
  quantization_config: [null],
  sliding_window: [null],
  pruned_heads: [{}, null],
};

/** Throws FormatError naming the field, its value and what is accepted. */
export function parseHfConfig(text: string, fileName: string): HfConfig {
  const json = readJson(text, fileName);
  checkArchitecture(json, fileName);
  const c = checkedFields(CONFIG, json, fileName, 'use the config.json that save_pretrained wrote');
  refuseUnknownKeys(c, {
    known: Object.keys(FIELDS),
    ignored: BOOKKEEPING,
    harmless: HARMLESS,
    where: fileName,
  });
  for (const problem of unsupported(c)) {
    throw new FormatError(
      `${fileName}: ${problem}; only nanochat's own architecture can be run here`,
    );
  }
  return { config: nanochatConfig(c), revision: revisionOf(c), isTied: c.tie_word_embeddings };
}

/** Checked first: if the model is another one, no other error in the file matters. */
function checkArchitecture(json: unknown, fileName: string): void {
  const named = v.safeParse(v.object({ architectures: v.array(v.string()) }), json);
  const names = named.success ? named.output.architectures : [];
  if (names.length === 1 && names[0] === ARCHITECTURE) return;
  const found = names.length === 0 ? 'none' : names.slice(0, 5).map(quote).join(', ');
  throw new FormatError(
    `${fileName}: architectures is ${found}; only ${ARCHITECTURE} (nanochat saved by transformers) is supported`,
  );
}

/** The first setting that our graph would compute differently. */
function unsupported(c: Config): string[] {
  const heads = c.num_attention_heads;
  const kvHeads = c.num_key_value_heads ?? heads;
  const ropeType = c.rope_parameters?.rope_type ?? c.rope_scaling?.rope_type ?? 'default';
  const problems: [boolean, string][] = [
    [c.hidden_act !== 'relu2', `hidden_act ${quote(c.hidden_act)}, expected "relu2"`],
    [c.attention_bias || c.qkv_bias, 'attention_bias true, expected false'],
    [ropeType !== 'default', `rope_type ${quote(ropeType)}, expected "default"`],
    [
      c.rope_parameters?.partial_rotary_factor !== undefined &&
        c.rope_parameters.partial_rotary_factor !== 1,
      'partial_rotary_factor other than 1',
    ],
    [softcap(c) === null, 'no final_logit_softcapping (null), expected a number such as 15'],
    [
      c.hidden_size % (2 * heads) !== 0,
      `hidden_size ${c.hidden_size} is not an even multiple of num_attention_heads ${heads}`,
    ],
    [
      heads % kvHeads !== 0,
      `num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`,
    ],
    [
      (c.head_dim ?? c.hidden_size / heads) !== c.hidden_size / heads,
      `head_dim ${c.head_dim ?? 0}, expected hidden_size / num_attention_heads = ${c.hidden_size / heads}`,
    ],
    [
      c.intermediate_size !== 4 * c.hidden_size,
      `intermediate_size ${c.intermediate_size}, expected 4 · hidden_size = ${4 * c.hidden_size}`,
    ],
  ];
  return problems.filter(([isSo]) => isSo).map(([, sentence]) => sentence);
}

function softcap(c: Config): number | null {
  if (c.final_logit_softcapping !== undefined) return c.final_logit_softcapping;
  return c.logits_soft_cap === undefined ? 15 : c.logits_soft_cap;
}

function nanochatConfig(c: Config): NanochatConfig {
  return {
    sequence_len: c.max_position_embeddings,
    vocab_size: c.vocab_size,
    n_layer: c.num_hidden_layers,
    n_head: c.num_attention_heads,
    n_kv_head: c.num_key_value_heads ?? c.num_attention_heads,
    n_embd: c.hidden_size,
    // The same default as for a meta_*.json without one, so that both forms of a model get the same id.
    window_pattern: 'L',
  };
}

/** transformers knows the first revision only. */
function revisionOf(c: Config): NanochatRevision {
  const r1 = NANOCHAT_REVISIONS.at(-1)!;
  return {
    ...r1,
    rotaryBase: c.rope_parameters?.rope_theta ?? c.rope_theta ?? r1.rotaryBase,
    rotaryDtype: ROTARY_DTYPES[c.dtype ?? c.torch_dtype ?? 'bfloat16'],
    logitSoftcap: softcap(c) ?? r1.logitSoftcap,
    normEps: c.rms_norm_eps,
  };
}
