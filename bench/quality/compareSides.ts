// npm run bench -- quality: ours and the peers on the same cached activations, over seeds; then the dictionary.
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SaeArchitecture } from '../../src/core/architecture';
import { DICTIONARY_GATES } from '../../tests/helpers/dictionaryGates';
import { openActivations } from './activations';
import { architecturesOf, type Side } from './budget';
import { markGate, type GateSummary } from './dictionaryMarks';
import { makeModelOpener } from './openModel';
import { findMissingPeers } from './peers';
import { measureRun, trainRun, searchOf, type RunOptions } from './runs';
import { compare, summariseSide, tableOf, type ArchitectureSummary } from './summary';

export type CompareOptions = {
  python: string;
  cache: string | undefined;
  tokens: number;
  d_sae: number;
  evaluationTokens: number;
  seeds: readonly number[];
  sides: readonly Side[];
  architectures: readonly SaeArchitecture[];
  /** gates of the dictionary to measure, by name */
  gates: readonly string[];
  isJson: boolean;
  /** trains what is missing and measures nothing */
  isTrainOnly: boolean;
};

export async function compareSides(o: CompareOptions): Promise<void> {
  const name = `nanoscope-quality-${o.d_sae}-${o.tokens}`;
  const cache = o.cache ?? join(tmpdir(), name);
  await mkdir(cache, { recursive: true });
  const missing = await findMissingPeers(o.python, o.sides);
  for (const [side, why] of missing) console.error(`peer left out: ${side}: ${why}`);
  const sides = o.sides.filter((side) => !missing.has(side));
  const openModel = makeModelOpener();
  const architectures = await compareAll(o, { cache, sides, openModel });
  if (o.isTrainOnly) return;
  const gates: Record<string, GateSummary> = {};
  for (const gate of DICTIONARY_GATES.filter(({ name: gateName }) => o.gates.includes(gateName))) {
    const context = async () => (await openModel()).context;
    // The dictionary's own seeds count from 1 (sae.md §14).
    const seeds = o.seeds.map((seed) => seed + 1);
    gates[gate.name] = await markGate({ cache, context, seeds }, gate);
  }
  if (!o.isJson) {
    console.table(tableOf(architectures));
    console.table(gates);
  }
  console.log(
    JSON.stringify({
      architectures,
      mcc: mapValues(gates, ({ mcc }) => mcc),
      dictionary: gates,
      comparison: mapValues(architectures, compare),
      notInstalled: Object.fromEntries(missing),
      budget: { tokens: o.tokens, d_sae: o.d_sae, seeds: o.seeds, evaluated: o.evaluationTokens },
    }),
  );
}

async function compareAll(
  o: CompareOptions,
  { cache, sides, openModel }: Pick<RunOptions, 'cache' | 'sides' | 'openModel'>,
): Promise<Partial<Record<SaeArchitecture, ArchitectureSummary>>> {
  const summaries: Partial<Record<SaeArchitecture, ArchitectureSummary>> = {};
  if (sides.length === 0 || o.architectures.length === 0) return summaries;
  const options: RunOptions = {
    ...{ cache, sides, openModel, python: o.python, evaluationTokens: o.evaluationTokens },
    budget: { tokens: o.tokens, d_sae: o.d_sae },
    activations: await openActivations(join(cache, 'activations'), o.tokens, openModel),
  };
  for (const architecture of o.architectures) {
    const summary: ArchitectureSummary = { peers: {} };
    for (const side of sides.filter((one) => architecturesOf(one).includes(architecture))) {
      const runs = [];
      for (const seed of o.seeds) {
        const key = { side, architecture, seed };
        if (o.isTrainOnly) await trainRun(options, key);
        else runs.push(await measureRun(options, key));
      }
      if (o.isTrainOnly) continue;
      const row = summariseSide(runs, await searchOf(options, { side, architecture }));
      if (side === 'ours') summary.ours = row;
      else summary.peers[side] = row;
    }
    summaries[architecture] = summary;
  }
  return summaries;
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
