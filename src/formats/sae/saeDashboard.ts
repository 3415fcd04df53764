// Dashboards as SAEDashboard 0.8 writes them (batch-N.json): its field names, its idea of a share (of all
// tokens, closed intervals), numbers at five decimals. Source: interop.md 7.

import { norm } from '../../core/numeric/vectors';

type Example = { tokens: readonly { text: string; act: number }[]; peak: number };
type Group = { from: number; to: number; count: number; examples: readonly Example[] };
type RankedToken = { text: string; value: number };

export type DashboardSource = {
  latentIndex: number;
  density: number;
  maxAct: number;
  /** stored linear bins from 0 */
  histogram: { binWidth: number; counts: readonly number[] };
  topExamples: readonly Example[];
  /** highest first, of (0, max] */
  intervals: readonly Group[];
  /** all tokens that were counted */
  tokensSeen: number;
  topLogits: readonly RankedToken[];
  bottomLogits: readonly RankedToken[];
  /** null without the model */
  logitHistogram: { from: number; binWidth: number; counts: readonly number[] } | null;
  /** entries of the decoder row with the largest values */
  alignment: readonly { index: number; value: number; shareOfL1: number }[];
  /** entries of the input that vary most with it; empty where no text was read for it */
  neurons: readonly { index: number; pearson: number; cosine: number }[];
  /** its decoder row, unit */
  direction: Float32Array;
  /** attention heads of the model; null if it is not open */
  heads: number | null;
  /** latents that fire with it: φ of firing, cosine of decoder rows */
  correlated: readonly { index: number; phi: number; cosine: number }[];
  /** the user's own notes, in addition to SAEDashboard's fields */
  note: { label: string; note: string; tags: readonly string[]; isStarred: boolean } | null;
};

export type DashboardBatch = {
  modelId: string;
  layer: number;
  saeSet: string;
  promptsTotal: number;
  tokensInPrompt: number;
  dataset: string;
  features: readonly DashboardSource[];
};

export type DashboardFeature = ReturnType<typeof dashboardFeature>;
type DashboardText = Pick<DashboardBatch, 'promptsTotal' | 'tokensInPrompt' | 'dataset'>;
type DashboardPlace = Pick<DashboardBatch, 'modelId' | 'layer' | 'saeSet'>;

const HISTOGRAM_BINS = 50;

/** One line of JSON. */
export function formatSaeDashboard(batch: DashboardBatch): string {
  return formatDashboardFeatures(
    batch,
    batch.features.map((feature) => dashboardFeature(feature, batch)),
  );
}

export function formatDashboardFeatures(
  place: DashboardPlace,
  features: readonly DashboardFeature[],
): string {
  return JSON.stringify({
    model_id: place.modelId,
    layer: place.layer,
    sae_set: place.saeSet,
    sae_id_suffix: null,
    features,
  });
}

