// Which tokens a direction promotes if only the unembedding reads it: "direct path only".
import { norm } from '../numeric/vectors';

/** Gain of layer L's stream into the final stream (interface.md 4):
 *  g_L = Π_{j>L} λ_j − [L ≤ m]·β·Π_{L<j≤m} λ_j with m = floor(n_layer / 2).
 *  residLambdas: [n_layer], all 1 if the revision has none; likewise backoutLambda 0. */
export function directPathGain(
  layer: number,
  residLambdas: ArrayLike<number>,
  backoutLambda: number,
): number {
  const product = (from: number, to: number) => {
    let value = 1;
    for (let j = from; j <= to; j++) value *= residLambdas[j] ?? 1;
    return value;
  };
  const last = residLambdas.length - 1;
  const backoutLayer = Math.floor(residLambdas.length / 2);
  const backedOut = layer <= backoutLayer ? backoutLambda * product(layer + 1, backoutLayer) : 0;
  return product(layer + 1, last) - backedOut;
}

export type RankedLogit = { tokenId: number; value: number };

type LogitQuestion = {
  /** [≥ vocabSize, d_model] row-major */
  unembedding: Float32Array;
  /** [d_model], scaled to unit norm here */
  direction: Float32Array;
  vocabSize: number;
  gain: number;
};

/** gain · unembedding · direction of every token, [vocabSize]. */
export function directLogitValues(o: LogitQuestion): Float64Array {
  const { unembedding, direction } = o;
  const width = direction.length;
  const length = norm(direction);
  const scale = length > 0 ? o.gain / length : 0;
  const values = new Float64Array(o.vocabSize);
  const rowAt = (tokenId: number) => Math.min(tokenId, o.vocabSize - 1) * width;
  // Four tokens at a time: one sum alone would wait for each addition. Past the end the last token is repeated, and
  // what is written there is dropped.
  for (let tokenId = 0; tokenId < o.vocabSize; tokenId += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    const p = rowAt(tokenId);
    const q = rowAt(tokenId + 1);
    const r = rowAt(tokenId + 2);
    const s = rowAt(tokenId + 3);
    for (let i = 0; i < width; i++) {
      const x = direction[i]!;
      a += unembedding[p + i]! * x;
      b += unembedding[q + i]! * x;
      c += unembedding[r + i]! * x;
      d += unembedding[s + i]! * x;
    }
    values[tokenId] = a * scale;
    values[tokenId + 1] = b * scale;
    values[tokenId + 2] = c * scale;
    values[tokenId + 3] = d * scale;
  }
  return values;
}

/** The count largest and smallest of them. A negative gain already swaps the two. */
export function directLogits(o: LogitQuestion & { count: number }): {
  top: RankedLogit[];
  bottom: RankedLogit[];
} {
  const top: RankedLogit[] = [];
  const bottom: RankedLogit[] = [];
  const values = directLogitValues(o);
  for (let tokenId = 0; tokenId < values.length; tokenId++) {
    insertRanked(top, tokenId, values[tokenId]!, o.count, 1);
    insertRanked(bottom, tokenId, values[tokenId]!, o.count, -1);
  }
  return { top, bottom };
}

function insertRanked(
  list: RankedLogit[],
  tokenId: number,
  value: number,
  count: number,
  sign: 1 | -1,
): void {
  const last = list[list.length - 1];
  if (list.length === count && last && sign * value <= sign * last.value) return;
  let place = list.length;
  while (place > 0 && sign * value > sign * list[place - 1]!.value) place--;
  list.splice(place, 0, { tokenId, value });
  if (list.length > count) list.pop();
}
