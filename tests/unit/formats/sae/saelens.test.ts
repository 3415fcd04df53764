import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { reconstruct } from '../../../../src/core/evaluate/reconstruction';
import { encodeRowsReference } from '../../../../src/core/reference/encodeRows';
import type { SaeParams } from '../../../../src/core/sae/sae';
import { formatSafetensors } from '../../../../src/formats/archives/safetensors';
import type { F32Tensor } from '../../../../src/formats/archives/safetensors';
import {
  CONFIG_FILE,
  SCALER_FILE,
  SPARSITY_FILE,
  WEIGHTS_FILE,
} from '../../../../src/formats/sae/saeFolder';
import { formatSaeLens, parseSaeLens } from '../../../../src/formats/sae/saelens';
import type { SaeLensFacts } from '../../../../src/formats/sae/saelens';
import { makeSaeParams } from '../../../helpers/cases';
import '../../../helpers/matchers';
import { blobOf } from '../archives/pickleBuilder';

const PARAMS = makeSaeParams({ seed: 3, d_in: 6, d_sae: 10, k: 2 });
const FACTS: SaeLensFacts = {
  architecture: 'topk',
  k: 2,
  hookPoint: 'blocks.2.hook_resid_post',
  modelName: 'nanochat-d4',
  contextSize: 256,
  prependBos: true,
  excludeSpecialTokens: true,
  datasetPath: 'demo-corpus',
  statistics: { tokens: 65_536, datasetPath: 'other-corpus' },
  version: '0.1.0',
  tokens: 1_000_000,
  l0: 1.9,
  deadCount: 1,
  explainedVariance: 0.81,
  fireRates: Float64Array.from({ length: 10 }, (_, i) => i / 40),
};

type Cfg = Record<string, unknown> & { metadata: Record<string, unknown> };
const cfgOf = (files: Map<string, Uint8Array>) =>
  JSON.parse(new TextDecoder().decode(files.get(CONFIG_FILE))) as Cfg;
const dropped = (files: Map<string, Uint8Array>) =>
  [...files].map(([name, bytes]) => ({ path: `sae/${name}`, blob: blobOf(bytes) }));
const weightsOf = (params: SaeParams, extra: F32Tensor[] = []): Uint8Array => {
  const { d_in, d_sae } = params;
  return formatSafetensors([
    { name: 'W_enc', shape: [d_in, d_sae], data: params.W_enc },
    { name: 'b_enc', shape: [d_sae], data: params.b_enc },
    { name: 'W_dec', shape: [d_sae, d_in], data: params.W_dec },
    { name: 'b_dec', shape: [d_in], data: params.b_dec },
    ...extra,
  ]);
};
/** Files of somebody else: a cfg.json with changes, weights of choice. */
const foreign = (change: (cfg: Cfg) => object, weights = weightsOf(PARAMS)) => {
  const cfg = { ...cfgOf(formatSaeLens(PARAMS, FACTS)) };
  const text = JSON.stringify({ ...cfg, ...change(cfg) });
  return dropped(
    new Map([
      [CONFIG_FILE, new TextEncoder().encode(text)],
      [WEIGHTS_FILE, weights],
    ]),
  );
};
const refusal = (files: { path: string; blob: Blob }[]) =>
  parseSaeLens(files).then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );

/** saeOut of a TopK SAE on one input, latents selected by h or by h·n (interop.md §4). */
function encodeDecode(p: SaeParams, x: readonly number[], rescaled = false): number[] {
  if (p.architecture !== 'topk') throw new Error(`${p.architecture} is no topk`);
  const norms = Array.from({ length: p.d_sae }, (_, i) =>
    Math.hypot(...p.W_dec.subarray(i * p.d_in, (i + 1) * p.d_in)),
  );
  const h = Array.from({ length: p.d_sae }, (_, i) =>
    x.reduce(
      (sum, v, d) => sum + (v - (p.applyBDecToInput ? p.b_dec[d]! : 0)) * p.W_enc[d * p.d_sae + i]!,
      p.b_enc[i]!,
    ),
  );
  const score = h.map((v, i) => (rescaled ? v * norms[i]! : v));
  const kept = [...h.keys()].sort((a, b) => score[b]! - score[a]!).slice(0, p.k);
  return x.map((_, d) =>
    kept.reduce((sum, i) => sum + Math.max(0, h[i]!) * p.W_dec[i * p.d_in + d]!, p.b_dec[d]!),
  );
}

