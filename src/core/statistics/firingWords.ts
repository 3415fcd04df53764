// The words on which a latent fires most, from its stored examples. Pure; a description of what was seen, not a
// meaning.
import { f16ToF32 } from '../numeric/float16';
import type { LatentExamples } from './latentExamples';

/** Words that name a latent. */
const FIRING_WORDS = 3;
/** A word with a smaller share of the latent's summed activation than this is not among its commonest. */
const LEAST_SHARE = 0.05;

/** At most FIRING_WORDS words, the one with the largest summed activation first, over every firing token of the
 *  passages in which the latent has examples. Spaces and capitals make no difference; the form that weighs most is
 *  shown. Empty for a latent that never fired. textOf: a token's printable text. */
export function firingWords(
  examples: LatentExamples,
  latent: number,
  textOf: (tokenId: number) => string,
): string[] {
  return heaviestWords(
    [...weightByToken(examples, latent)].map(([tokenId, weight]) => [textOf(tokenId), weight]),
  );
}

/** The same of firing tokens given as text with summed activation. */
export function heaviestWords(tokens: readonly (readonly [string, number])[]): string[] {
  const words = new Map<string, { weight: number; form: string; formWeight: number }>();
  let total = 0;
  for (const [text, weight] of tokens) {
    const form = trimmed(text);
    const key = form.toLowerCase();
    const known = words.get(key) ?? { weight: 0, form, formWeight: 0 };
    known.weight += weight;
    if (weight > known.formWeight) Object.assign(known, { form, formWeight: weight });
    words.set(key, known);
    total += weight;
  }
  return [...words.values()]
    .sort((a, b) => b.weight - a.weight || (a.form < b.form ? -1 : 1))
    .filter(({ weight }, i) => i === 0 || weight >= LEAST_SHARE * total)
    .slice(0, FIRING_WORDS)
    .map(({ form }) => form);
}

/** White space itself stays as it is. */
function trimmed(text: string): string {
  return text.trim() === '' ? text : text.trim();
}

/** Summed activation of each token id on which the latent fires. */
function weightByToken(examples: LatentExamples, latent: number): Map<number, number> {
  const { passageEnds, tokenIds, spanEnds, spanPassage, actEnds, actPosition, actBits } = examples;
  const weights = new Map<number, number>();
  for (let span = before(spanEnds, latent); span < spanEnds[latent]!; span++) {
    const start = before(passageEnds, spanPassage[span]!);
    const first = before(actEnds, span);
    const acts = f16ToF32(actBits.subarray(first, actEnds[span]));
    for (let i = 0; i < acts.length; i++) {
      const tokenId = tokenIds[start + actPosition[first + i]!]!;
      weights.set(tokenId, (weights.get(tokenId) ?? 0) + acts[i]!);
    }
  }
  return weights;
}

function before(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : ends[i - 1]!;
}
