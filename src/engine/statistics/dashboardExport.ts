// Dashboards of one SAE as SAEDashboard JSON: gathers what the format wants from statistics, weights, notes and,
// where it is open, the model.
import { parseHookPoint } from '../../core/activations/hookPoint';
import type { SaeParams } from '../../core/sae/sae';
import { formatSaeDashboard, type DashboardSource } from '../../formats/sae/saeDashboard';
import type { LogitHistogram, SaeFacts } from '../sae/api';
import type { LatentDashboard, LatentNote } from './api';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';

/** Aligned entries of the decoder row that SAEDashboard lists. */
const ALIGNED = 3;

export type DashboardToExport = {
  dashboard: LatentDashboard;
  logits: LogitHistogram | null;
  note: LatentNote | undefined;
};

export function exportDashboards(
  facts: SaeFacts,
  params: SaeParams,
  list: readonly DashboardToExport[],
): Blob {
  const seen = list[0]?.dashboard;
  const tokens = (seen?.tokensSeen ?? 0) + (seen?.details?.excludedTokens ?? 0);
  const json = formatSaeDashboard({
    modelId: facts.modelId ?? 'nanochat',
    layer: parseHookPoint(facts.hookPoint).layer,
    saeSet: facts.name,
    promptsTotal: Math.round(tokens / STATISTICS_CONTEXT),
    tokensInPrompt: STATISTICS_CONTEXT,
    dataset: facts.statisticsCorpus?.name ?? 'nanoscope-demo-corpus',
    features: list.map((one) => sourceOf(one, params)),
  });
  return new Blob([json], { type: 'application/json' });
}

function sourceOf(
  { dashboard, logits, note }: DashboardToExport,
  params: SaeParams,
): DashboardSource {
  const { row, details } = dashboard;
  const direction = rowOf(params, row.latentIndex);
  return {
    latentIndex: row.latentIndex,
    density: row.density,
    maxAct: row.maxAct,
    histogram: dashboard.histogram,
    topExamples: dashboard.topExamples,
    intervals: details?.intervals ?? [],
    tokensSeen: dashboard.tokensSeen,
    topLogits: dashboard.topLogits,
    bottomLogits: dashboard.bottomLogits,
    logitHistogram: logits,
    alignment: alignmentOf(direction),
    correlated: (details?.partners ?? []).map((other) => ({
      index: other.latentIndex,
      phi: other.phi,
      cosine: cosineOf(direction, rowOf(params, other.latentIndex)),
    })),
    note: note ?? null,
  };
}

function rowOf({ W_dec, d_in }: SaeParams, latent: number): Float32Array {
  return W_dec.subarray(latent * d_in, (latent + 1) * d_in);
}

function alignmentOf(direction: Float32Array): DashboardSource['alignment'] {
  const l1 = direction.reduce((sum, value) => sum + Math.abs(value), 0);
  return [...direction.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, ALIGNED)
    .map(([index, value]) => ({ index, value, shareOfL1: Math.abs(value) / l1 }));
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0;
    dot += value * other;
    aa += value * value;
    bb += other * other;
  }
  return dot / Math.sqrt(aa * bb);
}
