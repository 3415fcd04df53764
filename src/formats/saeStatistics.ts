// Statistics of one SAE as one file: an array bundle, gzipped. Activations in f16, token texts as JSON.
import { FormatError } from '../core/errors';
import { f16ToF32, f32ToF16 } from '../core/float16';
import { HISTOGRAM_BINS } from '../core/latentStatistics';
import { WINDOW_RADIUS } from '../core/latentWindows';
import { RANKED_LOGITS, type SaeStatistics } from '../core/saeStatistics';
import { formatArrayBundle, parseArrayBundle, type BundleArray } from './arrayBundle';

export async function formatSaeStatistics(s: SaeStatistics): Promise<Uint8Array<ArrayBuffer>> {
  const { windows, logits } = s;
  const bundle = formatArrayBundle({
    facts: {
      countedTokens: s.countedTokens,
      examplesPerLatent: windows.examplesPerLatent,
      tokenTexts: [...s.tokenTexts],
    },
    arrays: {
      fireCount: s.fireCount,
      actSum: s.actSum,
      maxAct: s.maxAct,
      range: s.range,
      histogram: s.histogram,
      windowIds: windows.tokenIds,
      windowActs: f32ToF16(windows.acts),
      windowRepeats: windows.repeats,
      topIds: logits.topIds,
      topValues: logits.topValues,
      bottomIds: logits.bottomIds,
      bottomValues: logits.bottomValues,
    },
  });
  return pipe(bundle, new CompressionStream('gzip'));
}

/** Far more than any pass keeps; bounds what a file may inflate to. */
const MAX_EXAMPLES = 100;
const MAX_HEADER_BYTES = 1 << 20;

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
  const { facts, arrays } = parseArrayBundle(raw, what);
  const { countedTokens, examplesPerLatent, tokenTexts } = parseFacts(facts, what);
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
  const windowTokens = examplesPerLatent * (2 * WINDOW_RADIUS + 1);
  return {
    d_sae,
    countedTokens,
    tokenTexts,
    powerSums: null,
    neighbours: null,
    fireCount: take('fireCount', Uint32Array, 1),
    actSum: finite(take('actSum', Float64Array, 1)),
    maxAct: finite(take('maxAct', Float32Array, 1)),
    range: finite(take('range', Float64Array, 1)),
    histogram: take('histogram', Uint32Array, HISTOGRAM_BINS),
    windows: {
      examplesPerLatent,
      tokenIds: take('windowIds', Uint32Array, windowTokens),
      acts: finite(f16ToF32(take('windowActs', Uint16Array, windowTokens))),
      repeats: take('windowRepeats', Uint16Array, examplesPerLatent),
    },
    logits: {
      topIds: take('topIds', Uint32Array, RANKED_LOGITS),
      topValues: finite(take('topValues', Float32Array, RANKED_LOGITS)),
      bottomIds: take('bottomIds', Uint32Array, RANKED_LOGITS),
      bottomValues: finite(take('bottomValues', Float32Array, RANKED_LOGITS)),
    },
  };
}

function parseFacts(facts: unknown, what: string) {
  const { countedTokens, examplesPerLatent, tokenTexts } = (facts ?? {}) as Record<string, unknown>;
  const isText = (entry: unknown): entry is [number, string] =>
    Array.isArray(entry) && isCount(entry[0], Infinity) && typeof entry[1] === 'string';
  if (
    !isCount(countedTokens, Infinity) ||
    !isCount(examplesPerLatent, MAX_EXAMPLES) ||
    !Array.isArray(tokenTexts) ||
    !tokenTexts.every(isText)
  ) {
    throw new FormatError(`${what}: its facts are missing; compute them again`);
  }
  return { countedTokens, examplesPerLatent, tokenTexts: new Map(tokenTexts) };
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

/** Bytes of the largest bundle of d_sae latents: the shapes of parseSaeStatistics, and a header. */
function largestBundle(d_sae: number): number {
  const perExample = 2 + (4 + 2) * (2 * WINDOW_RADIUS + 1);
  const perLatent = 4 + 8 + 4 + 8 + 4 * HISTOGRAM_BINS + 16 * RANKED_LOGITS;
  return 2 * MAX_HEADER_BYTES + d_sae * (perLatent + MAX_EXAMPLES * perExample);
}

/** Throws FormatError where more than maxBytes come out. */
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
