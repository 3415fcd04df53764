// Fewer examples than a pass kept, for a file that must be small: the first of each group of each latent, and only
// the passages that they name.
import { RANDOM_GROUP, TOP_GROUP, type ExampleCounts } from './exampleChoice';
import type { LatentExamples } from './latentExamples';

/** counts: most examples of each group of a latent. What is kept stays in its order. */
export function thinExamples(
  examples: LatentExamples,
  counts: (latent: number) => ExampleCounts,
): LatentExamples {
  const kept = { spans: [] as number[], examples: [] as number[] };
  const exampleSpan: number[] = [];
  const spanEnds = new Uint32Array(examples.spanEnds.length);
  const exampleEnds = new Uint32Array(examples.exampleEnds.length);
  for (let latent = 0; latent < spanEnds.length; latent++) {
    const firstSpan = before(examples.spanEnds, latent);
    const own = examplesOf(examples, latent, counts(latent));
    const spans = [...new Set(own.map((i) => examples.exampleSpan[i]!))].sort((a, b) => a - b);
    for (const i of own) exampleSpan.push(spans.indexOf(examples.exampleSpan[i]!));
    kept.examples.push(...own);
    kept.spans.push(...spans.map((span) => firstSpan + span));
    spanEnds[latent] = kept.spans.length;
    exampleEnds[latent] = kept.examples.length;
  }
  return {
    ...passagesOf(examples, kept.spans),
    ...activationsOf(examples, kept.spans),
    spanEnds,
    exampleEnds,
    exampleSpan: Uint16Array.from(exampleSpan),
    examplePosition: Uint16Array.from(kept.examples, (i) => examples.examplePosition[i]!),
    exampleRepeats: Uint16Array.from(kept.examples, (i) => examples.exampleRepeats[i]!),
    exampleGroup: Uint8Array.from(kept.examples, (i) => examples.exampleGroup[i]!),
  };
}

function examplesOf(
  { exampleEnds, exampleGroup }: LatentExamples,
  latent: number,
  { top, random, perGroup }: ExampleCounts,
): number[] {
  const seen = new Map<number, number>();
  const own: number[] = [];
  for (let i = before(exampleEnds, latent); i < exampleEnds[latent]!; i++) {
    const group = exampleGroup[i]!;
    const most = group === TOP_GROUP ? top : group === RANDOM_GROUP ? random : perGroup;
    const count = seen.get(group) ?? 0;
    seen.set(group, count + 1);
    if (count < most) own.push(i);
  }
  return own;
}

function passagesOf({ passageEnds, tokenIds, spanPassage }: LatentExamples, spans: number[]) {
  const used = [...new Set(spans.map((span) => spanPassage[span]!))].sort((a, b) => a - b);
  const place = new Map(used.map((passage, i) => [passage, i]));
  const ids: number[] = [];
  const ends = new Uint32Array(used.length);
  for (const [i, passage] of used.entries()) {
    ids.push(...tokenIds.subarray(before(passageEnds, passage), passageEnds[passage]));
    ends[i] = ids.length;
  }
  return {
    passageEnds: ends,
    tokenIds: Uint32Array.from(ids),
    spanPassage: Uint32Array.from(spans, (span) => place.get(spanPassage[span]!)!),
  };
}

function activationsOf({ actEnds, actPosition, actBits }: LatentExamples, spans: number[]) {
  const positions: number[] = [];
  const bits: number[] = [];
  const ends = new Uint32Array(spans.length);
  for (const [i, span] of spans.entries()) {
    const [from, to] = [before(actEnds, span), actEnds[span]!];
    positions.push(...actPosition.subarray(from, to));
    bits.push(...actBits.subarray(from, to));
    ends[i] = bits.length;
  }
  return {
    actEnds: ends,
    actPosition: Uint16Array.from(positions),
    actBits: Uint16Array.from(bits),
  };
}

function before(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : ends[i - 1]!;
}