describe('formatSaeLens', () => {
  it('writes the cfg.json of interop.md §4', () => {
    const files = formatSaeLens(PARAMS, FACTS);
    expect([...files.keys()]).toEqual([CONFIG_FILE, WEIGHTS_FILE, SPARSITY_FILE]);
    expect(cfgOf(files)).toEqual({
      architecture: 'topk',
      d_in: 6,
      d_sae: 10,
      dtype: 'float32',
      apply_b_dec_to_input: true,
      normalize_activations: 'none',
      k: 2,
      rescale_acts_by_decoder_norm: true,
      metadata: {
        sae_lens_version: '6.54.12',
        sae_lens_training_version: null,
        model_name: 'nanochat-d4',
        model_class_name: 'AutoModelForCausalLM',
        hf_hook_name: 'model.layers.2',
        hook_name: 'blocks.2.hook_resid_post',
        hook_head_index: null,
        context_size: 256,
        prepend_bos: true,
        exclude_special_tokens: true,
        seqpos_slice: [null],
        dataset_path: 'demo-corpus',
        model_from_pretrained_kwargs: {},
        l0: 1.9,
        num_dead_features: 1,
        training_architecture: 'topk',
        nanoscope: {
          version: '0.1.0',
          tokens: 1_000_000,
          explainedVariance: 0.81,
          sparsity: { tokens: 65_536, datasetPath: 'other-corpus' },
        },
      },
    });
  });

  it('leaves out what is not known and says when rows are not unit', () => {
    const unknown = { tokens: null, l0: null, deadCount: null, explainedVariance: null };
    const W_dec = PARAMS.W_dec.map((w) => 2 * w);
    const files = formatSaeLens(
      { ...PARAMS, W_dec },
      { ...FACTS, ...unknown, fireRates: null, statistics: null },
    );
    expect([...files.keys()]).toEqual([CONFIG_FILE, WEIGHTS_FILE]);
    const cfg = cfgOf(files);
    expect(cfg['rescale_acts_by_decoder_norm']).toBe(false);
    expect(cfg.metadata['nanoscope']).toEqual({ version: '0.1.0' });
    expect(Object.keys(cfg.metadata)).not.toContain('l0');
  });

  it('comes back bit for bit', async () => {
    const read = await parseSaeLens(dropped(formatSaeLens(PARAMS, FACTS)));
    expect(read.params).toEqual(PARAMS);
    expect([read.hookName, read.modelName]).toEqual([FACTS.hookPoint, FACTS.modelName]);
    const { fireRates, ...facts } = read.facts;
    expect(facts).toEqual({
      architecture: 'topk',
      k: 2,
      saeLensVersion: '6.54.12',
      contextSize: 256,
      prependBos: true,
      excludeSpecialTokens: true,
      datasetPath: 'demo-corpus',
      tokens: 1_000_000,
      l0: 1.9,
      deadCount: 1,
      explainedVariance: 0.81,
    });
    fireRates!.forEach((rate, i) => expect(rate).toBeCloseTo(i / 40, 6));
    expect(fireRates![0]).toBeLessThan(1e-12);
  });
});

