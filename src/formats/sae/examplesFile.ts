// Examples of a statistics file: version 2 keeps passages and spans as they are, version 1 kept windows of
// ±16 tokens around the strongest tokens. Works on arrays; the gzip around them is handled elsewhere.
import { FormatError } from '../../core/errors';
import { EXAMPLE_GROUPS, TOP_GROUP } from '../../core/statistics/exampleChoice';
import { f32ToF16 } from '../../core/numeric/float16';
import type { LatentExamples } from '../../core/statistics/latentExamples';
import type { BundleArray } from '../archives/arrayBundle';
import { packInts, unpackInts } from '../archives/packedInts';

/** Tokens of a version 1 window, with the peak in the middle; NO_TOKEN beyond the ends of its sequence. */
const WINDOW_RADIUS = 16;
export const WINDOW_TOKENS = 2 * WINDOW_RADIUS + 1;
const NO_TOKEN = 0xffffffff;

type Arrays = Record<string, BundleArray>;

/** Lists of end positions are stored as lengths, which are small numbers. */
const ENDS = ['passageEnds', 'spanEnds', 'exampleEnds', 'actEnds'] as const;
const SHORTS = [
  ...(['actPosition', 'actBits', 'exampleSpan'] as const),
  ...(['examplePosition', 'exampleRepeats', 'exampleGroup'] as const),
] as const;

export function examplesToArrays(examples: LatentExamples): Arrays {
  const arrays: Arrays = {};
  for (const name of ENDS) Object.assign(arrays, packInts(name, lengthsOf(examples[name])));
  Object.assign(arrays, packInts('tokenIds', examples.tokenIds, { isText: true }));
  Object.assign(arrays, packInts('spanPassage', examples.spanPassage));
  for (const name of SHORTS) Object.assign(arrays, packInts(name, examples[name]));
  return arrays;
}

function lengthsOf(ends: Uint32Array): Uint32Array {
  return ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]!));
}

function endsOf(lengths: ArrayLike<number>): Uint32Array {
  const ends = Uint32Array.from(lengths);
  for (let i = 1; i < ends.length; i++) ends[i]! += ends[i - 1]!;
  return ends;
}

/** Throws FormatError unless every list ends within bounds and every index points into its list. */
export function examplesFromArrays(arrays: Arrays, d_sae: number, what: string): LatentExamples {
  const refuse = (name: string): never => {
    throw new FormatError(`${what}: its list ${name} is damaged; compute the statistics again`);
  };
  const whole = (name: keyof LatentExamples) => unpackInts(arrays, name) ?? refuse(name);
  const short = (name: keyof LatentExamples) => {
    const values = whole(name);
    return values.some((value) => value > 0xffff) ? refuse(name) : Uint16Array.from(values);
  };
  const examples: LatentExamples = {
    passageEnds: endsOf(whole('passageEnds')),
    spanEnds: endsOf(whole('spanEnds')),
    exampleEnds: endsOf(whole('exampleEnds')),
    actEnds: endsOf(whole('actEnds')),
    tokenIds: whole('tokenIds'),
    spanPassage: whole('spanPassage'),
    actPosition: short('actPosition'),
    actBits: short('actBits'),
    exampleSpan: short('exampleSpan'),
    examplePosition: short('examplePosition'),
    exampleRepeats: short('exampleRepeats'),
    exampleGroup: Uint8Array.from(short('exampleGroup')),
  };
  const { spanPassage, exampleSpan } = examples;
  const lists: [name: keyof LatentExamples, lists: number, length: number][] = [
    ['passageEnds', examples.passageEnds.length, examples.tokenIds.length],
    ['spanEnds', d_sae, spanPassage.length],
    ['exampleEnds', d_sae, exampleSpan.length],
    ['actEnds', spanPassage.length, examples.actBits.length],
  ];
  for (const [name, count, length] of lists) {
    if (!endsFit(examples[name], count, length)) refuse(name);
  }
  const perExample = ['examplePosition', 'exampleRepeats', 'exampleGroup'] as const;
  for (const name of perExample) if (examples[name].length !== exampleSpan.length) refuse(name);
  if (examples.actPosition.length !== examples.actBits.length) refuse('actPosition');
  // Exponent bits all set: an infinity or NaN.
  if (examples.actBits.some((bits) => (bits & 0x7c00) === 0x7c00)) refuse('actBits');
  if (examples.exampleGroup.some((group) => group >= EXAMPLE_GROUPS)) refuse('exampleGroup');
  if (!pointersFit(examples)) refuse('exampleSpan');
  return examples;
}

