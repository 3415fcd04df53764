// Byte-pair merging of one long piece in n·log n: js-tiktoken's own merge is cubic in the length of a
// piece, so a page of one repeated letter would hang the worker. Same result, ties to the left.

/** Ranks of byte strings, keyed as latin-1 text (one UTF-16 unit per byte). */
export type RankOf = (latin1: string) => number | undefined;

/** Token ids of one piece (latin-1 keyed bytes). Always merges the pair of lowest rank, leftmost first,
 *  as tiktoken does; every single byte must have a rank. */
export function mergeLongPiece(piece: string, rankOf: RankOf): number[] {
  const length = piece.length;
  // Parts as a linked list over their first bytes; a part ends where the next begins.
  const next = Int32Array.from({ length: length + 1 }, (_, i) => i + 1);
  const previous = Int32Array.from({ length: length + 1 }, (_, i) => i - 1);
  const alive = new Uint8Array(length + 1).fill(1, 0, length);
  const heap = makeHeap();
  const offer = (start: number) => {
    const middle = next[start]!;
    if (middle >= length) return;
    const end = next[middle]!;
    const rank = rankOf(piece.slice(start, end));
    if (rank !== undefined) heap.push({ rank, start, end });
  };
  for (let start = 0; start < length; start++) offer(start);
  for (let pair = heap.pop(); pair !== undefined; pair = heap.pop()) {
    const { start, end } = pair;
    const middle = next[start]!;
    // Stale: one of the two parts was merged in the meantime.
    if (alive[start] === 0 || middle >= length || next[middle] !== end) continue;
    alive[middle] = 0;
    next[start] = end;
    if (end < length) previous[end] = start;
    offer(start);
    if (previous[start]! >= 0) offer(previous[start]!);
  }
  const ids: number[] = [];
  for (let start = 0; start < length; start = next[start]!) {
    const id = rankOf(piece.slice(start, next[start]));
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

type Pair = { rank: number; start: number; end: number };

/** Binary heap, lowest rank first, then leftmost. */
function makeHeap(): { push: (pair: Pair) => void; pop: () => Pair | undefined } {
  const heap: Pair[] = [];
  const before = (a: Pair, b: Pair) => a.rank < b.rank || (a.rank === b.rank && a.start < b.start);
  const push = (pair: Pair) => {
    let index = heap.push(pair) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(pair, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = pair;
  };
  const pop = () => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  };
  return { push, pop };
}