describe('parseSaeLens', () => {
  const scaled: SaeParams = {
    ...PARAMS,
    W_dec: PARAMS.W_dec.map((w, at) => w * (1 + (Math.floor(at / PARAMS.d_in) % 4))),
  };
  const inputs = Array.from({ length: 40 }, (_, n) =>
    Array.from({ length: 6 }, (_, d) => Math.sin(7 * n + 3 * d)),
  );

  it('folds decoder norms where SAELens selected by them, keeping saeOut', async () => {
    const read = await parseSaeLens(foreign(() => ({}), weightsOf(scaled)));
    for (let i = 0; i < 10; i++) {
      expect(Math.hypot(...read.params.W_dec.subarray(6 * i, 6 * i + 6))).toBeCloseTo(1, 6);
    }
    for (const x of inputs) {
      const expected = encodeDecode(scaled, x, true);
      encodeDecode(read.params, x).forEach((v, d) => expect(v).toBeCloseTo(expected[d]!, 5));
    }
  });

  it('keeps the selection where it was made without norms, which become factors of f (7.15)', async () => {
    const files = foreign(() => ({ rescale_acts_by_decoder_norm: false }), weightsOf(scaled));
    const { params, W_dec, ...rest } = await parseSaeLens(files);
    expect(W_dec).toEqual(scaled.W_dec);
    if (params.architecture !== 'topk') throw new Error(`read as ${params.architecture}`);
    expect(params.W_enc).toEqual(scaled.W_enc);
    for (let i = 0; i < 10; i++) {
      expect(params.actScale![i]).toBeCloseTo(1 + (i % 4), 5);
      expect(Math.hypot(...params.W_dec.subarray(6 * i, 6 * i + 6))).toBeCloseTo(1, 6);
    }
    for (const x of inputs) {
      const expected = encodeDecode(scaled, x);
      const code = encodeRowsReference(
        params,
        { data: Float32Array.from(x), cols: 6 },
        Uint32Array.of(0),
      );
      reconstruct(params, code, 1).forEach((v, d) => expect(v).toBeCloseTo(expected[d]!, 5));
    }
    // Written again as it was read: with the norms in the decoder, which do not select.
    const facts = { ...FACTS, fireRates: null };
    const again = formatSaeLens(params, facts);
    expect(cfgOf(again)['rescale_acts_by_decoder_norm']).toBe(false);
    const back = await parseSaeLens(dropped(again));
    expect(back).toEqual({ ...rest, params: back.params, W_dec: back.W_dec, facts: back.facts });
    expect(back.params.W_enc).toEqual(params.W_enc);
    expect(back.params.W_dec).toBeAllclose(params.W_dec, { rtol: 1e-6 });
    const rewritten = back.params.architecture === 'topk' ? back.params.actScale! : [];
    expect(rewritten).toBeAllclose(params.actScale!, { rtol: 1e-6 });
  });

  it('drops a scaling_factor of ones and keeps apply_b_dec_to_input', async () => {
    const ones = { name: 'scaling_factor', shape: [10], data: new Float32Array(10).fill(1) };
    const files = foreign(() => ({ apply_b_dec_to_input: false }), weightsOf(PARAMS, [ones]));
    expect((await parseSaeLens(files)).params).toEqual({ ...PARAMS, applyBDecToInput: false });
  });

  const meta = (change: object) => (cfg: Cfg) => ({ metadata: { ...cfg.metadata, ...change } });
  it.each<[string, (cfg: Cfg) => object, string]>([
    ['batchtopk', () => ({ architecture: 'batchtopk' }), 'SAELens saves batchtopk'],
    ['jumprelu without thresholds', () => ({ architecture: 'jumprelu' }), 'tensor threshold'],
    ['matching_pursuit', () => ({ architecture: 'matching_pursuit' }), '"matching_pursuit"'],
    ['no architecture', () => ({ architecture: undefined }), 'architecture missing'],
    [
      'layer_norm',
      () => ({ normalize_activations: 'layer_norm' }),
      'normalize_activations "layer_norm"',
    ],
    [
      'a scale in the input without its factor',
      () => ({ normalize_activations: 'expected_average_only_in' }),
      'drop activation_scaler.json of the same checkpoint too',
    ],
    [
      'whitened inputs',
      () => ({ normalize_activations: 'covariance_whitening' }),
      'fold_activation_whitening',
    ],
    ['files before 6.0', () => ({ metadata: undefined }), 'SAELens before 6.0'],
    ['version 5', meta({ sae_lens_version: '5.9.1' }), 'sae_lens_version "5.9.1"'],
    ['an attention hook', meta({ hook_name: 'blocks.2.attn.hook_z' }), '"blocks.2.attn.hook_z"'],
    ['an SAE of one head', meta({ hook_head_index: 3 }), 'hook_head_index 3'],
    [
      'a norm of each token (7.25)',
      () => ({ normalize_activations: 'constant_norm_rescale' }),
      'which weights cannot take over',
    ],
    ['64 bits (7.25)', () => ({ dtype: 'float64' }), 'dtype "float64": weights of 64 bits'],
    [
      'more latents a token than can be computed (7.25)',
      () => ({ k: 2000, d_sae: 4000 }),
      'k 2000: at most 1024',
    ],
    ['k above d_sae', () => ({ k: 11 }), 'k 11, d_sae 10'],
    ['a fractional k', () => ({ k: 1.5 }), 'cfg.json: k:'],
    ['no dtype', () => ({ dtype: undefined }), 'cfg.json: dtype'],
    [
      'a width of another SAE',
      () => ({ d_in: 7 }),
      'expected shape [7, 10] of its configuration, found [6, 10]',
    ],
  ])('refuses %s by name', async (_, change, sentence) => {
    expect(await refusal(foreign(change))).toContain(sentence);
  });

  it('refuses spare, missing and non-finite tensors', async () => {
    const threshold = { name: 'threshold', shape: [10], data: new Float32Array(10) };
    expect(await refusal(foreign(() => ({}), weightsOf(PARAMS, [threshold])))).toContain(
      'unexpected tensors "threshold"',
    );
    const factor = { name: 'scaling_factor', shape: [10], data: new Float32Array(10).fill(2) };
    expect(await refusal(foreign(() => ({}), weightsOf(PARAMS, [factor])))).toContain(
      'scaling_factor is not 1',
    );
    const b_enc = Float32Array.from(PARAMS.b_enc).fill(NaN, 4, 5);
    expect(await refusal(foreign(() => ({}), weightsOf({ ...PARAMS, b_enc })))).toContain(
      'b_enc has the value NaN at index 4',
    );
    const some = formatSafetensors([{ name: 'W_enc', shape: [6, 10], data: PARAMS.W_enc }]);
    expect(await refusal(foreign(() => ({}), some))).toContain(
      'b_enc: expected shape [10] of its configuration, found none',
    );
  });

  it('folds the factor of activation_scaler.json into the weights (7.25)', async () => {
    const scaled = { normalize_activations: 'expected_average_only_in' };
    const scaler = (text: string) => [
      ...foreign(() => scaled),
      { path: `sae/${SCALER_FILE}`, blob: new Blob([text]) },
    ];
    const { params } = await parseSaeLens(
      scaler('{"scaling_factor": 0.5, "has_whitening": false}'),
    );
    expect(params.b_dec).toEqual(PARAMS.b_dec.map((b) => b / 0.5));
    expect(await refusal(scaler('{"scaling_factor": null}'))).toContain(
      'scaling_factor "null" is not a number above 0',
    );
    expect(await refusal(scaler('[]'))).toContain('scaling_factor is missing');
  });

  it('hands on what others wrote and says only of itself what it knows (7.25)', async () => {
    const theirs = {
      model_name: 'org/model',
      hook_name: 'model.layers.2',
      dataset: { split: 'train' },
      seqpos_slice: [1, -1],
      prepend_bos: false,
      context_size: null,
      sae_lens_training_version: '6.40.0',
    };
    const files = foreign(({ metadata }) => ({
      metadata: { ...metadata, nanoscope: undefined, ...theirs },
    }));
    const read = await parseSaeLens([
      ...files,
      {
        path: 'sae/sparsity.safetensors',
        blob: blobOf(
          formatSafetensors([
            { name: 'sparsity', shape: [10], data: new Float32Array(10).fill(-3) },
          ]),
        ),
      },
    ]);
    const written = formatSaeLens(read.params, {
      ...FACTS,
      hookPoint: read.hookName,
      modelName: read.modelName,
      carried: read.carried,
    });
    const { nanoscope, ...metadata } = cfgOf(written).metadata;
    expect(metadata).toEqual({ ...read.carried.metadata });
    expect(metadata).toMatchObject(theirs);
    expect(nanoscope).toEqual({ version: '0.1.0', tokens: 1_000_000, explainedVariance: 0.81 });
    const again = await parseSaeLens(dropped(written));
    again.facts.fireRates!.forEach((rate) => expect(rate).toBeCloseTo(1e-3, 8));
    expect(again.carried.metadata).toEqual(read.carried.metadata);
  });

  it('knows its own model again by the id that its files keep beside the name', async () => {
    const files = formatSaeLens(PARAMS, { ...FACTS, modelName: 'd4', modelId: 'd4~0123' });
    expect(cfgOf(files).metadata).toMatchObject({ model_name: 'd4' });
    expect((await parseSaeLens(dropped(files))).modelName).toBe('d4~0123');
  });

  it.each([
    ['blocks.2.hook_out', 'blocks.2.hook_resid_post'],
    ['blocks.0.hook_mlp_out', 'blocks.0.hook_mlp_out'],
    ['model.layers.2.mlp', 'blocks.2.hook_mlp_out'],
    ['transformer.h.3.attn', 'blocks.3.hook_attn_out'],
    ['model.layers.3.self_attn', 'blocks.3.hook_attn_out'],
    ['model.layers.2', 'blocks.2.hook_resid_post'],
    ['transformer.h.11', 'blocks.11.hook_resid_post'],
  ])('reads %s as the residual stream after the block (7.26)', async (name, hook) => {
    expect((await parseSaeLens(foreign(meta({ hook_name: name })))).hookName).toBe(hook);
  });

  it.each<[string, (cfg: Cfg) => object]>([
    ['the dtype as torch prints it', () => ({ dtype: 'torch.float32' })],
    ['a null for no normalisation', () => ({ normalize_activations: null })],
  ])('reads %s (7.25)', async (_, change) => {
    expect((await parseSaeLens(foreign(change))).params).toEqual(PARAMS);
  });

  it('says which file is missing or there twice', async () => {
    const files = dropped(formatSaeLens(PARAMS, FACTS));
    expect(await refusal(files.slice(1))).toContain('0 named cfg.json, expected 1');
    expect(await refusal(files.slice(0, 1))).toContain('0 named sae_weights.safetensors');
    expect(await refusal([...files, ...files])).toContain('2 named cfg.json');
  });

  it('reads how the text was packed, ours of earlier versions as it was (7.11)', async () => {
    const packing = async (change: object) => {
      const files = foreign(({ metadata }) => ({ metadata: { ...metadata, ...change } }));
      const { prependBos, excludeSpecialTokens } = (await parseSaeLens(files)).facts;
      return [prependBos, excludeSpecialTokens];
    };
    const said = { prepend_bos: false, exclude_special_tokens: false };
    expect(await packing(said)).toEqual([false, false]);
    expect(await packing({ ...said, nanoscope: undefined })).toEqual([false, false]);
    const unsaid = { exclude_special_tokens: undefined };
    // It said prepend_bos: true while only documents began with one.
    expect(await packing(unsaid)).toEqual([false, true]);
    expect(await packing({ ...unsaid, nanoscope: undefined })).toEqual([true, null]);
    expect(await packing({ ...unsaid, prepend_bos: undefined, nanoscope: undefined })).toEqual([
      null,
      null,
    ]);
  });

  it('leaves out what a file says of itself and cannot be', async () => {
    const impossible = {
      context_size: 1e300,
      l0: -1,
      num_dead_features: 11,
      nanoscope: { tokens: 0.5, explainedVariance: 2 },
    };
    const { facts } = await parseSaeLens(
      foreign(({ metadata }) => ({ metadata: { ...metadata, ...impossible } })),
    );
    expect(facts).toMatchObject({
      contextSize: null,
      l0: null,
      deadCount: null,
      tokens: null,
      explainedVariance: null,
    });
    const name = { model_name: 'x'.repeat(501) };
    const long = foreign(({ metadata }) => ({ metadata: { ...metadata, ...name } }));
    expect(await refusal(long)).toContain('model_name');
  });

  it('refuses decoder rows whose norm does not fit into the encoder', async () => {
    const huge = { ...PARAMS, W_dec: PARAMS.W_dec.map(() => 3e38) };
    const rescaled = { rescale_acts_by_decoder_norm: true };
    expect(await refusal(foreign(() => rescaled, weightsOf(huge)))).toContain(
      'decoder norms are too large',
    );
  });
});

