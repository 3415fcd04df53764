// Sparse codes of whole sequences, kept while a statistics pass runs: entries in one list, as many per token
// as it has active latents. Knows no model and no statistics.
import { EMPTY_SLOT, type SparseCode } from './sae';

export type CodeArchive = {
  contextSize: number;
  /** [sequences · contextSize] */
  tokenIds: Int32Array;
  /** [sequences · contextSize] each: where a token's entries begin and how many there are; special tokens
   *  have none */
  firstEntry: Uint32Array;
  entryCount: Uint32Array;
  /** longer than what is used */
  latentIndices: Uint32Array;
  latentActs: Float32Array;
  /** entries used */
  length: number;
};

export function makeCodeArchive(o: { contextSize: number; sequences: number }): CodeArchive {
  const tokens = o.sequences * o.contextSize;
  return {
    contextSize: o.contextSize,
    tokenIds: new Int32Array(tokens),
    firstEntry: new Uint32Array(tokens),
    entryCount: new Uint32Array(tokens),
    latentIndices: new Uint32Array(1024),
    latentActs: new Float32Array(1024),
    length: 0,
  };
}

/** Keeps row i of the code as that of token tokens[i]. */
export function addToArchive(archive: CodeArchive, code: SparseCode, tokens: Uint32Array): void {
  reserve(archive, archive.length + code.latentIndices.length);
  for (const [i, token] of tokens.entries()) {
    archive.firstEntry[token] = archive.length;
    for (let slot = i * code.k; slot < (i + 1) * code.k; slot++) {
      if (code.latentIndices[slot] === EMPTY_SLOT) break;
      archive.latentIndices[archive.length] = code.latentIndices[slot]!;
      archive.latentActs[archive.length] = code.latentActs[slot]!;
      archive.length++;
    }
    archive.entryCount[token] = archive.length - archive.firstEntry[token];
  }
}

/** Bytes of the entries used. */
export function archiveBytes({ length }: CodeArchive): number {
  return 8 * length;
}

function reserve(archive: CodeArchive, length: number): void {
  if (length <= archive.latentIndices.length) return;
  const size = Math.ceil(length * 1.5);
  const indices = new Uint32Array(size);
  indices.set(archive.latentIndices);
  const acts = new Float32Array(size);
  acts.set(archive.latentActs);
  archive.latentIndices = indices;
  archive.latentActs = acts;
}
