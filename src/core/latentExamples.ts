// Examples of every latent as data that needs no model to be shown: passages of token ids, and, for each
// latent and passage, the tokens on which it fires. Several examples share a passage.
import { forEachActive, type CodeArchive } from './codeArchive';
import { chooseExamples, type ChosenToken, type ExampleCounts } from './exampleChoice';
import { f16ToF32 } from './float16';
import type { LatentStatistics } from './latentStatistics';

/** A span is one latent in one passage; lists of lists are given by where each ends. */
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
  const chosen: ChosenToken[][] = [];
  for (let latent = 0; latent < stats.d_sae; latent++) {
    chosen.push(chooseExamples(stats, latent, archive, counts));
  }
  const spans = listSpans(chosen, archive.contextSize);
  return {
    ...cutPassages(spans.sequences, archive),
    ...spans.lists,
    ...activationsOfSpans(spans, archive),
  };
}

type Spans = {
  /** sequence of each span, ascending within a latent */
  sequences: number[];
  /** [spans] */
  latents: number[];
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

function listSpans(chosen: readonly ChosenToken[][], contextSize: number): Spans {
  const examples = chosen.flat();
  const spans: Spans = {
    sequences: [],
    latents: [],
    lists: {
      spanEnds: new Uint32Array(chosen.length),
      exampleEnds: new Uint32Array(chosen.length),
      exampleSpan: new Uint16Array(examples.length),
      examplePosition: Uint16Array.from(examples, ({ token }) => token % contextSize),
      exampleRepeats: Uint16Array.from(examples, ({ repeats }) => repeats),
      exampleGroup: Uint8Array.from(examples, ({ group }) => group),
    },
  };
  let at = 0;
  for (const [latent, ofLatent] of chosen.entries()) {
    const sequenceOf = ({ token }: ChosenToken) => Math.floor(token / contextSize);
    const sequences = [...new Set(ofLatent.map(sequenceOf))].sort((a, b) => a - b);
    const place = new Map(sequences.map((sequence, i) => [sequence, i]));
    for (const example of ofLatent) spans.lists.exampleSpan[at++] = place.get(sequenceOf(example))!;
    for (const sequence of sequences) {
      spans.sequences.push(sequence);
      spans.latents.push(latent);
    }
    spans.lists.spanEnds[latent] = spans.sequences.length;
    spans.lists.exampleEnds[latent] = at;
  }
  return spans;
}

/** The sequences that any span names, each once. */
function cutPassages(sequences: readonly number[], archive: CodeArchive) {
  const { contextSize } = archive;
  const used = [...new Set(sequences)].sort((a, b) => a - b);
  const passageOf = new Map(used.map((sequence, i) => [sequence, i]));
  const tokenIds = new Uint32Array(used.length * contextSize);
  for (const [i, sequence] of used.entries()) {
    const start = sequence * contextSize;
    tokenIds.set(archive.tokenIds.subarray(start, start + contextSize), i * contextSize);
  }
  return {
    passageEnds: Uint32Array.from(used, (_, i) => (i + 1) * contextSize),
    tokenIds,
    spanPassage: Uint32Array.from(sequences, (sequence) => passageOf.get(sequence)!),
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
  // While they are filled, an end is the next free place: afterwards it is the end.
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
  const bySequence = new Map<number, number[]>();
  for (const [span, sequence] of sequences.entries()) {
    const list = bySequence.get(sequence);
    if (list === undefined) bySequence.set(sequence, [span]);
    else list.push(span);
  }
  const spanOf = new Int32Array(archive.d_sae).fill(-1);
  return (visit: (span: number, position: number, bits: number) => void) => {
    for (const [sequence, spans] of bySequence) {
      for (const span of spans) spanOf[latents[span]!] = span;
      for (let position = 0; position < contextSize; position++) {
        forEachActive(archive, sequence * contextSize + position, (latent, bits) => {
          if (spanOf[latent]! >= 0) visit(spanOf[latent]!, position, bits);
        });
      }
      for (const span of spans) spanOf[latents[span]!] = -1;
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
