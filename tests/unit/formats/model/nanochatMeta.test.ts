import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parseNanochatMeta } from '../../../../src/formats/model/nanochatMeta';
import { DEMO_MODEL } from '../../../helpers/model/demoFiles';

const MODEL = { sequence_len: 8, vocab_size: 300, n_layer: 2, n_head: 2, n_kv_head: 1, n_embd: 32 };
const parse = (model: object, rest: object = {}) =>
  parseNanochatMeta(JSON.stringify({ ...rest, model_config: { ...MODEL, ...model } }), 'meta.json');
const refusal = (run: () => unknown) => {
  try {
    run();
    return 'read';
  } catch (error) {
    return error instanceof FormatError ? error.message : `not ours: ${String(error)}`;
  }
};

describe('parseNanochatMeta', () => {
  it('reads the meta of the demo', () => {
    const text = readFileSync(`${DEMO_MODEL.folder}/${DEMO_MODEL.meta}`, 'utf8');
    expect(parseNanochatMeta(text, DEMO_MODEL.meta)).toEqual({
      config: {
        sequence_len: 256,
        vocab_size: 4096,
        n_layer: 4,
        n_head: 4,
        n_kv_head: 4,
        n_embd: 256,
        window_pattern: 'SSSL',
      },
      step: DEMO_MODEL.step,
      valBpb: DEMO_MODEL.val_bpb,
      settings: Object.keys((JSON.parse(text) as { user_config?: object }).user_config ?? {}),
    });
  });

  it('takes an absent window_pattern for "L" and absent figures for unknown', () => {
    expect(parse({})).toEqual({
      config: { ...MODEL, window_pattern: 'L' },
      step: null,
      valBpb: null,
      settings: [],
    });
  });

  it('names the training settings, and takes anything else in their place for none', () => {
    expect(parse({}, { user_config: { depth: 20, gsm8k_epochs: 4 } }).settings).toEqual([
      'depth',
      'gsm8k_epochs',
    ]);
    for (const settings of [null, 7, []]) {
      expect(parse({}, { user_config: settings }).settings).toEqual([]);
    }
  });

  it.each<[string, object, string]>([
    ['a layer count of zero', { n_layer: 0 }, 'model_config.n_layer'],
    ['a width beyond bounds', { n_embd: 1e9 }, 'model_config.n_embd'],
    ['a fraction', { n_head: 1.5 }, 'model_config.n_head'],
    ['a number as text', { vocab_size: '300' }, 'model_config.vocab_size'],
    ['a pattern of other letters', { window_pattern: 'SSXL' }, 'model_config.window_pattern'],
    ['heads that do not divide the width', { n_head: 3, n_kv_head: 3 }, 'n_embd 32, n_head 3'],
    ['an odd head width', { n_embd: 30 }, 'n_embd 30, n_head 2'],
    ['groups that do not divide the heads', { n_kv_head: 3 }, 'n_head 2, n_kv_head 3'],
  ])('refuses %s', (_, model, sentence) => {
    expect(refusal(() => parse(model))).toContain(sentence);
  });

  it('does not repeat a long value in its sentence', () => {
    const sentence = refusal(() => parse({ window_pattern: 'x'.repeat(100_000) }));
    expect(sentence).toContain('window_pattern');
    expect(sentence.length).toBeLessThan(500);
  });

  it.each<[string, unknown]>([
    ['use_xsa', true],
    ['mup_base_width', 256],
    ['rope_scale', 4],
    ['num_experts', 8],
    ['of_tomorrow', 1],
  ])('refuses the unknown key %s by name, with the keys it knows (7.20)', (key, value) => {
    const sentence = refusal(() => parse({ [key]: value }));
    expect(sentence).toContain(`"${key}": ${JSON.stringify(value)}`);
    expect(sentence).toContain('known keys: sequence_len, vocab_size');
  });

  it('lets keys pass that change nothing as they stand (7.20)', () => {
    const plain = parse({});
    expect(parse({ num_experts: 0, top_k: 0, use_xsa: false, rope_scale: 1 })).toEqual(plain);
  });

  it('reads what a run without evaluation writes (7.22)', () => {
    const text = JSON.stringify({ step: 3, model_config: MODEL }).replace(
      '{"step"',
      '{"min_val_bpb": Infinity, "val_bpb": NaN, "step"',
    );
    expect(parseNanochatMeta(text, 'm.json')).toMatchObject({ step: 3, valBpb: null });
  });

  it('refuses text that is no JSON, or no meta', () => {
    expect(refusal(() => parseNanochatMeta('{"step": 9', 'm.json'))).toContain(
      'm.json: not valid JSON',
    );
    expect(refusal(() => parseNanochatMeta('[]', 'm.json'))).toContain('m.json: ');
    expect(refusal(() => parse({}, { step: -1 }))).toContain('step');
  });
});
