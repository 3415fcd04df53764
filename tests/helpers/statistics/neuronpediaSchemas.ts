// What SAEDashboard's files and Neuronpedia's rows must look like, written from interop.md §§7, 8 and 11: every key, no
// other, numbers finite, lists that belong together equally long.
import * as v from 'valibot';

const finite = v.pipe(v.number(), v.finite());
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const share = v.pipe(finite, v.minValue(0), v.maxValue(1));
const cosine = v.pipe(finite, v.minValue(-1.00001), v.maxValue(1.00001));
const date = v.pipe(v.string(), v.isoTimestamp());
/** PostgreSQL refuses NUL and half surrogates. */
const text = v.pipe(
  v.string(),
  v.check((t) => !t.includes('\u0000'), 'no NUL'),
  v.check((t) => encodeURIComponentIsFine(t), 'whole characters'),
);
const id = v.pipe(v.string(), v.regex(/^c[0-9a-z]{24}$/));

function encodeURIComponentIsFine(t: string): boolean {
  try {
    encodeURIComponent(t);
    return true;
  } catch {
    return false;
  }
}

const STATISTICS = {
  neuron_alignment_indices: v.array(whole),
  neuron_alignment_values: v.array(finite),
  neuron_alignment_l1: v.array(share),
  correlated_neurons_indices: v.array(whole),
  correlated_neurons_l1: v.array(cosine),
  correlated_neurons_pearson: v.array(cosine),
  correlated_features_indices: v.array(whole),
  correlated_features_l1: v.array(cosine),
  correlated_features_pearson: v.array(cosine),
  neg_str: v.pipe(v.array(text), v.length(10)),
  neg_values: v.pipe(v.array(finite), v.length(10)),
  pos_str: v.pipe(v.array(text), v.length(10)),
  pos_values: v.pipe(v.array(finite), v.length(10)),
  frac_nonzero: share,
  freq_hist_data_bar_heights: v.pipe(v.array(whole), v.length(50)),
  freq_hist_data_bar_values: v.pipe(v.array(finite), v.length(50)),
  logits_hist_data_bar_heights: v.array(whole),
  logits_hist_data_bar_values: v.array(finite),
  decoder_weights_dist: v.array(share),
  vector: v.pipe(v.array(finite), v.minLength(1)),
};

type Lists = { [Key in keyof typeof STATISTICS]?: unknown };

/** Lists of one table are equally long. */
const belongsTogether = (row: Lists): boolean => {
  const length = (key: keyof typeof STATISTICS) => (row[key] as unknown[]).length;
  const groups: (keyof typeof STATISTICS)[][] = [
    ['neuron_alignment_indices', 'neuron_alignment_values', 'neuron_alignment_l1'],
    ['correlated_neurons_indices', 'correlated_neurons_l1', 'correlated_neurons_pearson'],
    ['correlated_features_indices', 'correlated_features_l1', 'correlated_features_pearson'],
    ['logits_hist_data_bar_heights', 'logits_hist_data_bar_values'],
  ];
  return groups.every((keys) => new Set(keys.map(length)).size === 1);
};

const Activation = v.pipe(
  v.strictObject({
    bin_min: finite,
    bin_max: finite,
    bin_contains: v.union([share, v.literal(-1)]),
    tokens: v.pipe(v.array(text), v.minLength(1)),
    values: v.array(finite),
    qualifying_token_index: whole,
  }),
  v.check(({ tokens, values }) => tokens.length === values.length, 'as many values as tokens'),
  v.check(({ values, qualifying_token_index: at }) => (values[at] ?? 0) > 0, 'it fires there'),
);

export const DashboardBatchFile = v.strictObject({
  model_id: v.string(),
  layer: whole,
  sae_set: v.string(),
  sae_id_suffix: v.null(),
  features: v.pipe(
    v.array(
      v.pipe(
        v.strictObject({
          feature_index: whole,
          ...STATISTICS,
          n_prompts_total: whole,
          n_tokens_in_prompt: whole,
          dataset: v.string(),
          activations: v.pipe(v.array(Activation), v.minLength(1)),
        }),
        v.check((row) => belongsTogether(row), 'lists of one table are equally long'),
      ),
    ),
    v.minLength(1),
    v.maxLength(128),
  ),
});

