// What the library tells of an SAE that came as files: what they say of it, and what is unknown until it is measured.
import type { ParsedSae } from '../../formats/sae/parsedSae';
import type { SaeFacts } from './api';
import { inputOf } from './saeFacts';

type Named = Pick<SaeFacts, 'saeId' | 'otherIds' | 'name' | 'modelId' | 'hookPoint'>;

export function importedFacts({ params, facts }: ParsedSae, named: Named): SaeFacts {
  return {
    ...named,
    d_in: params.d_in,
    d_sae: params.d_sae,
    architecture: facts.architecture,
    k: facts.k,
    contextSize: facts.contextSize ?? 256,
    ...inputOf(facts),
    origin: 'imported',
    tokens: facts.tokens,
    explainedVariance: facts.explainedVariance,
    l0: facts.l0,
    deadFraction: facts.deadCount === null ? null : facts.deadCount / params.d_sae,
    statisticsTokens: 0,
  };
}
