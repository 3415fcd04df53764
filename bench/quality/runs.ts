// Every SAE of the comparison, trained and measured once: a cache of folders, so that an interrupted bench
// goes on where it was. Decides at which coefficient each side meets the common L0.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SaeArchitecture } from '../../src/core/sae/architecture';
import type { SaeMetrics } from '../../src/core/evaluate/evaluation';
import type { Activations } from './activations';
import {
  configOf,
  SEARCH,
  seeksL0,
  TARGET_L0,
  type Budget,
  type RunKey,
  type Side,
} from './budget';
import { evaluateFolder } from './evaluate';
import type { Openers } from './openModel';
import { trainOurs } from './ours';
import { readResult, trainPeer } from './peers';
import { seekCoefficient, type SearchPoint } from './seekCoefficient';

/** Rows of the training file that BatchTopK's threshold is set on. */
const THRESHOLD_ROWS = 8192;

export type Measured = RunKey & {
  coefficient: number | null;
  deadFraction: number;
  seconds: number;
  metrics: SaeMetrics;
};

export type RunOptions = {
  cache: string;
  budget: Budget;
  python: string;
  evaluationTokens: number;
  activations: Activations;
  open: Openers;
  /** sides that are compared */
  sides: readonly Side[];
};

/** The points of a side's search, the chosen one first; empty where L0 follows from k. */
export async function searchOf(
  o: RunOptions,
  { side, architecture }: Pick<RunKey, 'side' | 'architecture'>,
): Promise<readonly SearchPoint[]> {
  const begin = SEARCH[architecture];
  if (begin === undefined) return [];
  const { seeker, path } = searchFileOf(o, { side, architecture });
  if (existsSync(path)) return readPoints(path);
  // Penalties are alike enough that another side's coefficient is a good first guess.
  const [reference] = await readPoints(torchSearch(o, architecture));
  const start = reference?.coefficient ?? begin.start;
  const points = await seekCoefficient({ ...begin, start }, TARGET_L0, async (coefficient) => {
    const folder = folderOf(o, { side: seeker, architecture, seed: 0 }, coefficient);
    await trainInto(o, { side: seeker, architecture, seed: 0 }, coefficient, folder);
    if (seeker !== 'ours') return readResult(folder);
    return evaluate(o, architecture, folder);
  });
  await writeJson(path, points);
  return points;
}

/** Whether the cache has it, search included. */
export async function isTrained(o: RunOptions, key: RunKey): Promise<boolean> {
  const points = await readPoints(searchFileOf(o, key).path);
  if (seeksL0(key.architecture) && points.length === 0) return false;
  return existsSync(join(folderOf(o, key, points[0]?.coefficient ?? null), 'result.json'));
}

function torchSearch(o: RunOptions, architecture: SaeArchitecture): string {
  return join(o.cache, `search-torch-${architecture}.json`);
}

/** Whose search decides a side's coefficient, and its file. */
function searchFileOf(o: RunOptions, { side, architecture }: Omit<RunKey, 'seed'>) {
  const torch = torchSearch(o, architecture);
  // The same recipe: searching twice would find the same.
  const isShared = o.sides.includes('torch') || existsSync(torch);
  if (side === 'ours' && isShared) return { seeker: 'torch' as const, path: torch };
  return { seeker: side, path: join(o.cache, `search-${side}-${architecture}.json`) };
}

async function readPoints(path: string): Promise<SearchPoint[]> {
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as SearchPoint[]) : [];
}

/** Trains one SAE, at its side's coefficient, unless the cache has it. */
export async function trainRun(
  o: RunOptions,
  key: RunKey,
): Promise<{ folder: string; coefficient: number | null }> {
  const coefficient = (await searchOf(o, key))[0]?.coefficient ?? null;
  const folder = folderOf(o, key, coefficient);
  await trainInto(o, key, coefficient, folder);
  return { folder, coefficient };
}

/** The same, and measures it. */
export async function measureRun(o: RunOptions, key: RunKey): Promise<Measured> {
  const { folder, coefficient } = await trainRun(o, key);
  const path = join(folder, `evaluation-${o.evaluationTokens}.json`);
  if (!existsSync(path)) {
    say(`measuring ${key.side} ${key.architecture} seed ${key.seed}`);
    await writeJson(path, await evaluate(o, key.architecture, folder));
  }
  const metrics = JSON.parse(await readFile(path, 'utf8')) as SaeMetrics;
  const { deadFraction, seconds } = await readResult(folder);
  return { ...key, coefficient, deadFraction, seconds, metrics };
}

async function evaluate(o: RunOptions, architecture: SaeArchitecture, folder: string) {
  const rows = Uint32Array.from(
    { length: Math.min(THRESHOLD_ROWS, o.activations.tokens) },
    (_, row) => row,
  );
  const sample = o.activations.rows(rows);
  const tokens = o.evaluationTokens;
  return evaluateFolder(await o.open.model(), { folder, tokens, architecture, sample });
}

async function trainInto(
  o: RunOptions,
  key: RunKey,
  coefficient: number | null,
  folder: string,
): Promise<void> {
  if (existsSync(join(folder, 'result.json'))) return;
  const at = coefficient === null ? '' : ` at ${coefficient.toPrecision(4)}`;
  say(`training ${key.side} ${key.architecture} seed ${key.seed}${at}`);
  const config = configOf(o.budget, key, coefficient, o.activations.d_in);
  await o.activations.order(key.seed);
  if (key.side === 'ours') {
    const facts = await trainOurs(await o.open.backend(), o.activations, config, folder);
    await writeJson(join(folder, 'result.json'), facts);
    return;
  }
  await trainPeer(o.python, { side: key.side, config, data: o.activations.folder, folder });
}

function folderOf(o: RunOptions, key: RunKey, coefficient: number | null): string {
  const at =
    seeksL0(key.architecture) && coefficient !== null ? `-${coefficient.toPrecision(6)}` : '';
  return join(o.cache, 'runs', `${key.side}-${key.architecture}-${key.seed}${at}`);
}

/** Whole or not at all: an interruption must not leave half a result. */
async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.part`, `${JSON.stringify(value)}\n`);
  await rename(`${path}.part`, path);
}

function say(line: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
