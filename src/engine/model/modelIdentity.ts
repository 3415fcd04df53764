// The id of a model (interface.md 3), read in bounded parts so that the largest tensor needs no more memory
// than the smallest. Knows a checkpoint's content, not where it is stored or how it runs.
import { createSHA256 } from 'hash-wasm';
import { FormatError } from '../../core/errors';
import type { NanochatCheckpoint, NanochatRevision, TensorSource } from '../../core/model/nanochat';
import { NANOCHAT_REVISIONS } from '../../formats/model/nanochatRevision';
import type { TokenizerFile } from '../../formats/model/tokenizerPickle';
import { sha256Hex } from '../../storage/storage';

/** Values read at once: 16 MiB of f32. */
const PART_VALUES = 4 * 1024 * 1024;

/** What config.json or the user may set that a revision has otherwise, and that no tensor shows. */
const OVERRIDABLE = ['logitSoftcap', 'normEps', 'rotaryBase', 'rotaryDtype'] as const;

/** The hash of a model whose files have `filesHash`: that one where its revision is as nanochat has it, otherwise
 *  one over what differs, too. */
export async function hashModel(filesHash: string, revision: NanochatRevision): Promise<string> {
  const asNanochat = NANOCHAT_REVISIONS.find(({ name }) => name === revision.name);
  const overrides = OVERRIDABLE.filter((field) => revision[field] !== asNanochat?.[field]).map(
    (field) => [field, revision[field]],
  );
  if (overrides.length === 0) return filesHash;
  return hash12(JSON.stringify({ files: filesHash, overrides }));
}

async function hash12(text: string): Promise<string> {
  return (await sha256Hex(new TextEncoder().encode(text))).slice(0, 12);
}

/** First 12 hex digits of the SHA-256 over configuration, tokenizer and every tensor's values as
 *  little-endian f32 (interface.md 3), so that `.pt` and safetensors of one model agree; what its revision has
 *  otherwise than nanochat's is left to `hashModel`. Refuses values
 *  that are not finite: no part of a broken checkpoint is kept. onBytes receives the f32 bytes hashed so far
 *  and in all, after each part. */
export async function identifyModel(
  checkpoint: NanochatCheckpoint,
  tokenizer: TokenizerFile,
  onBytes: (done: number, total: number) => Promise<void>,
): Promise<string> {
  const tensors: [string, readonly number[], string][] = [];
  let done = 0;
  const total = checkpoint.parameterCount * 4;
  for (const [name, tensor] of [...checkpoint.tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hash = await hashTensor(name, tensor, async (bytes) => {
      done += bytes;
      await onBytes(done, total);
    });
    tensors.push([name, tensor.shape, hash]);
  }
  const tokenizerHash = await hashTokenizer(tokenizer);
  const config = Object.entries(checkpoint.config).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify({ config, tokenizer: tokenizerHash, tensors });
  return hash12(canonical);
}

/** Tensors that fit one part use the platform's SHA-256, five times as fast as a streaming one in wasm. */
async function hashTensor(
  name: string,
  tensor: TensorSource,
  onPart: (bytes: number) => Promise<void>,
): Promise<string> {
  const elements = tensor.shape.reduce((product, n) => product * n, 1);
  if (elements <= PART_VALUES) {
    const values = await tensor.readPart(0, elements);
    checkFinite(name, values, 0);
    const hash = await sha256Hex(bytesOf(values));
    await onPart(values.byteLength);
    return hash;
  }
  const hasher = await createSHA256();
  hasher.init();
  for (let start = 0; start < elements; start += PART_VALUES) {
    const values = await tensor.readPart(start, Math.min(elements, start + PART_VALUES));
    checkFinite(name, values, start);
    hasher.update(bytesOf(values));
    await onPart(values.byteLength);
  }
  return hasher.digest();
}

function checkFinite(name: string, values: Float32Array, start: number): void {
  let bad = 0;
  while (bad < values.length && Number.isFinite(values[bad])) bad++;
  if (bad === values.length) return;
  throw new FormatError(
    `${name}: element ${start + bad} is ${values[bad]}; this checkpoint is damaged or its training diverged. Take another step's file`,
  );
}

function hashTokenizer(file: TokenizerFile): Promise<string> {
  const ranks = [...file.ranks].map(([bytes, rank]) => [Array.from(bytes), rank]);
  const special = [...file.specialTokens].sort(([, a], [, b]) => a - b);
  const canonical = JSON.stringify({ pattern: file.patStr, ranks, special });
  return sha256Hex(new TextEncoder().encode(canonical));
}

/** Little-endian, as every machine that runs a browser is. */
function bytesOf(values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
