// Stores the last evaluation of every SAE, including the demo's, so that a reload shows them.
import * as v from 'valibot';
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { listRecords, recordKind } from '../../storage/records';
import type { Storage } from '../../storage/storage';
import { HookPointSchema } from '../sae/saeRecords';

// Not every measure of a strange SAE is a finite number.
const number = v.custom<number>((value) => typeof value === 'number', 'no number');
const numberOrNull = v.nullable(number);

const Language = v.looseObject({
  positions: number,
  ceClean: number,
  ceWithSae: number,
  ceAblated: number,
  ceIncrease: number,
  ceLossRecovered: numberOrNull,
  klWithSae: number,
  klAblated: number,
  klScore: numberOrNull,
});

const Metrics = v.looseObject({
  ...Language.entries,
  tokens: number,
  mse: number,
  nmse: number,
  fvu: number,
  explainedVariance: number,
  explainedVarianceLegacy: number,
  fracVarianceExplained: number,
  cosine: number,
  l2Ratio: number,
  relativeReconstructionBias: number,
  l0: number,
  l0Std: number,
  l1: number,
  deadFractionEval: number,
  denseOver1Percent: number,
  denseOver10Percent: number,
  density: v.looseObject({
    from: number,
    binWidth: number,
    counts: v.array(number),
    neverFired: number,
  }),
  encoderDecoderCosine: number,
});

const Probing = v.looseObject({
  task: v.string(),
  trainDocuments: number,
  testDocuments: number,
  sizes: v.array(number),
  classes: v.array(
    v.looseObject({
      label: v.string(),
      share: number,
      majority: number,
      accuracy: v.array(number),
      rawAccuracy: number,
      latents: v.array(number),
    }),
  ),
  majority: number,
  accuracy: v.array(number),
  rawAccuracy: number,
});

const Schema: v.GenericSchema<unknown, SaeEvaluation> = v.looseObject({
  date: v.string(),
  appVersion: v.string(),
  sae: v.looseObject({
    id: v.string(),
    name: v.string(),
    architecture: v.string(),
    hookPoint: HookPointSchema,
    d_in: number,
    d_sae: number,
    k: numberOrNull,
    trainingTokens: numberOrNull,
    deadFraction: numberOrNull,
  }),
  model: v.looseObject({ id: v.string(), backend: v.string() }),
  adapter: v.nullable(v.string()),
  corpus: v.looseObject({
    id: v.string(),
    name: v.string(),
    part: v.literal('held-out'),
    contextSize: number,
    prependBos: v.exactOptional(v.boolean()),
  }),
  requestedTokens: number,
  availableTokens: number,
  isComplete: v.boolean(),
  seconds: number,
  metrics: Metrics,
  probing: v.nullable(Probing),
  together: v.exactOptional(
    v.looseObject({
      saes: v.array(
        v.looseObject({ id: v.string(), name: v.string(), hookPoint: HookPointSchema }),
      ),
      metrics: Language,
    }),
  ),
});

export const EVALUATION_RECORDS = recordKind({
  prefix: 'evaluation/',
  what: 'evaluation',
  schema: Schema,
});

export type EvaluationStore = {
  /** those that can be read */
  list: () => Promise<SaeEvaluation[]>;
  put: (evaluation: SaeEvaluation) => Promise<void>;
  delete: (saeId: string) => Promise<void>;
};

export function createEvaluationStore(storage: Storage): EvaluationStore {
  const { prefix } = EVALUATION_RECORDS;
  return {
    list: () => listRecords(storage, EVALUATION_RECORDS),
    // The last counts: one that cannot be read gives way as well.
    put: (evaluation) => storage.setFacts(prefix + evaluation.sae.id, evaluation),
    delete: (saeId) => storage.delete(prefix + saeId),
  };
}