export const SkippedIndexesFile = v.strictObject({
  model_id: v.string(),
  layer: v.string(),
  sae_set: v.string(),
  log_sparsity: finite,
  skipped_indexes: v.array(whole),
});

const OWNED = { creatorId: v.string(), createdAt: date };
const PLACED = {
  modelId: v.string(),
  layer: v.pipe(v.string(), v.regex(/^\d+-[a-z0-9-]+$/)),
  index: v.pipe(v.string(), v.regex(/^\d+$/)),
};
const visibility = v.picklist(['PUBLIC', 'UNLISTED', 'PRIVATE']);

export const BULK_ROWS = {
  'release.jsonl': v.strictObject({
    ...OWNED,
    name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
    description: text,
    descriptionShort: text,
    creatorName: text,
    creatorNameShort: text,
    visibility,
    urls: v.array(v.string()),
  }),
  'model.jsonl': v.strictObject({
    ...OWNED,
    id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9.-]*[a-z0-9]$/)),
    instruct: v.boolean(),
    displayNameShort: text,
    displayName: text,
    dimension: whole,
    visibility,
    inferenceEnabled: v.literal(false),
    layers: v.pipe(whole, v.minValue(1)),
    neuronsPerLayer: whole,
    owner: v.pipe(text, v.minLength(1)),
    updatedAt: date,
  }),
  'sourceset.jsonl': v.strictObject({
    ...OWNED,
    modelId: v.string(),
    name: v.string(),
    creatorName: text,
    releaseName: v.string(),
    description: text,
    type: v.string(),
    visibility,
    urls: v.array(v.string()),
    hasDashboards: v.literal(true),
    allowInferenceSearch: v.literal(false),
    showHeadAttribution: v.literal(false),
  }),
  'source.jsonl': v.strictObject({
    ...OWNED,
    id: v.pipe(v.string(), v.regex(/^\d+-[a-z0-9-]+$/)),
    modelId: v.string(),
    setName: v.string(),
    visibility,
    hasDashboards: v.literal(true),
    inferenceEnabled: v.literal(false),
    saelensConfig: v.looseObject({ architecture: v.string(), metadata: v.looseObject({}) }),
    hfRepoId: v.nullable(v.string()),
    hfFolderId: v.nullable(v.string()),
    dataset: v.string(),
    num_prompts: whole,
    num_tokens_in_prompt: whole,
  }),
};

export const BULK_LINES = {
  features: v.pipe(
    v.strictObject({
      ...PLACED,
      ...OWNED,
      sourceSetName: v.string(),
      maxActApprox: finite,
      hasVector: v.literal(true),
      vectorLabel: v.null(),
      vectorDefaultSteerStrength: finite,
      hookName: v.pipe(v.string(), v.regex(/^blocks\.\d+\.hook_\w+$/)),
      topkCosSimIndices: v.array(whole),
      topkCosSimValues: v.array(cosine),
      ...STATISTICS,
    }),
    v.check((row) => belongsTogether(row), 'lists of one table are equally long'),
  ),
  activations: v.pipe(
    v.strictObject({
      id,
      ...PLACED,
      ...OWNED,
      tokens: v.array(text),
      values: v.array(finite),
      maxValue: finite,
      maxValueTokenIndex: whole,
      minValue: finite,
      dataIndex: v.null(),
      dataSource: text,
      dfaValues: v.pipe(v.array(finite), v.length(0)),
      dfaTargetIndex: v.null(),
      dfaMaxValue: v.null(),
      lossValues: v.pipe(v.array(finite), v.length(0)),
      logitContributions: v.null(),
      binMin: finite,
      binMax: finite,
      binContains: finite,
      qualifyingTokenIndex: whole,
    }),
    v.check((row) => row.values[row.maxValueTokenIndex] === row.maxValue, 'its largest value'),
    v.check((row) => row.tokens.length === row.values.length, 'as many values as tokens'),
  ),
  explanations: v.strictObject({
    id,
    ...PLACED,
    description: v.pipe(text, v.minLength(1)),
    authorId: v.string(),
    typeName: v.null(),
    explanationModelName: v.null(),
    notes: v.nullable(text),
    createdAt: date,
    updatedAt: date,
  }),
};
