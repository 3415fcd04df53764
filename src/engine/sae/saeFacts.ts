// An SAE's facts from and to its files: its ids, its names, what is said of its text.
import { nameOfId } from '../../core/contentId';
import type { SaeParams } from '../../core/sae/sae';
import type { CarriedFiles, ParsedSae } from '../../formats/sae/parsedSae';
import type { SaeLensFacts } from '../../formats/sae/saelens';
import { APP_VERSION } from '../appVersion';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import { identifySae, type IdentifiedPlace } from './saeIdentity';

export async function idsOf(
  name: string,
  params: SaeParams,
  place: IdentifiedPlace,
): Promise<Required<Pick<SaeFacts, 'saeId' | 'otherIds'>>> {
  const { hash, formerHash } = await identifySae(params, place);
  return { saeId: `${name}~${hash}`, otherIds: [`${name}~${formerHash}`] };
}

/** What a SAELens directory says beside the parameters. */
export function saeLensFacts(
  facts: SaeFacts,
  o: { fireRates: Float32Array | null; carried: CarriedFiles | null },
): SaeLensFacts {
  const { fireRates, carried } = o;
  return {
    architecture: facts.architecture,
    k: facts.k,
    hookPoint: facts.hookPoint,
    modelName: facts.modelId === null ? 'nanochat' : nameOfId(facts.modelId),
    modelId: facts.modelId,
    contextSize: facts.contextSize,
    prependBos: facts.prependBos ?? null,
    excludeSpecialTokens: facts.excludeSpecialTokens ?? null,
    datasetPath: datasetOf(facts),
    statistics:
      fireRates === null
        ? null
        : { tokens: facts.statisticsTokens, datasetPath: pathOf(facts.statisticsCorpus) },
    version: APP_VERSION,
    tokens: facts.tokens,
    l0: facts.l0,
    deadCount: facts.deadFraction === null ? null : Math.round(facts.deadFraction * facts.d_sae),
    explainedVariance: facts.explainedVariance,
    fireRates,
    carried,
  };
}

const DEMO_DATASET = 'nanoscope-demo-corpus';

export function datasetOf({ trainingCorpus, origin }: SaeFacts): string | null {
  return trainingCorpus === undefined && origin === 'imported' ? null : pathOf(trainingCorpus);
}

/** Facts leave out the bundled corpus. */
export function pathOf(corpus: CorpusName | undefined): string {
  return corpus === undefined || corpus.isDemo ? DEMO_DATASET : corpus.name;
}

/** What imported files say of the text that the SAE was trained on. */
export function inputOf({
  prependBos,
  excludeSpecialTokens,
  datasetPath: name,
}: ParsedSae['facts']): Partial<SaeFacts> {
  return {
    ...(prependBos !== null && { prependBos }),
    ...(excludeSpecialTokens !== null && { excludeSpecialTokens }),
    ...(name !== null && { trainingCorpus: { name, isDemo: name === DEMO_DATASET } }),
  };
}
