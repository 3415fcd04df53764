// Statistics of one SAE as one file: an array bundle, gzipped. Values that are only shown are kept in f16,
// token texts as JSON. Version 1 files can still be opened, with the content they have.
import { PARTNERS, type LatentPartners } from '../../core/statistics/coActivation';
import { FormatError } from '../../core/errors';
import { f16ToF32, f32ToF16 } from '../../core/numeric/float16';
import { FULL_EXAMPLES, mostExamples } from '../../core/statistics/exampleChoice';
import { HISTOGRAM_BINS, TOP_TOKENS } from '../../core/statistics/latentStatistics';
import {
  NEIGHBOURS,
  NO_LOGITS,
  RANKED_LOGITS,
  type LatentLogits,
  type SaeStatistics,
  type StatisticsDetails,
} from '../../core/statistics/saeStatistics';
import { formatArrayBundle, parseArrayBundle, type BundleArray } from '../archives/arrayBundle';
import {
  examplesFromArrays,
  examplesFromWindows,
  examplesToArrays,
  WINDOW_TOKENS,
} from './examplesFile';
import { packInts, unpackInts } from '../archives/packedInts';

const VERSION = 2;

export async function formatSaeStatistics(s: SaeStatistics): Promise<Uint8Array<ArrayBuffer>> {
  const { logits } = s;
  const bundle = formatArrayBundle({
    facts: {
      version: VERSION,
      countedTokens: s.countedTokens,
      topKept: s.topKept,
      details: s.details && {
        excludedTokens: s.details.excludedTokens,
        partnerTokens: s.details.partners.tokens,
      },
    },
    arrays: {
      // Not in the header: a large vocabulary would exceed its size limit.
      tokenTexts: new TextEncoder().encode(JSON.stringify([...s.tokenTexts])),
      fireCount: s.fireCount,
      actSum: s.actSum,
      maxAct: s.maxAct,
      range: s.range,
      ...packInts('histogram', s.histogram),
      ...examplesToArrays(s.examples),
      ...packInts('topIds', logits.topIds),
      ...packHalves('topValues', logits.topValues),
      ...packInts('bottomIds', logits.bottomIds),
      ...packHalves('bottomValues', logits.bottomValues),
      ...(s.details === null ? {} : detailsToArrays(s.details)),
    },
  });
  return pipe(bundle, new CompressionStream('gzip'));
}

function detailsToArrays({ powerSums, neighbours, partners }: StatisticsDetails) {
  const { actSum2, actSum3, actSum4 } = powerSums;
  return {
    actSum2,
    actSum3,
    actSum4,
    ...packInts('neighbours', neighbours.indices),
    ...packHalves('cosines', neighbours.cosines),
    ...packInts('partners', partners.indices),
    ...packHalves('phi', partners.phi),
    ...packInts('together', partners.together),
    ...packHalves('conditional', partners.conditional),
  };
}

function packHalves(name: string, values: Float32Array) {
  return packInts(name, f32ToF16(values));
}

/** Bounds of what a file may inflate to: more than any pass stores. */
const MAX_EXAMPLES = mostExamples({ ...FULL_EXAMPLES, top: TOP_TOKENS });
const MAX_CONTEXT = 128;
const MAX_HEADER_BYTES = 1 << 20;
const MAX_TEXT_BYTES = 8 << 20;

