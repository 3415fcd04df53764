// What is said of an SAE in the files that leave: gathered from its facts, its run, its last evaluation.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { nameOfId } from '../../core/contentId';
import type { MetadataSource } from '../../formats/sae/neuronpediaMetadata';
import { APP_VERSION } from '../appVersion';
import { createEvaluationStore } from '../evaluate/evaluationStore';
import type { EngineHosts } from '../hosts';
import type { SaeFacts } from '../sae/api';
import type { CorpusName } from '../text/api';
import { datasetOf, pathOf } from '../sae/saeFacts';
import { createRunArchive } from '../train/runArchive';

/** sha256: of files that travel along. */
export async function metadataSource(
  { parts, corpusHost }: Pick<EngineHosts, 'parts' | 'corpusHost'>,
  facts: SaeFacts,
  o: { licence?: string | undefined; sha256: Record<string, string> },
): Promise<MetadataSource> {
  const evaluation = (await createEvaluationStore(parts.storage).list()).find(
    ({ sae }) => sae.id === facts.saeId,
  );
  const run =
    facts.runId === undefined ? null : await createRunArchive(parts.storage).get(facts.runId);
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
    run: run?.config ?? null,
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
    licence: o.licence ?? null,
    version: APP_VERSION,
    sha256: o.sha256,
  };
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
