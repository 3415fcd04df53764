// A few (token, activation) pairs kept per latent, by two rules: the strongest, one per sequence, and those
// with the smallest hash, which is a uniform sample. Both are order-free: the same tokens in any order or
// split give the same pairs. A token is one number, sequence · contextSize + position.
import { hash32 } from '../numeric/rng';

/** Slots of many latents side by side; activation 0 = empty, filled slots first. */
export type KeptTokens = { acts: Float32Array; tokens: Uint32Array };

/** `slots` consecutive slots of a KeptTokens. */
export type SlotRange = { start: number; slots: number };

export function makeKeptTokens(slots: number): KeptTokens {
  return { acts: new Float32Array(slots), tokens: new Uint32Array(slots) };
}

function move(kept: KeptTokens, from: number, to: number): void {
  kept.acts[to] = kept.acts[from]!;
  kept.tokens[to] = kept.tokens[from]!;
}

/** Strongest first, ties to the earlier token; a sequence keeps its strongest token only. */
export function offerStrongest(
  kept: KeptTokens,
  { start, slots }: SlotRange,
  act: number,
  token: number,
  contextSize: number,
): void {
  const { acts, tokens } = kept;
  const last = start + slots - 1;
  const isBefore = (i: number) => act > acts[i]! || (act === acts[i]! && token < tokens[i]!);
  if (acts[last]! > 0 && !isBefore(last)) return;
  // The slot that will be overwritten: this sequence's older entry, else the first free or last one.
  const sequence = Math.floor(token / contextSize);
  let hole = last;
  for (let i = start; i <= last; i++) {
    if (acts[i] === 0) {
      hole = i;
      break;
    }
    if (Math.floor(tokens[i]! / contextSize) === sequence) {
      if (!isBefore(i)) return;
      hole = i;
      break;
    }
  }
  while (hole > start && isBefore(hole - 1)) {
    move(kept, hole - 1, hole);
    hole--;
  }
  acts[hole] = act;
  tokens[hole] = token;
}

/** Smallest hash32(key, token) first. For a given key hash32 is a bijection of the token, so there are
 *  no ties. */
export function offerSmallestHash(
  kept: KeptTokens,
  { start, slots }: SlotRange,
  key: number,
  act: number,
  token: number,
): void {
  const { acts, tokens } = kept;
  const hash = hash32(key, token);
  let hole = start + slots - 1;
  if (acts[hole]! > 0) {
    if (hash32(key, tokens[hole]!) <= hash) return;
  } else {
    while (hole > start && acts[hole - 1] === 0) hole--;
  }
  while (hole > start && hash32(key, tokens[hole - 1]!) > hash) {
    move(kept, hole - 1, hole);
    hole--;
  }
  acts[hole] = act;
  tokens[hole] = token;
}

/** Removes and returns the content of `slots`. */
export function takeAll(
  kept: KeptTokens,
  { start, slots }: SlotRange,
): [act: number, token: number][] {
  const taken: [number, number][] = [];
  for (let i = start; i < start + slots && kept.acts[i]! > 0; i++) {
    taken.push([kept.acts[i]!, kept.tokens[i]!]);
    kept.acts[i] = 0;
    kept.tokens[i] = 0;
  }
  return taken;
}