/** Throws FormatError unless every array has the shape that d_sae asks for. */
export async function parseSaeStatistics(
  bytes: Uint8Array<ArrayBuffer>,
  d_sae: number,
): Promise<SaeStatistics> {
  const what = 'statistics of this SAE';
  let raw: Uint8Array;
  try {
    raw = await pipe(bytes, new DecompressionStream('gzip'), largestBundle(d_sae));
  } catch (cause) {
    throw new FormatError(`${what}: damaged; compute them again`, { cause });
  }
  const { facts: untrusted, arrays } = parseArrayBundle(raw, what);
  const facts = parseFacts(untrusted, arrays['tokenTexts'], what);
  const read = makeReader(arrays, d_sae, what);
  return {
    d_sae,
    countedTokens: facts.countedTokens,
    tokenTexts: facts.tokenTexts,
    fireCount: read.take('fireCount', Uint32Array, 1),
    actSum: read.finite(read.take('actSum', Float64Array, 1)),
    maxAct: read.finite(read.take('maxAct', Float32Array, 1)),
    range: Float32Array.from(read.ranges()),
    histogram: read.whole('histogram', HISTOGRAM_BINS),
    examples:
      facts.version === 1
        ? windowExamples(read, facts.examplesPerLatent, d_sae)
        : examplesFromArrays(arrays, d_sae, what),
    topKept: facts.topKept,
    logits: parseLogits(arrays, read),
    details: facts.details && parseDetails(read, facts.details, d_sae),
  };
}

/** Rows of a file have none. */
function parseLogits(arrays: Record<string, BundleArray>, read: Reader): LatentLogits {
  if (unpackInts(arrays, 'topIds')?.length === 0) return NO_LOGITS;
  return {
    topIds: read.whole('topIds', RANKED_LOGITS),
    topValues: read.values('topValues', RANKED_LOGITS),
    bottomIds: read.whole('bottomIds', RANKED_LOGITS),
    bottomValues: read.values('bottomValues', RANKED_LOGITS),
  };
}

function windowExamples(read: Reader, examplesPerLatent: number, d_sae: number) {
  const windowTokens = examplesPerLatent * WINDOW_TOKENS;
  return examplesFromWindows(
    {
      examplesPerLatent,
      tokenIds: read.take('windowIds', Uint32Array, windowTokens),
      acts: read.half('windowActs', windowTokens),
      repeats: read.take('windowRepeats', Uint16Array, examplesPerLatent),
    },
    d_sae,
  );
}

type DetailFacts = { excludedTokens: number; partnerTokens: number };

function parseDetails(read: Reader, facts: DetailFacts, d_sae: number): StatisticsDetails {
  const partners: LatentPartners = {
    tokens: facts.partnerTokens,
    indices: read.latents('partners', PARTNERS),
    phi: read.half('phi', PARTNERS),
    together: read.has('together')
      ? read.whole('together', PARTNERS)
      : new Uint32Array(d_sae * PARTNERS),
    conditional: read.half('conditional', PARTNERS),
  };
  return {
    excludedTokens: facts.excludedTokens,
    powerSums: {
      actSum2: read.finite(read.take('actSum2', Float64Array, 1)),
      actSum3: read.finite(read.take('actSum3', Float64Array, 1)),
      actSum4: read.finite(read.take('actSum4', Float64Array, 1)),
    },
    neighbours: {
      indices: read.latents('neighbours', NEIGHBOURS),
      cosines: read.half('cosines', NEIGHBOURS),
    },
    partners,
  };
}

type Reader = ReturnType<typeof makeReader>;

function makeReader(arrays: Record<string, BundleArray>, d_sae: number, what: string) {
  const take = <T extends BundleArray>(
    name: string,
    type: abstract new (...args: never[]) => T,
    perLatent: number,
  ): T => {
    const array = arrays[name];
    if (!(array instanceof type) || array.length !== d_sae * perLatent) {
      throw new FormatError(
        `${what}: ${name} has ${array?.length ?? 0} values, not ${d_sae * perLatent}; compute them again`,
      );
    }
    return array;
  };
  const finite = <T extends Float32Array | Float64Array>(array: T): T => {
    if (array.every(Number.isFinite)) return array;
    throw new FormatError(`${what}: one of its values is not finite; compute them again`);
  };
  const whole = (name: string, perLatent: number): Uint32Array => {
    const values = unpackInts(arrays, name);
    return values?.length === d_sae * perLatent ? values : take(name, Uint32Array, perLatent);
  };
  const half = (name: string, perLatent: number): Float32Array =>
    finite(f16ToF32(Uint16Array.from(whole(name, perLatent))));
  return {
    /** statistics of an earlier version lack some */
    has: (name: string) => unpackInts(arrays, name) !== null,
    take,
    finite,
    whole,
    half,
    /** in f16; version 1 kept them in f32 */
    values: (name: string, perLatent: number) =>
      arrays[name] instanceof Float32Array
        ? finite(take(name, Float32Array, perLatent))
        : half(name, perLatent),
    /** version 1 kept them in f64 */
    ranges: () =>
      finite(
        arrays['range'] instanceof Float64Array
          ? take('range', Float64Array, 1)
          : take('range', Float32Array, 1),
      ),
    latents(name: string, perLatent: number): Uint32Array {
      const indices = whole(name, perLatent);
      if (indices.every((index) => index < d_sae)) return indices;
      throw new FormatError(`${what}: ${name} refers to a feature above ${d_sae - 1}`);
    },
  };
}

