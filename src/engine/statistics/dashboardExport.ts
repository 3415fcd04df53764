// Dashboards of one SAE as SAEDashboard JSON: collects what the format needs from statistics, weights,
// notes and, if it is open, the model.
import { parseHookPoint } from '../../core/activations/hookPoint';
import { cosine } from '../../core/numeric/vectors';
import { decoderRow } from '../../core/sae/latentWeights';
import type { CorrelatedNeuron } from '../../core/statistics/neuronCorrelation';
import type { SaeParams } from '../../core/sae/sae';
import { formatSaeDashboard, type DashboardSource } from '../../formats/sae/saeDashboard';
import type { LogitHistogram, SaeFacts } from '../sae/api';
import { pathOf } from '../sae/saeFacts';
import type { Example, LatentDashboard, LatentNote } from './api';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';

/** Aligned entries of the decoder row that SAEDashboard lists. */
const ALIGNED = 3;

export type DashboardToExport = {
  dashboard: LatentDashboard;
  logits: LogitHistogram | null;
  note: LatentNote | undefined;
  /** absent: not counted */
  neurons?: readonly CorrelatedNeuron[];
};

/** What the weights and the model tell of every latent; heads: null without the model. */
type Weights = { params: SaeParams; heads: number | null };

export function exportDashboards(
  facts: SaeFacts,
  { list, ...weights }: Weights & { list: readonly DashboardToExport[] },
): Blob {
  const json = formatSaeDashboard({
    modelId: facts.modelId ?? 'nanochat',
    layer: parseHookPoint(facts.hookPoint).layer,
    saeSet: facts.name,
    ...dashboardText(facts, list[0]?.dashboard),
    features: list.map((one) => dashboardSource(one, weights)),
  });
  return new Blob([json], { type: 'application/json' });
}

/** The text of the statistics as SAEDashboard counts it. seen: any dashboard of them. */
export function dashboardText(
  { statisticsCorpus }: Pick<SaeFacts, 'statisticsCorpus'>,
  seen: Pick<LatentDashboard, 'tokensSeen' | 'details'> | undefined,
) {
  const tokens = (seen?.tokensSeen ?? 0) + (seen?.details?.excludedTokens ?? 0);
  return {
    promptsTotal: Math.round(tokens / STATISTICS_CONTEXT),
    tokensInPrompt: STATISTICS_CONTEXT,
    dataset: pathOf(statisticsCorpus),
  };
}

export function dashboardSource(
  { dashboard, logits, note, neurons = [] }: DashboardToExport,
  { params, heads }: Weights,
): DashboardSource {
  const { row, details } = dashboard;
  const direction = decoderRow(params, row.latentIndex);
  return {
    latentIndex: row.latentIndex,
    density: row.density,
    maxAct: row.maxAct,
    histogram: dashboard.histogram,
    topExamples: dashboard.topExamples.map(withoutBos),
    intervals: (details?.intervals ?? []).map((group) => ({
      ...group,
      examples: group.examples.map(withoutBos),
    })),
    tokensSeen: dashboard.tokensSeen,
    topLogits: dashboard.topLogits,
    bottomLogits: dashboard.bottomLogits,
    logitHistogram: logits,
    alignment: alignmentOf(direction),
    neurons,
    direction,
    heads,
    correlated: (details?.partners ?? []).map((other) => ({
      index: other.latentIndex,
      phi: other.phi,
      cosine: cosine(direction, decoderRow(params, other.latentIndex)),
    })),
    note: note ?? null,
  };
}

/** SAEDashboard leaves out a sequence's <|bos|>, and counts the qualifying token from what follows it. */
function withoutBos({ tokens, peak }: Example): DashboardSource['topExamples'][number] {
  const [first] = tokens;
  return first?.text === '<|bos|>' && peak > 0
    ? { tokens: tokens.slice(1), peak: peak - 1 }
    : { tokens, peak };
}

function alignmentOf(direction: Float32Array): DashboardSource['alignment'] {
  const l1 = direction.reduce((sum, value) => sum + Math.abs(value), 0);
  return [...direction.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, ALIGNED)
    .map(([index, value]) => ({ index, value, shareOfL1: Math.abs(value) / l1 }));
}
