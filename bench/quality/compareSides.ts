// npm run bench -- quality: ours and the peers on the same cached activations, over seeds; then the dictionary.
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SaeArchitecture } from '../../src/core/sae/architecture';
import { DICTIONARY_GATES } from '../../tests/helpers/train/dictionaryGates';
import { openActivations } from './activations';
import { architecturesOf, type Side } from './budget';
import { markGate, type GateSummary } from './dictionaryMarks';
import { makeOpeners } from './openModel';
import { findMissingPeers } from './peers';
import { isTrained, measureRun, searchOf, trainRun, type RunOptions } from './runs';
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
  /** leaves out what is not trained yet */
  isCachedOnly: boolean;
};

export async function compareSides(o: CompareOptions): Promise<void> {
  const name = `nanoscope-quality-${o.d_sae}-${o.tokens}`;
  const cache = o.cache ?? join(tmpdir(), name);
  await mkdir(cache, { recursive: true });
  const missing = await findMissingPeers(o.python, o.sides);
  for (const [side, why] of missing) console.error(`peer left out: ${side}: ${why}`);
  const sides = o.sides.filter((side) => !missing.has(side));
  const open = makeOpeners();
  const architectures = await compareAll(o, { cache, sides, open });
  if (o.isTrainOnly) return;
  const gates: Record<string, GateSummary> = {};
  for (const gate of DICTIONARY_GATES.filter(({ name: gateName }) => o.gates.includes(gateName))) {
    // The dictionary's own seeds count from 1 (sae.md §14).
    const seeds = o.seeds.map((seed) => seed + 1);
    gates[gate.name] = await markGate({ cache, backend: open.backend, seeds }, gate);
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
  { cache, sides, open }: Pick<RunOptions, 'cache' | 'sides' | 'open'>,
): Promise<Partial<Record<SaeArchitecture, ArchitectureSummary>>> {
  const summaries: Partial<Record<SaeArchitecture, ArchitectureSummary>> = {};
  if (sides.length === 0 || o.architectures.length === 0) return summaries;
  const options: RunOptions = {
    cache,
    sides,
    open,
    python: o.python,
    evaluationTokens: o.evaluationTokens,
    budget: { tokens: o.tokens, d_sae: o.d_sae },
    activations: await openActivations(join(cache, 'activations'), open.model, {
      tokens: o.tokens,
      // Only peers look at it, while their coefficient is sought.
      heldOut: sides.some((side) => side !== 'ours'),
    }),
  };
  await trainAll(o, options);
  if (o.isTrainOnly) return summaries;
  for (const architecture of o.architectures) {
    const summary: ArchitectureSummary = { peers: {} };
    for (const side of sides.filter((one) => architecturesOf(one).includes(architecture))) {
      const runs = [];
      for (const seed of o.seeds) {
        const key = { side, architecture, seed };
        if (o.isCachedOnly && !(await isTrained(options, key))) continue;
        runs.push(await measureRun(options, key));
      }
      if (runs.length === 0) continue;
      const row = summariseSide(runs, await searchOf(options, { side, architecture }));
      if (side === 'ours') summary.ours = row;
      else summary.peers[side] = row;
    }
    summaries[architecture] = summary;
  }
  return summaries;
}

/** One seed of everything first: what an interruption leaves can be compared. */
async function trainAll(o: CompareOptions, options: RunOptions): Promise<void> {
  if (o.isCachedOnly) return;
  for (const seed of o.seeds) {
    for (const architecture of o.architectures) {
      const having = options.sides.filter((side) => architecturesOf(side).includes(architecture));
      for (const side of having) await trainRun(options, { side, architecture, seed });
    }
  }
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
