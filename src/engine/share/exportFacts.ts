// What is said of an SAE in the files that leave: gathered from its facts, its run, its last evaluation.
import * as v from 'valibot';
import { isTranscoderPoint } from '../../core/activations/hookPoint';
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { nameOfId } from '../../core/contentId';
import type { MetadataSource } from '../../formats/sae/neuronpediaMetadata';
import { APP_VERSION } from '../appVersion';
import { createEvaluationStore } from '../evaluate/evaluationStore';
import type { EngineHosts } from '../hosts';
import type { SaeFacts } from '../sae/api';
import { demoFolder } from '../sae/saeEntries';
import type { CorpusName } from '../text/api';
import { datasetOf, pathOf } from '../sae/saeFacts';
import { createRunArchive } from '../train/runArchive';

/** The demo's files are under the page's own licence. */
const DEMO_LICENCE = 'MIT';

/** sha256: of files that travel along. */
export async function metadataSource(
  { parts, corpusHost }: Pick<EngineHosts, 'parts' | 'corpusHost'>,
  facts: SaeFacts,
  o: { licence?: string | undefined; sha256: Record<string, string> },
): Promise<MetadataSource> {
  const evaluation = (await createEvaluationStore(parts.storage).list()).find(
    ({ sae }) => sae.id === facts.saeId,
  );
  const open = corpusHost.current().facts();
  const isOpen = isSameText(open, facts.trainingCorpus, facts);
  return {
    model: {
      name: facts.modelId === null ? 'unknown' : nameOfId(facts.modelId),
      id: facts.modelId,
      hookPoint: facts.hookPoint,
    },
    sae: {
      name: facts.name,
      id: facts.saeId,
      architecture: facts.architecture,
      d_in: facts.d_in,
      d_sae: facts.d_sae,
      k: facts.k,
    },
    training: {
      tokens: facts.tokens,
      dataset: datasetOf(facts),
      contextSize: facts.contextSize,
      prependBos: facts.prependBos ?? null,
      excludeSpecialTokens: facts.excludeSpecialTokens ?? null,
    },
    run: await runOf(parts, facts),
    datasetTokens: isOpen ? open.tokens : null,
    evaluation: evaluation === undefined ? null : evaluationFacts(evaluation),
    measured: {
      explainedVariance: facts.explainedVariance,
      l0: facts.l0,
      deadFraction: facts.deadFraction,
    },
    statistics:
      facts.statisticsTokens === 0
        ? null
        : { tokens: facts.statisticsTokens, dataset: pathOf(facts.statisticsCorpus) },
    licence: o.licence ?? (facts.origin === 'demo' ? DEMO_LICENCE : null),
    version: APP_VERSION,
    sha256: o.sha256,
  };
}

const whole = v.pipe(v.number(), v.safeInteger());
/** recipe.json beside the demo's SAE, written by bench/bakeDemo.ts. */
const Recipe = v.object({ form: v.object({ tokens: whole, batchSize: whole, seed: whole }) });

/** How it was trained; null: not here, or its run was deleted. */
async function runOf(
  { storage, demo }: EngineHosts['parts'],
  facts: SaeFacts,
): Promise<MetadataSource['run']> {
  if (facts.runId !== undefined) {
    return (await createRunArchive(storage).get(facts.runId))?.config ?? null;
  }
  if (facts.origin !== 'demo' || isTranscoderPoint(facts.hookPoint)) return null;
  const [recipe] = await demo.fetchFiles([`${demoFolder(facts)}/recipe.json`], () => undefined);
  const { form } = v.parse(Recipe, JSON.parse((await recipe?.blob.text()) ?? ''));
  return { ...form, lr: null };
}

/** name: as facts have it, which leave out the bundled text. */
export function isSameText(
  open: CorpusName,
  name: CorpusName | undefined,
  { origin }: Pick<SaeFacts, 'origin'>,
): boolean {
  if (name === undefined) return open.isDemo && origin !== 'imported';
  return open.name === name.name && open.isDemo === name.isDemo;
}

function evaluationFacts({ metrics: m, corpus, date }: SaeEvaluation) {
  return {
    tokens: m.tokens,
    dataset: corpus.name,
    date,
    explainedVariance: m.explainedVariance,
    fvu: m.fvu,
    l0: m.l0,
    ceLossRecovered: m.ceLossRecovered,
    ceIncrease: m.ceIncrease,
    deadFraction: m.deadFractionEval,
  };
}
