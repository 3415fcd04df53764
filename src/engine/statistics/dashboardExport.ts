// Dashboards of one SAE as SAEDashboard JSON: collects what the format needs from statistics, weights,
// notes and, if it is open, the model.
import { parseHookPoint } from '../../core/activations/hookPoint';
import { cosine } from '../../core/numeric/vectors';
import { decoderRow } from '../../core/sae/latentWeights';
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
  const direction = decoderRow(params, row.latentIndex);
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
      cosine: cosine(direction, decoderRow(params, other.latentIndex)),
    })),
    note: note ?? null,
  };
}

function alignmentOf(direction: Float32Array): DashboardSource['alignment'] {
  const l1 = direction.reduce((sum, value) => sum + Math.abs(value), 0);
  return [...direction.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, ALIGNED)
    .map(([index, value]) => ({ index, value, shareOfL1: Math.abs(value) / l1 }));
}
