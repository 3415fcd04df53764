// The code of a batch whose rows hold any number of latents, as one buffer: where its parts lie. Pure.

export type CodeLayout = {
  /** slots: ⌊k·B⌋ */
  kept: number;
  /** first words of the latents, acts and gradient rows, after rows + 1 offsets; multiples of 64, so that
   *  each part can be bound on its own */
  indicesAt: number;
  actsAt: number;
  rowsAt: number;
  words: number;
};

export function makeCodeLayout(rows: number, kept: number): CodeLayout {
  const whole = (words: number) => Math.ceil(words / 64) * 64;
  const indicesAt = whole(rows + 1);
  const actsAt = indicesAt + whole(kept);
  const rowsAt = actsAt + whole(kept);
  return { kept, indicesAt, actsAt, rowsAt, words: rowsAt + whole(kept) };
}