describe('every inference architecture', () => {
  const { d_in, d_sae, W_enc, b_enc, W_dec, b_dec, applyBDecToInput } = PARAMS;
  const shared = { d_in, d_sae, W_enc, b_enc, W_dec, b_dec, applyBDecToInput };
  const vector = (scale: number) => Float32Array.from({ length: 10 }, (_, i) => scale * (i + 1));
  const cases: [SaeParams, SaeLensFacts['architecture'], string, string][] = [
    [{ ...shared, architecture: 'relu' }, 'relu', 'standard', 'standard'],
    [
      { ...shared, architecture: 'jumprelu', threshold: vector(0.1) },
      'jumprelu',
      'jumprelu',
      'jumprelu',
    ],
    [
      { ...shared, architecture: 'jumprelu', threshold: vector(0) },
      'batchtopk',
      'jumprelu',
      'batchtopk',
    ],
    [
      { ...shared, architecture: 'jumprelu', threshold: vector(0.2) },
      'matryoshka',
      'jumprelu',
      'matryoshka_batchtopk',
    ],
    [
      {
        ...shared,
        architecture: 'gated',
        b_enc: new Float32Array(10),
        b_gate: vector(0.1),
        b_mag: vector(-0.2),
        r_mag: vector(0.01),
      },
      'gated',
      'gated',
      'gated',
    ],
  ];
  it.each(cases)('comes back bit for bit: %#', async (params, trained, architecture, training) => {
    const facts = { ...FACTS, architecture: trained, k: trained === 'batchtopk' ? 2.5 : null };
    const files = formatSaeLens(params, facts);
    expect(cfgOf(files)).toMatchObject({
      architecture,
      metadata: { training_architecture: training },
    });
    expect(cfgOf(files)).not.toHaveProperty('k');
    const read = await parseSaeLens(dropped(files));
    expect(read.params).toEqual(params);
    expect(read.facts).toMatchObject({ architecture: trained, k: facts.k });
  });

  it('takes other norms of a jumprelu decoder into threshold and activation', async () => {
    const W_dec = PARAMS.W_dec.map((w) => 2 * w);
    const params: SaeParams = {
      ...shared,
      W_dec,
      architecture: 'jumprelu',
      threshold: vector(0.1),
    };
    const facts = { ...FACTS, architecture: 'jumprelu' as const, k: null };
    const read = await parseSaeLens(dropped(formatSaeLens(params, facts)));
    if (read.params.architecture !== 'jumprelu') throw new Error('not a jumprelu');
    read.params.threshold.forEach((theta, i) => {
      expect(theta).toBeCloseTo(2 * params.threshold[i]!, 5);
    });
  });
});

