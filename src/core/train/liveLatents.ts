// What the latents of an SAE in training do, from the sparse codes of its last sampled batches: rates,
// ranges, strongest tokens. Pure and provisional; statistics of a finished SAE are computed elsewhere.
import type { RingText } from '../text/ringText';
import { ringWindow } from '../text/ringText';
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

/** One batch of training as it was encoded. */
export type LatentSample = {
  /** steps done when it was taken */
  step: number;
  code: SparseCode;
  /** [batch] ring rows of the code's tokens */
  rows: Uint32Array;
  /** null: the activations do not come from text */
  text: RingText | null;
};

const LIVE_BINS = 24;
const LIVE_EXAMPLES = 5;
const RADIUS = 8;

export type LiveExample = {
  tokenIds: number[];
  /** the latent's activation on each; null if that token was in no sampled batch */
  acts: (number | null)[];
  peak: number;
  act: number;
};

export type LiveLatent = {
  latentIndex: number;
  fireCount: number;
  /** over the sampled tokens */
  fireRate: number;
  maxAct: number;
  histogram: { binWidth: number; counts: number[] };
  examples: LiveExample[];
};

type Entry = { act: number; row: number; text: RingText | null };

/** Activations are divided by `scale`, which gives model units. */
export function liveLatents(
  samples: readonly LatentSample[],
  latentIndices: readonly number[],
  scale: number,
): LiveLatent[] {
  const entries = new Map(latentIndices.map((latent): [number, Entry[]] => [latent, []]));
  let tokens = 0;
  for (const { code, rows, text } of samples) {
    tokens += rows.length;
    forEachFiring(code, (token, latent, act) => {
      entries.get(latent)?.push({ act: act / scale, row: rows[token]!, text });
    });
  }
  return latentIndices.map((latent) => liveLatent(latent, entries.get(latent) ?? [], tokens));
}

/** Latents by their strongest activation in the samples, strongest first, except those in `known`. */
export function strongestLatents(
  samples: readonly LatentSample[],
  count: number,
  known: readonly number[],
): number[] {
  const most = new Map<number, number>();
  for (const { code } of samples) {
    forEachFiring(code, (_, latent, act) => {
      if (act > (most.get(latent) ?? 0)) most.set(latent, act);
    });
  }
  for (const latent of known) most.delete(latent);
  return [...most]
    .sort(([a, actA], [b, actB]) => actB - actA || a - b)
    .slice(0, count)
    .map(([latent]) => latent);
}

function forEachFiring(
  { k, latentIndices, latentActs }: SparseCode,
  visit: (token: number, latent: number, act: number) => void,
): void {
  for (let slot = 0; slot < latentIndices.length; slot++) {
    const act = latentActs[slot]!;
    if (latentIndices[slot] === EMPTY_SLOT || !(act > 0)) continue;
    visit(Math.floor(slot / k), latentIndices[slot]!, act);
  }
}

function liveLatent(latentIndex: number, entries: Entry[], tokens: number): LiveLatent {
  const maxAct = entries.reduce((most, { act }) => Math.max(most, act), 0);
  const counts = new Array<number>(LIVE_BINS).fill(0);
  for (const { act } of entries) {
    counts[Math.min(LIVE_BINS - 1, Math.floor((act / maxAct) * LIVE_BINS))]!++;
  }
  return {
    latentIndex,
    fireCount: entries.length,
    fireRate: tokens === 0 ? 0 : entries.length / tokens,
    maxAct,
    histogram: { binWidth: maxAct / LIVE_BINS, counts },
    examples: examplesOf(entries),
  };
}

/** The strongest, each text once. */
function examplesOf(entries: readonly Entry[]): LiveExample[] {
  const examples: LiveExample[] = [];
  const seen = new Set<string>();
  for (const { act, row, text } of [...entries].sort((a, b) => b.act - a.act)) {
    if (examples.length === LIVE_EXAMPLES) break;
    if (text === null) continue;
    const { tokenIds, peak } = ringWindow(text, row, RADIUS);
    const key = tokenIds.join();
    if (seen.has(key)) continue;
    seen.add(key);
    // Only tokens of sampled batches were encoded, not the ring's other rows.
    const acts = tokenIds.map((_, i) => {
      const own = row - peak + i;
      return entries.find((other) => other.text === text && other.row === own)?.act ?? null;
    });
    examples.push({ tokenIds, acts, peak, act });
  }
  return examples;
}