type StatisticsFacts = {
  version: 1 | 2;
  countedTokens: number;
  topKept: number;
  /** of version 1 */
  examplesPerLatent: number;
  tokenTexts: Map<number, string>;
  details: DetailFacts | null;
};

function parseFacts(facts: unknown, texts: BundleArray | undefined, what: string): StatisticsFacts {
  const { version, countedTokens, examplesPerLatent, details, ...rest } = (facts ?? {}) as Record<
    string,
    unknown
  >;
  // Files from before this was a setting do not say it.
  const { topKept = FULL_EXAMPLES.top } = rest;
  const tokenTexts = texts instanceof Uint8Array ? parseJson(texts) : rest['tokenTexts'];
  const isText = (entry: unknown): entry is [number, string] =>
    Array.isArray(entry) && isCount(entry[0], Infinity) && typeof entry[1] === 'string';
  if (typeof version === 'number' && version > VERSION) {
    throw new FormatError(
      `${what}: written by a newer version of this page; reload the page or compute them again`,
    );
  }
  if (
    !isCount(countedTokens, Infinity) ||
    !isCount(topKept, TOP_TOKENS) ||
    !(version === VERSION || isCount(examplesPerLatent, MAX_EXAMPLES)) ||
    !Array.isArray(tokenTexts) ||
    !tokenTexts.every(isText)
  ) {
    throw new FormatError(`${what}: its facts are missing; compute them again`);
  }
  return {
    version: version === VERSION ? 2 : 1,
    countedTokens,
    topKept,
    examplesPerLatent: Number(examplesPerLatent ?? 0),
    tokenTexts: new Map(tokenTexts),
    details: version === VERSION ? parseDetailFacts(details, what) : null,
  };
}

/** null if it is not JSON. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return null;
  }
}

function parseDetailFacts(details: unknown, what: string): DetailFacts | null {
  if (details === null) return null;
  const { excludedTokens, partnerTokens } = (details ?? {}) as Record<string, unknown>;
  if (!isCount(excludedTokens, Infinity) || !isCount(partnerTokens, Infinity)) {
    throw new FormatError(`${what}: its facts are missing; compute them again`);
  }
  return { excludedTokens, partnerTokens };
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

/** Bytes of the largest bundle of d_sae latents: the shapes above, a passage and a span for each of
 *  MAX_EXAMPLES examples, and a header. */
function largestBundle(d_sae: number): number {
  const perExample = 9 + 8 + (4 + 4) * MAX_CONTEXT;
  const perLatent = 48 + 4 * HISTOGRAM_BINS + 16 * RANKED_LOGITS + 6 * NEIGHBOURS + 12 * PARTNERS;
  return 2 * MAX_HEADER_BYTES + MAX_TEXT_BYTES + d_sae * (perLatent + MAX_EXAMPLES * perExample);
}

/** Throws FormatError if it inflates to more than maxBytes. */
async function pipe(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
  maxBytes = Infinity,
): Promise<Uint8Array<ArrayBuffer>> {
  let size = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > maxBytes) {
        throw new FormatError(`it inflates to more than ${maxBytes} bytes`);
      }
      controller.enqueue(chunk);
    },
  });
  const stream = new Blob([bytes]).stream().pipeThrough(transform).pipeThrough(limit);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
