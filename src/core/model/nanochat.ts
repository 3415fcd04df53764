// A nanochat checkpoint once it is read: its configuration, its revision and where its tensors lie.
// `formats` reads the files, `model` runs it.

export type NanochatConfig = {
  sequence_len: number;
  vocab_size: number;
  n_layer: number;
  n_head: number;
  n_kv_head: number;
  n_embd: number;
  /** "S" and "L" tiled over the layers; the last layer is always "L" */
  window_pattern: string;
};

/** eps of F.rms_norm when none is given: torch's machine epsilon of f32. */
export const NANOCHAT_NORM_EPS = 1.1920929e-7;

export type RevisionName = 'r1' | 'r2' | 'r3' | 'r4' | 'r5';

/** One row of the table of architecture revisions (nanochat.md 2). A new revision is a new row. */
export type NanochatRevision = {
  name: RevisionName;
  /** date of the first commit with this architecture */
  since: string;
  rotaryBase: number;
  /** precision of the cos and sin tables; before r4 nanochat kept them in bf16 whatever its compute dtype */
  rotaryDtype: 'f32' | 'bf16';
  /** q and k are multiplied by this after their norm */
  qkScale: number;
  /** how many keys before its own position a query of an "S" layer sees, for a context of sequenceLen */
  shortWindow: (sequenceLen: number) => number;
  hasResidualScalars: boolean;
  /** input channels of ve_gate and the factor before its sigmoid; null without value embeddings */
  valueEmbeddingGate: { channels: number; scale: number } | null;
  /** input channels of smear_gate; null without smear */
  smearChannels: number | null;
  hasBackout: boolean;
  /** false: wte and lm_head may also have exactly vocab_size rows (before 2025-12-09) */
  isVocabularyPadded: boolean;
  logitSoftcap: number;
  /** added to the mean square that a norm divides by */
  normEps: number;
};

/** r3 checkpoints of 2 to 9 March 2026 (nanochat's commits aba30cb to 6ed7d1d) were trained with a soft cap of 20;
 *  nothing in their files tells. */
const R3_SOFTCAPS: readonly number[] = [15, 20];

/** Soft caps that a checkpoint may have been trained with, the likeliest first; empty: its files tell. */
export function possibleSoftcaps({ name }: Pick<NanochatRevision, 'name'>): readonly number[] {
  return name === 'r3' ? R3_SOFTCAPS : [];
}

export type TensorDtype = 'f32' | 'f16' | 'bf16';

/** One tensor of a checkpoint as a byte range that is read only on demand. */
export type TensorSource = {
  name: string;
  dtype: TensorDtype;
  shape: readonly number[];
  /** the values, row-major, widened to f32 */
  read: () => Promise<Float32Array>;
  /** values start … end−1 of the row-major order, using memory of that size if the file stores them in
   *  order */
  readPart: (start: number, end: number) => Promise<Float32Array>;
};

export type NanochatCheckpoint = {
  config: NanochatConfig;
  revision: NanochatRevision;
  step: number | null;
  valBpb: number | null;
  parameterCount: number;
  byteLength: number;
  /** names as nanochat's state dict has them, `_orig_mod.` stripped */
  tensors: ReadonlyMap<string, TensorSource>;
};
