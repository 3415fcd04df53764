// SAEs that an older version stored: what today's version must know of them beyond their records. Each is read once.
import { hashOfId } from '../../core/contentId';
import type { EngineParts } from '../parts';
import type { Problem } from '../shared/api';
import type { SaeFacts } from './api';
import { readStoredFiles } from './saeEntries';
import { hashFrom } from './saeIdentity';
import type { SaeRecord } from './saeRecords';

export type OlderSae = {
  /** its id by today's rule */
  otherIds: string[];
  /** its statistics, if it has any, are in units that its activations no longer have: a TopK's decoder norms
   *  were left out of them */
  hasOlderUnits: boolean;
};

/** Whether the record is of a version whose ids left out part of what makes an SAE what it is. */
export function isOlder({ origin, otherIds }: SaeFacts): boolean {
  return origin !== 'demo' && otherIds === undefined;
}

/** Throws what storage throws for files that are gone or damaged. */
export async function readOlderSae(parts: EngineParts, record: SaeRecord): Promise<OlderSae> {
  const { facts } = record;
  const { params } = await readStoredFiles(parts, record);
  const hash = await hashFrom(hashOfId(facts.saeId), params, facts);
  return {
    otherIds: [`${facts.name}~${hash}`],
    hasOlderUnits: params.architecture === 'topk' && params.actScale !== undefined,
  };
}

/** The record with what was found out. Statistics in older units are let go: they can be computed again. */
export function completed(record: SaeRecord, { otherIds, hasOlderUnits }: OlderSae): SaeRecord {
  const facts = { ...record.facts, otherIds };
  if (!hasOlderUnits || record.statistics === null) return { ...record, facts };
  const without: SaeFacts = { ...facts, statisticsTokens: 0 };
  delete without.statisticsGoal;
  delete without.statisticsCorpus;
  return { ...record, facts: without, statistics: null };
}

/** Why statistics of an older version were set aside. */
export function olderUnits({ name }: SaeFacts): Problem {
  return {
    kind: 'config',
    what: `${name}: its statistics are of activations without the norms of its decoder, in other units than are shown and steered today, so they were set aside.`,
    wayOut: 'Compute them again on Explore.',
    field: null,
  };
}
