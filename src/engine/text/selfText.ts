// Text that the open model writes itself: many lanes at once, each a stream of documents separated by
// <|bos|>, as in its training. Deterministic by seed on one device. Its statements need not be true.
import { ConfigError } from '../../core/errors';
import type { NanochatConfig } from '../../core/model/nanochat';
import { hash32 } from '../../core/numeric/rng';
import { sampleToken, type SamplingRule } from '../../core/model/sampling';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { SelfTextRequest } from './api';

/** Most lanes: more lanes no longer increase tokens per second. */
const MOST_LANES = 16;
/** Keys and values of all lanes at full context, f32. */
const CACHE_BYTES = 256 * 2 ** 20;
/** Fewest tokens worth keeping when the writing is cancelled. */
export const FEWEST_TOKENS = 1000;
const MOST_TOKENS = 5_000_000;

export type SelfText = { documents: string[]; tokens: number; isCancelled: boolean };

/** Depends on the model alone, because another number of lanes would write another text. */
export function laneCount(c: NanochatConfig): number {
  const d_head = c.n_embd / c.n_head;
  const bytesPerLane = 2 * 4 * c.n_layer * c.n_kv_head * d_head * c.sequence_len;
  return Math.max(1, Math.min(MOST_LANES, Math.floor(CACHE_BYTES / bytesPerLane)));
}

/** Throws ConfigError naming the field, its value and its bounds. */
export function checkSelfText({ tokens, temperature, topK, seed }: SelfTextRequest): void {
  const check = (isFine: boolean, field: string, value: number, rule: string) => {
    if (!isFine) throw new ConfigError(`${field} must be ${rule}: ${value}`, field);
  };
  const isAmount = Number.isInteger(tokens) && tokens >= FEWEST_TOKENS && tokens <= MOST_TOKENS;
  check(isAmount, 'tokens', tokens, `a whole number from ${FEWEST_TOKENS} to ${MOST_TOKENS}`);
  check(temperature > 0 && temperature <= 10, 'temperature', temperature, 'above 0 and up to 10');
  check(Number.isInteger(topK) && topK >= 0, 'topK', topK, 'a whole number from 0 (0: all)');
  check(Number.isInteger(seed) && seed >= 0, 'seed', seed, 'a whole number from 0');
}

export type SelfTextJob = {
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  request: SelfTextRequest;
  /** told the tokens so far; false: enough */
  goOn: (tokens: number) => Promise<boolean>;
};

/** Writes documents until they have the wanted tokens or `goOn` answers false. A document cut by the end of
 *  the context is kept as it stands. */
export async function writeSelfText(o: SelfTextJob): Promise<SelfText> {
  const { tokenizer, request } = o;
  checkSelfText(request);
  const documents: string[] = [];
  let tokens = 0;
  for (let round = 0; tokens < request.tokens; round++) {
    const before = tokens;
    const texts = await writeRound(o, round, async (made) => {
      return (
        (await o.goOn(Math.min(before + made, request.tokens))) && before + made < request.tokens
      );
    });
    for (const ids of texts.documents) documents.push(tokenizer.decode(ids));
    tokens += texts.tokens;
    if (texts.isEnded) break;
  }
  return {
    documents: documents.filter((text) => text.trim() !== ''),
    tokens,
    isCancelled: tokens < request.tokens,
  };
}

type Round = { documents: number[][]; tokens: number; isEnded: boolean };

/** One context full of every lane. */
async function writeRound(
  { runtime, tokenizer, request }: SelfTextJob,
  round: number,
  goOn: (made: number) => Promise<boolean>,
): Promise<Round> {
  const { config } = runtime.checkpoint;
  const lanes = laneCount(config);
  const bos = tokenizer.specialTokenId('<|bos|>');
  const rules = Array.from({ length: lanes }, (_, lane): SamplingRule => {
    const { temperature, topK, seed } = request;
    // Every lane and every round needs different noise.
    const own = hash32(seed >>> 0, round * MOST_LANES + lane);
    return { temperature, topK: topK === 0 ? null : topK, seed: own };
  });
  const streams: number[][][] = rules.map(() => [[]]);
  const session = await runtime.startDecode({ lanes, edits: [] });
  let tokens = 0;
  let isEnded = false;
  try {
    let input = new Int32Array(lanes).fill(bos);
    while (!isEnded && session.position < config.sequence_len) {
      const logits = await session.step(input);
      const next = new Int32Array(lanes);
      for (const [lane, rule] of rules.entries()) {
        const row = logits.subarray(lane * config.vocab_size, (lane + 1) * config.vocab_size);
        const id = sampleToken(row, rule, session.position);
        // Whichever special token ended a document, the next one starts like every other.
        const isEnd = tokenizer.isSpecial(id);
        next[lane] = isEnd ? bos : id;
        if (isEnd) streams[lane]?.push([]);
        else streams[lane]?.at(-1)?.push(id);
      }
      tokens += lanes;
      input = next;
      isEnded = !(await goOn(tokens));
    }
  } finally {
    session.dispose();
  }
  return { documents: streams.flat(), tokens, isEnded };
}
