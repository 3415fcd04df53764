// What costs minutes in a bake, kept by the SAE's weights: its figures on held-out text, full statistics and guesses. A
// second bake, with features chosen by then, takes them from the cache.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SaeMetrics } from '../../src/core/evaluate/evaluation';
import type { LabelGuess } from '../../src/core/statistics/latentLabel';
import type { SaeStatistics } from '../../src/core/statistics/saeStatistics';
import type { EngineApi } from '../../src/engine/api';
import { storedEntry } from '../../src/engine/sae/saeEntries';
import type { SaeRecord } from '../../src/engine/sae/saeRecords';
import type { EngineParts } from '../../src/engine/parts';
import { formatSaeStatistics, parseSaeStatistics } from '../../src/formats/sae/saeStatistics';
import { valueOf } from './outcome';

/** Counted tokens: of the statistics, of the guesses (rules and scores together), and held out for the figures. */
export type BakeTokens = { statistics: number; guesses: number; evaluate: number };

export type HeldOut = Pick<
  SaeMetrics,
  'tokens' | 'explainedVariance' | 'l0' | 'deadFractionEval' | 'ceLossRecovered'
>;
export type Measured = { heldOut: HeldOut; guesses: LabelGuess[]; statistics: SaeStatistics };

export async function measureSae(
  engine: EngineApi,
  parts: EngineParts,
  o: {
    saeId: string;
    d_sae: number;
    weights: Uint8Array;
    tokens: BakeTokens;
    cache: string;
    /** measured already; absent: it is measured here */
    heldOut?: HeldOut;
  },
): Promise<Measured> {
  const about = JSON.stringify({ ...o.tokens, weights: hashOf(o.weights) });
  const folder = join(o.cache, hashOf(Buffer.from(about)));
  const files = { facts: join(folder, 'facts.json'), statistics: join(folder, 'statistics.bin') };
  if (existsSync(files.facts)) {
    const kept = JSON.parse(await readFile(files.facts, 'utf8')) as Omit<Measured, 'statistics'>;
    const bytes = Uint8Array.from(await readFile(files.statistics));
    return { ...kept, statistics: await parseSaeStatistics(bytes, o.d_sae) };
  }
  const heldOut = o.heldOut ?? (await evaluate(engine, o.saeId, o.tokens.evaluate));
  valueOf(await engine.statistics.compute(o.saeId, o.tokens.statistics));
  const record = (await parts.storage.getFacts(`sae/${o.saeId}`)) as SaeRecord;
  const statistics = await storedEntry(parts, record).loadStatistics();
  if (statistics === null) throw new Error('bakeDemo: the statistics were not kept');
  const guesses = valueOf(await engine.statistics.guessLabels(o.saeId, o.tokens.guesses));
  await mkdir(folder, { recursive: true });
  await writeFile(files.statistics, await formatSaeStatistics(statistics));
  await writeFile(files.facts, JSON.stringify({ heldOut, guesses }));
  return { heldOut, guesses, statistics };
}

async function evaluate(engine: EngineApi, saeId: string, tokens: number): Promise<HeldOut> {
  valueOf(await engine.evaluate.run([saeId], { tokens, probing: null }));
  const row = (await engine.evaluate.list()).find((one) => one.saeId === saeId);
  const metrics = row?.evaluation?.metrics;
  if (metrics === undefined) throw new Error('bakeDemo: the SAE could not be measured');
  return heldOutOf(metrics);
}

export function heldOutOf(metrics: SaeMetrics): HeldOut {
  const { tokens, explainedVariance, l0, deadFractionEval, ceLossRecovered } = metrics;
  return { tokens, explainedVariance, l0, deadFractionEval, ceLossRecovered };
}

/** 12 hexadecimal digits */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}
