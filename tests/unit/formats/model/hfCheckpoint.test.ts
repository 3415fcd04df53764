// What of transformers' files is refused, and with which words.
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parseHfConfig } from '../../../../src/formats/model/hfConfig';
import { readNanochatFolder } from '../../../../src/formats/model/nanochatFolder';
import type { DroppedFile } from '../../../../src/formats/model/nanochatFolder';
import { formatSafetensors } from '../../../../src/formats/archives/safetensors';
import { exportedFiles } from '../../../helpers/model/hfFixture';

const configText = (name: 'sharded' | 'tied' = 'sharded') =>
  exportedFiles(name)
    .find((file) => file.path.endsWith('/config.json'))!
    .blob.text();
const refusal = (files: DroppedFile[]) =>
  readNanochatFolder(files).then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );

describe('parseHfConfig', () => {
  it('takes rotary base, soft cap and eps from the file, and rotary precision from its dtype', async () => {
    const tied = parseHfConfig(await configText('tied'), 'config.json');
    expect(tied).toMatchObject({
      isTied: true,
      config: { n_layer: 3, n_head: 4, n_kv_head: 2, n_embd: 128, window_pattern: 'L' },
      revision: { rotaryBase: 50_000, rotaryDtype: 'f32', logitSoftcap: 20, normEps: 1e-3 },
    });
    const json = JSON.parse(await configText()) as Record<string, unknown>;
    const older = {
      ...json,
      rope_parameters: undefined,
      dtype: undefined,
      rope_theta: 20_000,
      rope_scaling: null,
      torch_dtype: 'bfloat16',
    };
    expect(parseHfConfig(JSON.stringify(older), 'config.json')).toMatchObject({
      revision: { rotaryBase: 20_000, rotaryDtype: 'bf16', logitSoftcap: 15, normEps: 1e-6 },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'another architecture',
      { architectures: ['LlamaForCausalLM'] },
      '"LlamaForCausalLM"; only NanoChatForCausalLM',
    ],
    ['no architecture', { architectures: undefined }, 'architectures is none'],
    ['another activation', { hidden_act: 'silu' }, 'hidden_act "silu"'],
    ['biases', { attention_bias: true }, 'attention_bias true'],
    [
      'scaled rotary',
      { rope_parameters: { rope_type: 'yarn', rope_theta: 1e4 } },
      'rope_type "yarn"',
    ],
    ['no soft cap', { final_logit_softcapping: null }, 'no final_logit_softcapping'],
    ['heads that do not divide', { num_attention_heads: 3 }, 'num_attention_heads 3'],
    ['its own head width', { head_dim: 32 }, 'head_dim 32, expected'],
    ['another MLP width', { intermediate_size: 100 }, 'intermediate_size 100'],
    ['a key of another architecture (7.20)', { use_xsa: true }, '"use_xsa": true'],
    [
      'a rotary key that changes it (7.20)',
      { rope_parameters: { rope_theta: 1e4, factor: 4 } },
      'rope_parameters',
    ],
    ['quantised weights (7.20)', { quantization_config: { bits: 4 } }, '"quantization_config"'],
    ['a negative depth', { num_hidden_layers: -1 }, 'num_hidden_layers'],
  ])('refuses %s', async (_, change, sentence) => {
    const json = { ...(JSON.parse(await configText()) as object), ...change };
    expect(() => parseHfConfig(JSON.stringify(json), 'config.json')).toThrow(sentence);
  });
});

describe('parseHfConfig of other versions', () => {
  it('lets keys of transformers pass that change no number (7.20)', async () => {
    const json = JSON.parse(await configText()) as object;
    const more = { ...json, _name_or_path: 'x', output_scores: false, pruned_heads: {}, top_k: 50 };
    expect(JSON.stringify(parseHfConfig(JSON.stringify(more), 'config.json'))).toBe(
      JSON.stringify(parseHfConfig(JSON.stringify(json), 'config.json')),
    );
  });
});

describe('readNanochatFolder with safetensors', () => {
  const without = (name: string) => exportedFiles('sharded').filter((f) => !f.path.endsWith(name));

  it.each<[string, string, string]>([
    ['the index', 'index.json', 'no model.safetensors.index.json among the '],
    ['a shard', '00002-of-00002.safetensors', 'model-00002-of-00002.safetensors: it lacks tensor'],
    ['the tokenizer', 'tokenizer.json', 'no tokenizer.json among the '],
    ['the configuration', '/config.json', 'no config.json among the '],
  ])('says that %s is missing', async (_, name, sentence) => {
    expect(await refusal(without(name))).toContain(sentence);
  });

  it('names unexpected, missing and misshapen tensors with their shapes', async () => {
    const files = exportedFiles('bf16').filter((file) => !file.path.endsWith('.safetensors'));
    const data = new Float32Array(6);
    const odd = formatSafetensors([
      { name: 'model.embed_tokens.weight', shape: [2, 3], data },
      { name: 'model.norm.weight', shape: [6], data },
    ]);
    const message = await refusal([
      ...files,
      { path: 'bf16/model.safetensors', blob: new Blob([odd]) },
    ]);
    expect(message).toContain('unexpected: model.norm.weight [6]');
    expect(message).toContain('missing: lm_head.weight [290, 128]');
    expect(message).toContain('model.embed_tokens.weight expected [290, 128], found [2, 3]');
  });

  it('refuses the tokenizer of another model', async () => {
    const other = exportedFiles('tied').find((file) => file.path.endsWith('tokenizer.json'))!;
    const files = [...without('tokenizer.json'), { ...other, path: 'sharded/tokenizer.json' }];
    expect(await refusal(files)).toContain('300 tokens, but vocab_size in config.json is 283');
  });
});