/** `count` ascending ends, the last of them `length`. */
function endsFit(ends: BundleArray, count: number, length: number): boolean {
  let before = 0;
  for (const end of ends) {
    if (end < before) return false;
    before = end;
  }
  return ends.length === count && before === length;
}

function pointersFit(e: LatentExamples): boolean {
  const lengthOf = (passage: number) =>
    e.passageEnds[passage]! - (passage === 0 ? 0 : e.passageEnds[passage - 1]!);
  let act = 0;
  for (let span = 0; span < e.spanPassage.length; span++) {
    if (e.spanPassage[span]! >= e.passageEnds.length) return false;
    const length = lengthOf(e.spanPassage[span]!);
    for (; act < e.actEnds[span]!; act++) if (e.actPosition[act]! >= length) return false;
  }
  let example = 0;
  for (let latent = 0; latent < e.spanEnds.length; latent++) {
    const first = latent === 0 ? 0 : e.spanEnds[latent - 1]!;
    for (; example < e.exampleEnds[latent]!; example++) {
      const span = first + e.exampleSpan[example]!;
      if (span >= e.spanEnds[latent]!) return false;
      if (e.examplePosition[example]! >= lengthOf(e.spanPassage[span]!)) return false;
    }
  }
  return true;
}

type Windows = {
  examplesPerLatent: number;
  /** [d_sae, e, WINDOW_TOKENS] */
  tokenIds: Uint32Array;
  acts: Float32Array;
  /** [d_sae, e]; 0 = no example */
  repeats: Uint16Array;
};

/** Version 1's windows as examples of the top group, each with a passage of its own. */
export function examplesFromWindows(windows: Windows, d_sae: number): LatentExamples {
  const e = windows.examplesPerLatent;
  const lists = {
    passageEnds: [],
    tokenIds: [],
    spanEnds: [],
    exampleEnds: [],
    spanPassage: [],
    actEnds: [],
    actPosition: [],
    acts: [],
    exampleSpan: [],
    examplePosition: [],
    exampleRepeats: [],
  } as Record<string, number[]>;
  const list = (name: string) => lists[name]!;
  for (let latent = 0; latent < d_sae; latent++) {
    for (let i = 0; i < e && windows.repeats[latent * e + i]! > 0; i++) {
      const row = latent * e + i;
      let length = 0;
      for (let w = row * WINDOW_TOKENS; w < (row + 1) * WINDOW_TOKENS; w++) {
        if (windows.tokenIds[w] === NO_TOKEN) continue;
        if (w === row * WINDOW_TOKENS + WINDOW_RADIUS) list('examplePosition').push(length);
        list('tokenIds').push(windows.tokenIds[w]!);
        if (windows.acts[w]! > 0) {
          list('actPosition').push(length);
          list('acts').push(windows.acts[w]!);
        }
        length++;
      }
      list('spanPassage').push(list('passageEnds').length);
      list('passageEnds').push(list('tokenIds').length);
      list('actEnds').push(list('acts').length);
      list('exampleSpan').push(i);
      list('exampleRepeats').push(windows.repeats[row]!);
    }
    list('spanEnds').push(list('spanPassage').length);
    list('exampleEnds').push(list('exampleSpan').length);
  }
  return {
    passageEnds: Uint32Array.from(list('passageEnds')),
    tokenIds: Uint32Array.from(list('tokenIds')),
    spanEnds: Uint32Array.from(list('spanEnds')),
    exampleEnds: Uint32Array.from(list('exampleEnds')),
    spanPassage: Uint32Array.from(list('spanPassage')),
    actEnds: Uint32Array.from(list('actEnds')),
    actPosition: Uint16Array.from(list('actPosition')),
    actBits: f32ToF16(Float32Array.from(list('acts'))),
    exampleSpan: Uint16Array.from(list('exampleSpan')),
    examplePosition: Uint16Array.from(list('examplePosition')),
    exampleRepeats: Uint16Array.from(list('exampleRepeats')),
    exampleGroup: new Uint8Array(list('exampleSpan').length).fill(TOP_GROUP),
  };
}