export function dashboardFeature(f: DashboardSource, text: DashboardText) {
  const histogram = rebin(f);
  const logits = f.logitHistogram;
  return {
    feature_index: f.latentIndex,
    neuron_alignment_indices: f.alignment.map(({ index }) => index),
    neuron_alignment_values: f.alignment.map(({ value }) => round(value)),
    neuron_alignment_l1: f.alignment.map(({ shareOfL1 }) => round(shareOfL1)),
    correlated_neurons_indices: f.neurons.map(({ index }) => index),
    correlated_neurons_l1: f.neurons.map(({ cosine }) => round(cosine)),
    correlated_neurons_pearson: f.neurons.map(({ pearson }) => round(pearson)),
    correlated_features_indices: f.correlated.map(({ index }) => index),
    correlated_features_l1: f.correlated.map(({ cosine }) => round(cosine)),
    correlated_features_pearson: f.correlated.map(({ phi }) => round(phi)),
    neg_str: f.bottomLogits.map(({ text }) => text),
    neg_values: f.bottomLogits.map(({ value }) => round(value)),
    pos_str: f.topLogits.map(({ text }) => text),
    pos_values: f.topLogits.map(({ value }) => round(value)),
    frac_nonzero: round(f.density),
    freq_hist_data_bar_values: histogram.map(({ centre }) => round(centre)),
    freq_hist_data_bar_heights: histogram.map(({ count }) => count),
    logits_hist_data_bar_heights: logits === null ? [] : logits.counts,
    logits_hist_data_bar_values:
      logits === null
        ? []
        : logits.counts.map((_, i) => round(logits.from + (i + 0.5) * logits.binWidth)),
    n_prompts_total: text.promptsTotal,
    n_tokens_in_prompt: text.tokensInPrompt,
    dataset: text.dataset,
    decoder_weights_dist: headShares(f),
    activations: activationsOf(f),
    vector: Array.from(f.direction, (value) => Number(value.toPrecision(7))),
    ...(f.note === null
      ? {}
      : {
          nanoscope: {
            label: f.note.label,
            note: f.note.note,
            tags: f.note.tags,
            starred: f.note.isStarred,
          },
        }),
  };
}

/** SAEDashboard's shares of the row's norm in as many equal slices as there are heads. Only at hook_z are the slices the
 *  heads. */
function headShares({ direction, heads }: DashboardSource): number[] {
  if (heads === null || direction.length % heads !== 0) return [];
  const width = direction.length / heads;
  const norms = Array.from({ length: heads }, (_, head) =>
    norm(direction.subarray(head * width, (head + 1) * width)),
  );
  const total = norms.reduce((sum, value) => sum + value, 0);
  return total > 0 ? norms.map((value) => round(value / total)) : [];
}

/** 50 bins over (0, max]. A stored bin that lies across a border is split in proportion to its width on
 *  either side; the running sum is rounded, so that counts stay whole and add up to the firings. */
function rebin({ histogram, maxAct }: DashboardSource): { centre: number; count: number }[] {
  if (!(maxAct > 0)) return [];
  const { binWidth, counts } = histogram;
  const width = maxAct / HISTOGRAM_BINS;
  const total = counts.reduce((sum, count) => sum + count, 0);
  /** firings below a value, of which the last stored bin that has any ends at maxAct */
  const below = (value: number): number => {
    let sum = 0;
    for (const [i, count] of counts.entries()) {
      const start = i * binWidth;
      const end = Math.min(maxAct, start + binWidth);
      if (count === 0 || start >= value) continue;
      sum += end <= start ? count : count * Math.min(1, (value - start) / (end - start));
    }
    return sum;
  };
  let before = 0;
  return Array.from({ length: HISTOGRAM_BINS }, (_, i) => {
    const upTo = i === HISTOGRAM_BINS - 1 ? total : Math.round(below((i + 1) * width));
    const count = upTo - before;
    before = upTo;
    return { centre: (i + 0.5) * width, count };
  });
}

/** The top group, then the intervals. The lowest holds the zeros too, as SAEDashboard counts. */
function activationsOf(f: DashboardSource) {
  const rows = f.topExamples.map((example) => rowOf(example, -1, f.maxAct, -1));
  f.intervals.forEach((group, i) => {
    const isLowest = i === f.intervals.length - 1;
    const share = group.count / f.tokensSeen + (isLowest ? 1 - f.density : 0);
    rows.push(...group.examples.map((example) => rowOf(example, group.from, group.to, share)));
  });
  return rows;
}

function rowOf({ tokens, peak }: Example, min: number, max: number, share: number) {
  return {
    bin_min: round(min),
    bin_max: round(max),
    bin_contains: round(share),
    tokens: tokens.map(({ text }) => text),
    values: tokens.map(({ act }) => round(act)),
    qualifying_token_index: peak,
  };
}

function round(value: number): number {
  return Number(value.toFixed(5));
}
