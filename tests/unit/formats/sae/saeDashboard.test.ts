// Field by field against what SAEDashboard 0.8 writes (interop.md 7).
import { expect, it } from 'vitest';
import { formatSaeDashboard, type DashboardSource } from '../../../../src/formats/sae/saeDashboard';

const example = {
  tokens: [
    { text: 'The', act: 0 },
    { text: ' dog', act: 2 },
  ],
  peak: 1,
};
const counts = new Array<number>(128).fill(0);
// R 2: bins of 1/64. 30 tokens of 0.25, 10 of 1.99.
counts[16] = 30;
counts[127] = 10;

const SOURCE: DashboardSource = {
  latentIndex: 1432,
  density: 0.04,
  maxAct: 2,
  tokensSeen: 1000,
  histogram: { binWidth: 1 / 64, counts },
  topExamples: [example],
  intervals: [
    { from: 1, to: 2, count: 10, examples: [example] },
    { from: 0, to: 1, count: 30, examples: [{ tokens: [{ text: 'x', act: 0.25 }], peak: 0 }] },
  ],
  topLogits: [{ text: ' dog', value: 1.4200049 }],
  bottomLogits: [{ text: ' of', value: -0.61 }],
  logitHistogram: { from: -1, binWidth: 0.5, counts: [3, 4] },
  alignment: [{ index: 17, value: 0.21, shareOfL1: 0.011 }],
  neurons: [{ index: 5, pearson: 0.5, cosine: 0.25 }],
  direction: Float32Array.of(0.6, 0, 0, 0.8),
  heads: 2,
  correlated: [{ index: 88, phi: 0.64, cosine: 0.71 }],
  note: null,
};

function featureOf(source: DashboardSource) {
  const json = formatSaeDashboard({
    modelId: 'nanochat-d12',
    layer: 6,
    saeSet: 'res-nano',
    promptsTotal: 8,
    tokensInPrompt: 128,
    dataset: 'own-corpus',
    features: [source],
  });
  const batch = JSON.parse(json) as { features: Record<string, unknown>[] };
  expect(Object.keys(batch)).toEqual(['model_id', 'layer', 'sae_set', 'sae_id_suffix', 'features']);
  return batch.features[0]!;
}

it('has every field of SAEDashboard and no other', () => {
  expect(Object.keys(featureOf(SOURCE))).toEqual([
    ...['feature_index', 'neuron_alignment_indices', 'neuron_alignment_values'],
    ...['neuron_alignment_l1', 'correlated_neurons_indices', 'correlated_neurons_l1'],
    ...['correlated_neurons_pearson', 'correlated_features_indices', 'correlated_features_l1'],
    ...['correlated_features_pearson', 'neg_str', 'neg_values', 'pos_str', 'pos_values'],
    ...['frac_nonzero', 'freq_hist_data_bar_values', 'freq_hist_data_bar_heights'],
    ...['logits_hist_data_bar_heights', 'logits_hist_data_bar_values', 'n_prompts_total'],
    ...['n_tokens_in_prompt', 'dataset', 'decoder_weights_dist', 'activations', 'vector'],
  ]);
});

it('fills what SAEDashboard computes of text and weights', () => {
  expect(featureOf(SOURCE)).toMatchObject({
    correlated_neurons_indices: [5],
    correlated_neurons_pearson: [0.5],
    correlated_neurons_l1: [0.25],
    vector: [0.6, 0, 0, 0.8],
    // slices of norm 0.6 and 0.8
    decoder_weights_dist: [0.42857, 0.57143],
  });
  expect(featureOf({ ...SOURCE, heads: null })['decoder_weights_dist']).toEqual([]);
  expect(featureOf({ ...SOURCE, heads: 3 })['decoder_weights_dist']).toEqual([]);
});

it('writes shares of all tokens: the lowest interval holds the silent ones', () => {
  const activations = featureOf(SOURCE)['activations'] as Record<string, unknown>[];
  expect(activations.map((row) => [row['bin_min'], row['bin_max'], row['bin_contains']])).toEqual([
    [-1, 2, -1],
    [1, 2, 0.01],
    [0, 1, 0.99],
  ]);
  expect(activations[0]).toMatchObject({
    tokens: ['The', ' dog'],
    values: [0, 2],
    qualifying_token_index: 1,
  });
});

it('rebins to 50 bars that keep every firing token, at their centres', () => {
  const feature = featureOf(SOURCE);
  const heights = feature['freq_hist_data_bar_heights'] as number[];
  const values = feature['freq_hist_data_bar_values'] as number[];
  expect(heights).toHaveLength(50);
  expect([heights[6], heights[49]]).toEqual([30, 10]);
  expect(heights.reduce((sum, height) => sum + height)).toBe(40);
  expect([values[0], values[49]]).toEqual([0.02, 1.98]);
  expect(feature['logits_hist_data_bar_values']).toEqual([-0.75, -0.25]);
  expect(feature['pos_values']).toEqual([1.42]);
});

it('splits a stored bin between bars, so that no comb appears where there is none (7.17)', () => {
  // A flat histogram over 100 of 128 stored bins: each of the 50 bars holds two of them.
  const flat = Array.from({ length: 128 }, (_, i) => (i < 100 ? 32 : 0));
  const even = { ...SOURCE, maxAct: 100 / 64, histogram: { binWidth: 1 / 64, counts: flat } };
  expect(new Set(featureOf(even)['freq_hist_data_bar_heights'] as number[])).toEqual(new Set([64]));
  // Over 128 bins every bar holds 2.56: whole bins made bars of 64 and of 96.
  const odd = { ...SOURCE, histogram: { binWidth: 1 / 64, counts: flat.map(() => 25) } };
  const heights = featureOf(odd)['freq_hist_data_bar_heights'] as number[];
  expect(heights.every((height) => height === 64)).toBe(true);
});

it('carries a note beside its fields', () => {
  const note = { label: 'dogs', note: 'all of them', tags: ['animal'], isStarred: true };
  expect(featureOf({ ...SOURCE, note })['nanoscope']).toEqual({
    label: 'dogs',
    note: 'all of them',
    tags: ['animal'],
    starred: true,
  });
});
