// Bits per byte as nanochat reports it (loss_eval.py): a loss that does not depend on the vocabulary. Pure.

/** nats: Σ −ln p over counted targets; bytes: of those targets. null if there are no bytes. */
export function bitsPerByte(nats: number, bytes: number): number | null {
  return bytes > 0 ? nats / (Math.LN2 * bytes) : null;
}

/** Whether a text is the one on which nanochat measures val_bpb: the last shard of its training text, as
 *  its dataset.py of 2025 (FineWeb-Edu) and of 2026 (ClimbMix) names it. */
export function isNanochatValidation(fileName: string): boolean {
  return /^shard_(01822|06542)\.parquet$/.test(fileName);
}
