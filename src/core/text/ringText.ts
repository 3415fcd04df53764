// Which token each row of the activation ring came from, so that the text on which a running SAE fires can
// be shown. Knows no activations. Special tokens are not in the ring, so not here either.

export type RingText = {
  /** [ringRows] */
  tokenIds: Int32Array;
  /** [ringRows]; rows of one passage are adjacent and share its number; −1: not filled. A passage ends
   *  with its sequence and at a special token: documents packed one after another are not one text. */
  passage: Int32Array;
  /** number of the next passage */
  next: number;
};

export function makeRingText(ringRows: number): RingText {
  return {
    tokenIds: new Int32Array(ringRows),
    passage: new Int32Array(ringRows).fill(-1),
    next: 0,
  };
}

/** Records rows first, first + 1, …: token rows[i], ascending, of a batch of sequences of contextSize
 *  tokens. */
export function noteRingRows(
  text: RingText,
  o: { first: number; rows: Uint32Array; tokenIds: Int32Array; contextSize: number },
): void {
  for (const [i, row] of o.rows.entries()) {
    const goesOn = i > 0 && row === o.rows[i - 1]! + 1 && row % o.contextSize !== 0;
    if (!goesOn) text.next++;
    text.tokenIds[o.first + i] = o.tokenIds[row]!;
    text.passage[o.first + i] = text.next;
  }
}

/** The tokens around a row in its own passage; peak: index of that row's token among them. */
export function ringWindow(
  { tokenIds, passage }: RingText,
  row: number,
  radius: number,
): { tokenIds: number[]; peak: number } {
  const own = passage[row]!;
  let first = row;
  let last = row;
  while (row - first < radius && first > 0 && passage[first - 1] === own) first--;
  while (last - row < radius && last + 1 < passage.length && passage[last + 1] === own) last++;
  return { tokenIds: Array.from(tokenIds.subarray(first, last + 1)), peak: row - first };
}
