// The dashboards of a whole SAE as SAEDashboard has them, batch by batch: what every export for Neuronpedia is made of.
// Dead latents have none.
import type { LabelGuess } from '../../core/statistics/latentLabel';
import { correlatedNeurons, type NeuronSums } from '../../core/statistics/neuronCorrelation';
import { NEIGHBOURS, type SaeStatistics } from '../../core/statistics/saeStatistics';
import type { SaeParams } from '../../core/sae/sae';
import { matchModel } from '../../core/sae/modelMatch';
import type { BulkExplanation, BulkFeature } from '../../formats/sae/neuronpediaBulk';
import { dashboardFeature } from '../../formats/sae/saeDashboard';
import type { EngineHosts } from '../hosts';
import type { JobStep } from '../jobs';
import { logitHistogramOf } from '../sae/latentLogits';
import type { SaeFacts } from '../sae/api';
import type { LatentNote } from '../statistics/api';
import { createBundledFeatures } from '../statistics/bundledFeatures';
import { latentDashboard } from '../statistics/dashboard';
import { dashboardSource, dashboardText } from '../statistics/dashboardExport';
import { createGuessStore } from '../statistics/labelHost';
import { createNoteStore } from '../statistics/latentNotes';
import { fitsNeuronPass, runNeuronPass } from '../statistics/neuronPass';
import { isSpecialText, statisticsOf } from '../statistics/statisticsOf';
import { isSameText } from './exportFacts';

/** Features of one file, as SAEDashboard makes them; the most that Neuronpedia takes in one request. */
export const BATCH_FEATURES = 128;
/** Entries of the input that SAEDashboard lists. */
const NEURONS = 3;
/** Tokens read for them. */
const NEURON_TOKENS = 65_536;

/** What the dashboards of an SAE are made of. */
export type DashboardData = {
  facts: SaeFacts;
  params: SaeParams;
  statistics: SaeStatistics;
  /** latents that fired, ascending */
  alive: number[];
  notes: ReadonlyMap<number, LatentNote>;
  guesses: ReadonlyMap<number, LabelGuess>;
  /** null: the model of this SAE is not open, and with it logit histograms, heads and correlated inputs */
  model: { layers: number; heads: number } | null;
  hasHistograms: boolean;
  /** null: not that text, or too large */
  neurons: NeuronSums | null;
};

/** isPlain: without what takes a while and the upload has no room for, correlated inputs and logit histograms. */
export async function readDashboardData(
  hosts: EngineHosts,
  saeId: string,
  o: { step: JobStep; isPlain?: boolean },
): Promise<DashboardData> {
  const { library, modelHost, corpusHost, parts } = hosts;
  const facts = await library.get(saeId);
  const statistics = await statisticsOf(hosts, facts.saeId);
  const bundled = createBundledFeatures(parts.demo);
  const notes = createNoteStore(parts.storage, () => bundled.notes(facts));
  const guesses =
    (await createGuessStore(parts.storage).read(facts.saeId)) ?? (await bundled.guesses(facts));
  const open = modelHost.currentOrNull()?.facts;
  // Rows of a file promote nothing.
  const isModel = open !== undefined && open.rows === undefined;
  const isOpen = isModel && matchModel(facts, open) === 'same';
  const isRead = isOpen && isSameText(corpusHost.current().facts(), facts.statisticsCorpus, facts);
  return {
    facts,
    params: await library.params(facts.saeId),
    statistics,
    alive: [...statistics.fireCount.keys()].filter((latent) => statistics.fireCount[latent] !== 0),
    notes: byLatent(await notes.list(facts.saeId)),
    guesses: byLatent(guesses ?? []),
    model: isOpen ? { layers: open.n_layer, heads: open.n_head } : null,
    hasHistograms: isOpen && o.isPlain !== true,
    neurons:
      o.isPlain !== true && isRead && fitsNeuronPass(facts)
        ? await runNeuronPass(hosts, facts, {
            tokens: Math.min(NEURON_TOKENS, statistics.countedTokens),
            step: o.step,
          })
        : null,
  };
}

function byLatent<T extends { latentIndex: number }>(list: readonly T[]): Map<number, T> {
  return new Map(list.map((one) => [one.latentIndex, one]));
}

/** In batches of BATCH_FEATURES; step throws to cancel. */
export async function* featureBatches(
  hosts: EngineHosts,
  data: DashboardData,
  step: JobStep,
): AsyncGenerator<BulkFeature[]> {
  const { alive } = data;
  for (let from = 0; from < alive.length; from += BATCH_FEATURES) {
    const batch: BulkFeature[] = [];
    for (const latent of alive.slice(from, from + BATCH_FEATURES)) {
      batch.push(await featureOf(hosts, data, latent));
      if (batch.length % 16 === 0) {
        await step('Writing dashboards', from + batch.length, alive.length, 'features');
      }
    }
    await step('Writing dashboards', from + batch.length, alive.length, 'features');
    yield batch;
  }
}

async function featureOf(
  hosts: EngineHosts,
  data: DashboardData,
  latentIndex: number,
): Promise<BulkFeature> {
  const { facts, params, statistics, model, neurons, hasHistograms } = data;
  const dashboard = latentDashboard(statistics, latentIndex, isSpecialText);
  const source = dashboardSource(
    {
      dashboard,
      logits: hasHistograms ? await logitHistogramOf(hosts, facts.saeId, latentIndex) : null,
      // A person's words go out as an explanation, not as a key that no other tool has.
      note: undefined,
      neurons: neurons === null ? [] : correlatedNeurons(neurons, latentIndex, NEURONS),
    },
    { params, heads: model?.heads ?? null },
  );
  return {
    dashboard: dashboardFeature(source, dashboardText(facts, dashboard)),
    neighbours: (dashboard.details?.neighbours ?? []).slice(0, NEIGHBOURS).map((other) => ({
      index: other.latentIndex,
      cosine: other.cosine,
    })),
    explanations: explanationsOf(data, latentIndex),
  };
}

function explanationsOf({ notes, guesses }: DashboardData, latent: number): BulkExplanation[] {
  const note = notes.get(latent);
  const guess = guesses.get(latent);
  return [
    ...(note === undefined || note.label === ''
      ? []
      : [{ description: note.label, notes: 'named by a person, in nanoscope' }]),
    ...(guess === undefined || guess.text === null
      ? []
      : [
          {
            description: guess.text,
            notes: `guessed by a rule, in nanoscope; ${scoreText(guess)}`,
          },
        ]),
  ];
}

function scoreText({ score }: LabelGuess): string {
  return score === null
    ? 'not scored'
    : `correlation with the activations on held-out text ${score.toFixed(2)}`;
}
