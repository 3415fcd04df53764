// The stored record of an SAE: what is known of it, and where its files and its statistics are.
import * as v from 'valibot';
import { parseHookPoint, type HookPoint } from '../../core/activations/hookPoint';
import { MODEL_ID_RULE } from '../../core/model/modelId';
import { ARCHITECTURES } from '../../core/sae/architecture';
import { ConfigError } from '../../core/errors';
import { BlobPointerSchema, recordKind } from '../../storage/records';
import type { BlobPointer } from '../../storage/storage';
import type { SaeFacts } from './api';

export type SaeRecord = { facts: SaeFacts; files: BlobPointer; statistics: BlobPointer | null };

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const measured = v.nullable(v.number());
const Corpus = v.looseObject({ name: v.string(), isDemo: v.boolean() });

export const HookPointSchema = v.custom<HookPoint>((name) => {
  try {
    parseHookPoint(typeof name === 'string' ? name : '');
    return true;
  } catch (cause) {
    if (cause instanceof ConfigError) return false;
    throw cause;
  }
}, 'no hook point');

const Facts = v.looseObject({
  saeId: v.string(),
  otherIds: v.exactOptional(v.array(v.string())),
  name: v.string(),
  modelId: v.nullable(v.string()),
  modelIdRule: v.exactOptional(v.literal(MODEL_ID_RULE)),
  hookPoint: HookPointSchema,
  d_in: size,
  d_sae: size,
  // Before architectures could be chosen, every SAE was TopK.
  architecture: v.optional(v.picklist(ARCHITECTURES), 'topk'),
  k: v.nullable(v.number()),
  contextSize: size,
  prependBos: v.exactOptional(v.boolean()),
  excludeSpecialTokens: v.exactOptional(v.boolean()),
  origin: v.picklist(['demo', 'trained', 'imported']),
  tokens: measured,
  explainedVariance: measured,
  // Older records have none.
  l0: v.optional(measured, null),
  deadFraction: measured,
  statisticsTokens: count,
  statisticsGoal: v.exactOptional(count),
  trainingCorpus: v.exactOptional(Corpus),
  statisticsCorpus: v.exactOptional(Corpus),
  hasSharedStatistics: v.exactOptional(v.literal(true)),
  runId: v.exactOptional(v.string()),
  deadAfterTokens: v.exactOptional(v.number()),
});

const Schema: v.GenericSchema<unknown, SaeRecord> = v.looseObject({
  facts: Facts,
  files: BlobPointerSchema,
  statistics: v.nullable(BlobPointerSchema),
});

export const SAE_RECORDS = recordKind({ prefix: 'sae/', what: 'SAE', schema: Schema });
