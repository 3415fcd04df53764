// Examples of every latent, stored so that they can be shown without the model: passages of token ids and,
// for each latent and passage, the tokens on which it fires. Several examples share a passage.
import { forEachActive, type CodeArchive } from './codeArchive';
import {
  chooseExamples,
  mostExamples,
  type ChosenToken,
  type ExampleCounts,
} from './exampleChoice';
import { f16ToF32 } from '../numeric/float16';
import type { LatentStatistics } from './latentStatistics';

/** A span is one latent in one passage; lists of lists are stored by their end positions. */
export type LatentExamples = {
  /** [passages]: where each ends in tokenIds */
  passageEnds: Uint32Array;
  tokenIds: Uint32Array;
  /** [d_sae]: where each latent's spans, and its examples, end */
  spanEnds: Uint32Array;
  exampleEnds: Uint32Array;
  /** [spans] */
  spanPassage: Uint32Array;
  /** [spans]: where its firing tokens end in actPosition and actBits */
  actEnds: Uint32Array;
  /** place in the passage, ascending within a span; activation as the bits of an f16 */
  actPosition: Uint16Array;
  actBits: Uint16Array;
  /** [examples]: span counted from the latent's first, place of its token in the passage, how often its
   *  text was among the strongest, group (exampleChoice.ts) */
  exampleSpan: Uint16Array;
  examplePosition: Uint16Array;
  exampleRepeats: Uint16Array;
  exampleGroup: Uint8Array;
};

export type ExampleTokenIds = {
  group: number;
  tokens: { tokenId: number; act: number }[];
  /** index in `tokens` of the token that made this an example */
  peak: number;
  repeats: number;
};

/** Chooses and cuts the examples of every latent. statistics count tokens of the archive from 0. */
export function cutLatentExamples(
  stats: LatentStatistics,
  archive: CodeArchive,
  counts: ExampleCounts,
): LatentExamples {
  const spans = listSpans(stats, archive, counts);
  return {
    ...cutPassages(spans.sequences, archive),
    ...spans.lists,
    ...activationsOfSpans(spans, archive),
  };
}

type Spans = {
  /** sequence of each span, ascending within a latent */
  sequences: Uint32Array;
  /** [spans] */
  latents: Uint32Array;
  lists: Pick<
    LatentExamples,
    | 'spanEnds'
    | 'exampleEnds'
    | 'exampleSpan'
    | 'examplePosition'
    | 'exampleRepeats'
    | 'exampleGroup'
  >;
};

/** Bytes needed per possible example while listing; unused ones are freed afterwards. */
export const BYTES_PER_CHOSEN = 4 + 4 + 2 + 2 + 2 + 1;

/** Typed arrays of the largest possible size, cut at the end. */
function listSpans(stats: LatentStatistics, archive: CodeArchive, counts: ExampleCounts): Spans {
  const { d_sae } = stats;
  const { contextSize } = archive;
  const most = d_sae * mostExamples(counts);
  const sequences = new Uint32Array(most);
  const latents = new Uint32Array(most);
  const exampleSpan = new Uint16Array(most);
  const examplePosition = new Uint16Array(most);
  const exampleRepeats = new Uint16Array(most);
  const exampleGroup = new Uint8Array(most);
  const spanEnds = new Uint32Array(d_sae);
  const exampleEnds = new Uint32Array(d_sae);
  let [examples, spans] = [0, 0];
  const sequenceOf = ({ token }: ChosenToken) => Math.floor(token / contextSize);
  for (let latent = 0; latent < d_sae; latent++) {
    const chosen = chooseExamples(stats, latent, archive, counts);
    const own = [...new Set(chosen.map(sequenceOf))].sort((a, b) => a - b);
    const place = new Map(own.map((sequence, i) => [sequence, i]));
    for (const example of chosen) {
      exampleSpan[examples] = place.get(sequenceOf(example))!;
      examplePosition[examples] = example.token % contextSize;
      exampleRepeats[examples] = example.repeats;
      exampleGroup[examples++] = example.group;
    }
    for (const sequence of own) {
      sequences[spans] = sequence;
      latents[spans++] = latent;
    }
    spanEnds[latent] = spans;
    exampleEnds[latent] = examples;
  }
  return {
    sequences: sequences.slice(0, spans),
    latents: latents.slice(0, spans),
    lists: {
      spanEnds,
      exampleEnds,
      exampleSpan: exampleSpan.slice(0, examples),
      examplePosition: examplePosition.slice(0, examples),
      exampleRepeats: exampleRepeats.slice(0, examples),
      exampleGroup: exampleGroup.slice(0, examples),
    },
  };
}

