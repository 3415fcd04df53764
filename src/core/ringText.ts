// Which token stands behind each row of the activation ring, so that what a running SAE fires on can be read.
// Knows no activation. Special tokens are not in the ring, and so not here.

export type RingText = {
  /** [ringRows] */
  tokenIds: Int32Array;
  /** [ringRows]; rows of one sequence lie side by side and share its number; −1: not filled */
  sequence: Int32Array;
};

export function makeRingText(ringRows: number): RingText {
  return {
    tokenIds: new Int32Array(ringRows),
    sequence: new Int32Array(ringRows).fill(-1),
  };
}

/** Notes rows first, first + 1, … : token rows[i] of a batch of sequences, whose first is number `sequence`. */
export function noteRingRows(
  text: RingText,
  o: {
    first: number;
    rows: Uint32Array;
    tokenIds: Int32Array;
    contextSize: number;
    sequence: number;
  },
): void {
  for (const [i, row] of o.rows.entries()) {
    text.tokenIds[o.first + i] = o.tokenIds[row]!;
    text.sequence[o.first + i] = o.sequence + Math.floor(row / o.contextSize);
  }
}

/** The tokens around a row in its own sequence; peak: index of that row's token among them. */
export function ringWindow(
  { tokenIds, sequence }: RingText,
  row: number,
  radius: number,
): { tokenIds: number[]; peak: number } {
  const own = sequence[row]!;
  let first = row;
  let last = row;
  while (row - first < radius && first > 0 && sequence[first - 1] === own) first--;
  while (last - row < radius && last + 1 < sequence.length && sequence[last + 1] === own) last++;
  return { tokenIds: Array.from(tokenIds.subarray(first, last + 1)), peak: row - first };
}
