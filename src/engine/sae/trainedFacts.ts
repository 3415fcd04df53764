// What the library tells of an SAE that was trained here, and of what it may be called.
import { ConfigError } from '../../core/errors';
import type { ModelIdRule } from '../../core/model/modelId';
import type { SaeConfig, SaeParams } from '../../core/sae/sae';
import { trainedFileName } from '../../core/sae/saeName';
import { cutCharacters } from '../../core/text/cutCharacters';
import { visibleText } from '../../core/text/visibleText';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import { idsOf } from './saeFacts';

export type TrainedSae = {
  runId: string;
  modelId: string;
  modelIdRule?: ModelIdRule | undefined;
  corpus: CorpusName;
  config: SaeConfig;
  tokens: number;
  explainedVariance: number | null;
  l0: number | null;
  deadFraction: number | null;
  params: SaeParams;
  /** what is kept of it elsewhere, as a sentence for when it has no room */
  alsoKept?: string;
};

/** Longest name that a person gives, in characters. */
const MAX_NAME = 60;

export async function trainedFacts(o: TrainedSae): Promise<SaeFacts> {
  const { config } = o;
  const k = 'k' in config ? config.k : null;
  const name = trainedFileName({ ...config, k, runId: o.runId });
  const place = { modelId: o.modelId, hookPoint: config.hookPoint };
  return {
    ...(await idsOf(name, o.params, { ...place, W_dec: o.params.W_dec })),
    name,
    ...place,
    ...(o.modelIdRule !== undefined && { modelIdRule: o.modelIdRule }),
    d_in: config.d_in,
    d_sae: config.d_sae,
    architecture: config.architecture,
    k,
    contextSize: config.contextSize,
    prependBos: config.prependBos,
    excludeSpecialTokens: true,
    origin: 'trained',
    tokens: o.tokens,
    explainedVariance: o.explainedVariance,
    l0: o.l0,
    deadFraction: o.deadFraction,
    statisticsTokens: 0,
    trainingCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
    runId: o.runId,
    deadAfterTokens: o.config.deadAfterTokens,
  };
}

/** The name as it is stored. Throws ConfigError for none, and for the demo's. */
export function checkedSaeName({ origin }: SaeFacts, name: string): string {
  if (origin === 'demo') {
    throw new ConfigError('The demo SAE ships with the page and keeps its name.', 'sae');
  }
  const wanted = cutCharacters(visibleText(name).trim(), MAX_NAME);
  if (wanted === '') throw new ConfigError('Type a name first.', 'name');
  return wanted;
}
