// Token ids as the graph's inputs, checked first: on a GPU an id out of range silently reads another
// row.
import { ShapeError } from '../core/errors';
import type { NanochatConfig } from '../core/model/nanochat';
import { HEADS_SHAPE, INPUT_IDS, PAST_LENGTH, TOTAL_LENGTH } from './nanochatEmit';
import type { Ort, OrtValue } from './ort';

/** tokenIds: [lanes · length], lane-major, `position` tokens already read. Throws ShapeError. */
export function makeFeeds(
  ort: Ort,
  config: NanochatConfig,
  tokenIds: Int32Array,
  lanes: number,
  position: number,
): { feeds: Map<string, OrtValue>; length: number } {
  const length = tokenIds.length / lanes;
  if (!Number.isInteger(length) || length < 1) {
    throw new ShapeError(
      `token ids: ${tokenIds.length} do not divide into ${lanes} sequences of at least 1`,
    );
  }
  const stray = tokenIds.find((id) => id < 0 || id >= config.vocab_size);
  if (stray !== undefined) {
    throw new ShapeError(
      `token id ${stray} is outside the vocabulary, 0 … ${config.vocab_size - 1}`,
    );
  }
  const d_head = config.n_embd / config.n_head;
  const feeds = new Map([
    [INPUT_IDS, ort.makeInt32Value(tokenIds, [lanes, length])],
    [HEADS_SHAPE, ort.makeInt64Value([lanes, length, -1, d_head])],
    [PAST_LENGTH, ort.makeInt64Value([position])],
    [TOTAL_LENGTH, ort.makeInt64Value([position + length])],
  ]);
  return { feeds, length };
}
