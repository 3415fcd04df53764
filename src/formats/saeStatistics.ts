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

/** Throws FormatError unless every array has the shape that d_sae asks for. */
export async function parseSaeStatistics(
  bytes: Uint8Array<ArrayBuffer>,
  d_sae: number,
): Promise<SaeStatistics> {
  const what = 'statistics of this SAE';
  let raw: Uint8Array;
  try {
    raw = await pipe(bytes, new DecompressionStream('gzip'));
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
  const windowTokens = examplesPerLatent * (2 * WINDOW_RADIUS + 1);
  return {
    d_sae,
    countedTokens,
    tokenTexts,
    fireCount: take('fireCount', Uint32Array, 1),
    actSum: take('actSum', Float64Array, 1),
    maxAct: take('maxAct', Float32Array, 1),
    range: take('range', Float64Array, 1),
    histogram: take('histogram', Uint32Array, HISTOGRAM_BINS),
    windows: {
      examplesPerLatent,
      tokenIds: take('windowIds', Uint32Array, windowTokens),
      acts: f16ToF32(take('windowActs', Uint16Array, windowTokens)),
      repeats: take('windowRepeats', Uint16Array, examplesPerLatent),
    },
    logits: {
      topIds: take('topIds', Uint32Array, RANKED_LOGITS),
      topValues: take('topValues', Float32Array, RANKED_LOGITS),
      bottomIds: take('bottomIds', Uint32Array, RANKED_LOGITS),
      bottomValues: take('bottomValues', Float32Array, RANKED_LOGITS),
    },
  };
}

function parseFacts(facts: unknown, what: string) {
  const { countedTokens, examplesPerLatent, tokenTexts } = (facts ?? {}) as Record<string, unknown>;
  const isText = (entry: unknown): entry is [number, string] =>
    Array.isArray(entry) && typeof entry[0] === 'number' && typeof entry[1] === 'string';
  if (
    typeof countedTokens !== 'number' ||
    typeof examplesPerLatent !== 'number' ||
    !Array.isArray(tokenTexts) ||
    !tokenTexts.every(isText)
  ) {
    throw new FormatError(`${what}: its facts are missing; compute them again`);
  }
  return { countedTokens, examplesPerLatent, tokenTexts: new Map(tokenTexts) };
}

async function pipe(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
