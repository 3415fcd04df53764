// Neuronpedia's bulk layout (interop.md §§8, 11): rows of its tables as JSON lines. Its importer takes the columns from
// the first line of a file, so every line has the same keys, in the same order.
import type { DashboardFeature } from './saeDashboard';
import { sourceIdOf, type NeuronpediaPlace } from './neuronpediaNames';

type BulkRelease = {
  /** id of the release, one word; and as a sentence */
  name: string;
  description: string;
  url: string | null;
};

export type BulkFacts = {
  place: NeuronpediaPlace;
  release: BulkRelease;
  /** a user of the instance; the rows belong to it */
  creatorId: string;
  creatorName: string;
  /** ISO 8601 */
  createdAt: string;
  modelTitle: string;
  /** null: not known, since the model is not open */
  layers: number | null;
  d_model: number;
  description: string;
  dataset: string;
  promptsTotal: number;
  tokensInPrompt: number;
  /** where its weights can be had; null: nowhere */
  weights: { repo: string; folder: string } | null;
  /** the SAE's configuration as SAELens has it */
  saelensConfig: object;
};

/** A guess at what a latent fires on, or what a person called it. */
export type BulkExplanation = { description: string; notes: string | null };

/** What is written of a latent beside its dashboard. */
export type BulkFeature = {
  dashboard: DashboardFeature;
  /** latents of the closest decoder rows */
  neighbours: readonly { index: number; cosine: number }[];
  explanations: readonly BulkExplanation[];
};

/** The default user of a fresh local instance, which its own converter falls back to. */
export const LOCAL_CREATOR = 'clkht01d40000jv08hvalcvly';

export function bulkRows(o: BulkFacts): Record<string, object> {
  const { place, release, creatorId, creatorName, createdAt } = o;
  const { modelId, sourceSet } = place;
  const visibility = 'PUBLIC';
  return {
    'release.jsonl': {
      name: release.name,
      description: release.description,
      descriptionShort: release.description,
      creatorName,
      creatorNameShort: creatorName,
      creatorId,
      visibility,
      urls: release.url === null ? [] : [release.url],
      createdAt,
    },
    'model.jsonl': {
      id: modelId,
      instruct: false,
      creatorId,
      displayNameShort: o.modelTitle,
      displayName: o.modelTitle,
      dimension: o.d_model,
      visibility,
      inferenceEnabled: false,
      // The number of layers is a required column.
      layers: o.layers ?? place.layer + 1,
      neuronsPerLayer: 0,
      owner: creatorName,
      createdAt,
      updatedAt: createdAt,
    },
    'sourceset.jsonl': {
      modelId,
      name: sourceSet,
      creatorId,
      creatorName,
      releaseName: release.name,
      description: o.description,
      type: 'SAE',
      visibility,
      urls: [],
      hasDashboards: true,
      allowInferenceSearch: false,
      showHeadAttribution: false,
      createdAt,
    },
    'source.jsonl': {
      id: sourceIdOf(place),
      modelId,
      setName: sourceSet,
      creatorId,
      visibility,
      hasDashboards: true,
      inferenceEnabled: false,
      saelensConfig: o.saelensConfig,
      hfRepoId: o.weights?.repo ?? null,
      hfFolderId: o.weights?.folder ?? null,
      dataset: o.dataset,
      num_prompts: o.promptsTotal,
      num_tokens_in_prompt: o.tokensInPrompt,
      createdAt,
    },
  };
}