describe('a transcoder', () => {
  const point = 'blocks.2.ln2.hook_normalized' as const;
  const transcoder = { ...PARAMS, applyBDecToInput: false };
  const facts: SaeLensFacts = { ...FACTS, architecture: 'transcoder', hookPoint: point };
  const files = formatSaeLens(transcoder, facts);
  const changed = (change: (cfg: Cfg) => object) => {
    const cfg = cfgOf(files);
    const text = new TextEncoder().encode(JSON.stringify({ ...cfg, ...change(cfg) }));
    return dropped(new Map([...files, [CONFIG_FILE, text]]));
  };

  it('is written as SAELens writes one, with both hooks, and its k beside', () => {
    expect(cfgOf(files)).toMatchObject({
      architecture: 'transcoder',
      d_in: 6,
      d_out: 6,
      k: 2,
      apply_b_dec_to_input: false,
      metadata: { hook_name: point, hook_name_out: 'blocks.2.hook_mlp_out' },
    });
  });

  it('is read back bit for bit', async () => {
    const back = await parseSaeLens(dropped(files));
    expect(back.params).toEqual(transcoder);
    expect(back.hookName).toBe(point);
    expect(back.facts).toMatchObject({ architecture: 'transcoder', k: 2 });
  });

  it('of SAELens itself is ReLU, and a jumprelu_transcoder JumpReLU', async () => {
    const relu = await parseSaeLens(changed(() => ({ k: undefined })));
    expect(relu.params.architecture).toBe('relu');
    expect(relu.facts).toMatchObject({ architecture: 'transcoder', k: null });
    const threshold = Float32Array.from({ length: 10 }, (_, i) => i / 10);
    const jump = { ...transcoder, architecture: 'jumprelu' as const, threshold };
    const written = formatSaeLens(jump, { ...facts, k: null });
    expect(cfgOf(written)['architecture']).toBe('jumprelu_transcoder');
    expect((await parseSaeLens(dropped(written))).params).toMatchObject({ threshold });
  });

  it('may name its input as TransformerBridge does', async () => {
    const named = changed(({ metadata }) => ({
      metadata: { ...metadata, hook_name: 'blocks.2.mlp.hook_in' },
    }));
    expect((await parseSaeLens(named)).hookName).toBe(point);
  });

  it.each([
    [{ hook_name: 'blocks.2.hook_resid_mid' }, {}, 'hook_name "blocks.2.hook_resid_mid" of a'],
    [{ hook_name_out: 'blocks.3.hook_mlp_out' }, {}, 'hook_name_out "blocks.3.hook_mlp_out"; a'],
    [{}, { d_out: 12 }, 'd_out 12 with d_in 6'],
    [{}, { architecture: 'topk' }, 'only transcoders of what an MLP reads can be used here'],
    [{}, { architecture: 'skip_transcoder' }, 'architecture "skip_transcoder" is not read'],
  ])('is refused by name: %j %j', async (meta, own, message) => {
    const files = changed(({ metadata }) => ({ ...own, metadata: { ...metadata, ...meta } }));
    expect(await refusal(files)).toContain(message);
  });
});