/** The distinct sequences of all spans. */
function cutPassages(sequences: Uint32Array, archive: CodeArchive) {
  const { contextSize } = archive;
  const used = Uint32Array.from(new Set(sequences)).sort();
  const passageOf = new Map(Array.from(used, (sequence, i) => [sequence, i]));
  const tokenIds = new Uint32Array(used.length * contextSize);
  for (const [i, sequence] of used.entries()) {
    const start = sequence * contextSize;
    tokenIds.set(archive.tokenIds.subarray(start, start + contextSize), i * contextSize);
  }
  return {
    passageEnds: Uint32Array.from(used, (_, i) => (i + 1) * contextSize),
    tokenIds,
    spanPassage: sequences.map((sequence) => passageOf.get(sequence)!),
  };
}

/** Reads the archive twice, sequence by sequence, for all spans: to count, then to fill. */
function activationsOfSpans(spans: Spans, archive: CodeArchive) {
  const visitAll = makeSpanReader(spans, archive);
  const actEnds = new Uint32Array(spans.sequences.length);
  visitAll((span) => {
    actEnds[span]!++;
  });
  let total = 0;
  for (let span = 0; span < actEnds.length; span++) {
    const count = actEnds[span]!;
    actEnds[span] = total;
    total += count;
  }
  const actPosition = new Uint16Array(total);
  const actBits = new Uint16Array(total);
  // While filling, an end is the next free place; afterwards it is the end.
  visitAll((span, position, bits) => {
    const at = actEnds[span]!++;
    actPosition[at] = position;
    actBits[at] = bits;
  });
  return { actPosition, actBits, actEnds };
}

/** Visits every firing token of every span, by rising position within a span. */
function makeSpanReader({ sequences, latents }: Spans, archive: CodeArchive) {
  const { contextSize } = archive;
  const bySequence = Uint32Array.from(sequences.keys()).sort(
    (a, b) => sequences[a]! - sequences[b]! || a - b,
  );
  const spanOf = new Int32Array(archive.d_sae).fill(-1);
  return (visit: (span: number, position: number, bits: number) => void) => {
    for (let first = 0; first < bySequence.length;) {
      const sequence = sequences[bySequence[first]!]!;
      let end = first;
      while (end < bySequence.length && sequences[bySequence[end]!] === sequence) end++;
      const spans = bySequence.subarray(first, end);
      for (const span of spans) spanOf[latents[span]!] = span;
      for (let position = 0; position < contextSize; position++) {
        forEachActive(archive, sequence * contextSize + position, (latent, bits) => {
          if (spanOf[latent]! >= 0) visit(spanOf[latent]!, position, bits);
        });
      }
      for (const span of spans) spanOf[latents[span]!] = -1;
      first = end;
    }
  };
}

/** One latent's examples in the order they were chosen: strongest first, then the other groups. Examples of
 *  one span share their list of tokens. */
export function examplesOfLatent(examples: LatentExamples, latent: number): ExampleTokenIds[] {
  const firstSpan = before(examples.spanEnds, latent);
  const spans = new Map<number, ExampleTokenIds['tokens']>();
  const list: ExampleTokenIds[] = [];
  for (let i = before(examples.exampleEnds, latent); i < examples.exampleEnds[latent]!; i++) {
    const span = firstSpan + examples.exampleSpan[i]!;
    const tokens = spans.get(span) ?? tokensOfSpan(examples, span);
    spans.set(span, tokens);
    list.push({
      group: examples.exampleGroup[i]!,
      tokens,
      peak: examples.examplePosition[i]!,
      repeats: examples.exampleRepeats[i]!,
    });
  }
  return list;
}

function before(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : ends[i - 1]!;
}

function tokensOfSpan(examples: LatentExamples, span: number): ExampleTokenIds['tokens'] {
  const { passageEnds, tokenIds, actEnds, actPosition, actBits } = examples;
  const passage = examples.spanPassage[span]!;
  const ids = tokenIds.subarray(before(passageEnds, passage), passageEnds[passage]);
  const tokens = Array.from(ids, (tokenId) => ({ tokenId, act: 0 }));
  const first = before(actEnds, span);
  for (const [i, act] of f16ToF32(actBits.subarray(first, actEnds[span])).entries()) {
    tokens[actPosition[first + i]!]!.act = act;
  }
  return tokens;
}