export function bulkFeatureRow({ dashboard: d, neighbours }: BulkFeature, o: BulkFacts) {
  const maxActApprox = maxOf(d);
  const hasVector = d.vector.length > 0;
  return {
    modelId: o.place.modelId,
    layer: sourceIdOf(o.place),
    index: String(d.feature_index),
    sourceSetName: o.place.sourceSet,
    creatorId: o.creatorId,
    createdAt: o.createdAt,
    maxActApprox,
    hasVector,
    vector: d.vector,
    vectorLabel: null,
    vectorDefaultSteerStrength: maxActApprox,
    hookName: o.place.hookPoint,
    topkCosSimIndices: neighbours.map(({ index }) => index),
    topkCosSimValues: neighbours.map(({ cosine }) => Number(cosine.toFixed(5))),
    neuron_alignment_indices: d.neuron_alignment_indices,
    neuron_alignment_values: d.neuron_alignment_values,
    neuron_alignment_l1: d.neuron_alignment_l1,
    correlated_neurons_indices: d.correlated_neurons_indices,
    correlated_neurons_pearson: d.correlated_neurons_pearson,
    correlated_neurons_l1: d.correlated_neurons_l1,
    correlated_features_indices: d.correlated_features_indices,
    correlated_features_pearson: d.correlated_features_pearson,
    correlated_features_l1: d.correlated_features_l1,
    neg_str: d.neg_str.map(storable),
    neg_values: d.neg_values,
    pos_str: d.pos_str.map(storable),
    pos_values: d.pos_values,
    frac_nonzero: d.frac_nonzero,
    freq_hist_data_bar_heights: d.freq_hist_data_bar_heights,
    freq_hist_data_bar_values: d.freq_hist_data_bar_values,
    logits_hist_data_bar_heights: d.logits_hist_data_bar_heights,
    logits_hist_data_bar_values: d.logits_hist_data_bar_values,
    decoder_weights_dist: d.decoder_weights_dist,
  };
}

/** newId: 25 characters from c, each but once. */
export function bulkActivationRows(
  { dashboard: d }: Pick<BulkFeature, 'dashboard'>,
  o: BulkFacts,
  newId: () => string,
) {
  return d.activations.map((activation) => {
    const maxValue = Math.max(...activation.values);
    return {
      id: newId(),
      modelId: o.place.modelId,
      layer: sourceIdOf(o.place),
      index: String(d.feature_index),
      tokens: activation.tokens.map(storable),
      values: activation.values,
      maxValue,
      maxValueTokenIndex: activation.values.indexOf(maxValue),
      minValue: Math.min(...activation.values),
      creatorId: o.creatorId,
      createdAt: o.createdAt,
      dataIndex: null,
      dataSource: o.dataset,
      dfaValues: [],
      dfaTargetIndex: null,
      dfaMaxValue: null,
      lossValues: [],
      logitContributions: null,
      binMin: activation.bin_min,
      binMax: activation.bin_max,
      binContains: activation.bin_contains,
      qualifyingTokenIndex: activation.qualifying_token_index,
    };
  });
}

/** typeName and explanationModelName must be registered on the instance, and ours are not. */
export function bulkExplanationRows(
  { dashboard, explanations }: BulkFeature,
  o: BulkFacts,
  newId: () => string,
) {
  return explanations.map(({ description, notes }) => ({
    id: newId(),
    modelId: o.place.modelId,
    layer: sourceIdOf(o.place),
    index: String(dashboard.feature_index),
    description: storable(description),
    authorId: o.creatorId,
    typeName: null,
    explanationModelName: null,
    notes: notes === null ? null : storable(notes),
    createdAt: o.createdAt,
    updatedAt: o.createdAt,
  }));
}

export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Ids as Neuronpedia's: 25 characters from c. seed: hex digits that tell one SAE from another. */
export function makeRowIds(seed: string): () => string {
  let count = 0;
  const prefix = `c${seed
    .replace(/[^0-9a-z]/g, '')
    .slice(0, 12)
    .padEnd(12, '0')}`;
  return () => prefix + (count++).toString(36).padStart(12, '0');
}

function maxOf({ activations }: DashboardFeature): number {
  return activations.reduce((max, { values }) => Math.max(max, ...values), 0);
}

const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** PostgreSQL has no text with NUL in it, nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\u0000', ' ').replace(HALF_PAIR, '\ufffd');
}
