// A snapshot as bytes: a head with everything that does not belong to a single latent, and blocks of
// latents' rows, each a blob of its own, so that one latent can be read without the rest. f16 if it can
// represent the values. Knows no storage.
import { FormatError } from '../../core/errors';
import { f16ToF32, f32ToF16 } from '../../core/numeric/float16';
import type { SaeParams } from '../../core/sae/sae';
import { latentRowsOf, type LatentRows, type Snapshot } from '../../core/sae/snapshots';
import {
  formatArrayBundle,
  parseArrayBundle,
  type BundleArray,
} from '../../formats/archives/arrayBundle';

/** Approximate bytes of a block: two f16 rows per latent. */
const BLOCK_BYTES = 2 ** 20;
const MAX_F16 = 65_504;

type Matrices = { encoder: Float32Array; decoder: Float32Array };

/** Latents of one block. */
export function latentsPerBlock(d_in: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / (4 * d_in)));
}

/** Arrays of `params` except the matrices, and the rest as facts: everything that the architecture has is
 *  kept. */
export function formatHead({ step, params, tokensSinceFired }: Snapshot): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, BundleArray> = { tokensSinceFired };
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === 'W_enc' || name === 'W_dec') continue;
    if (value instanceof Float32Array) arrays[name] = narrowed(value);
    else plain[name] = value;
  }
  return formatArrayBundle({ facts: { step, plain }, arrays });
}

/** Rows of W_encᵀ and W_dec, latent by latent. */
export function* formatBlocks(snapshot: Snapshot): Generator<Uint8Array<ArrayBuffer>> {
  const { d_in, d_sae } = snapshot.params;
  const perBlock = latentsPerBlock(d_in);
  for (let first = 0; first < d_sae; first += perBlock) {
    const count = Math.min(perBlock, d_sae - first);
    const [encoder, decoder] = [new Float32Array(count * d_in), new Float32Array(count * d_in)];
    for (let i = 0; i < count; i++) {
      const rows = latentRowsOf(snapshot, first + i);
      encoder.set(rows.encoder, i * d_in);
      decoder.set(rows.decoder, i * d_in);
    }
    const arrays = { encoder: narrowed(encoder), decoder: narrowed(decoder) };
    yield formatArrayBundle({ facts: { first }, arrays });
  }
}

type Head = Omit<Snapshot, 'params'> & {
  params: Omit<SaeParams, 'W_enc' | 'W_dec'> & Partial<Pick<SaeParams, 'W_enc' | 'W_dec'>>;
};

/** Older snapshots have the matrices in their head. */
export function parseHead(bytes: Uint8Array, what: string): Head {
  const { facts, arrays } = parseArrayBundle(bytes, what);
  const { tokensSinceFired, ...rest } = arrays;
  if (!isHead(facts) || !(tokensSinceFired instanceof Uint32Array)) {
    throw new FormatError(`${what}: no snapshot of an SAE`);
  }
  const widenedArrays = Object.entries(rest).map(([name, values]) => [name, widened(values)]);
  // The blob's hash was checked, so it is what `formatHead` wrote.
  const params = { ...facts.plain, ...Object.fromEntries(widenedArrays) } as Head['params'];
  return { step: facts.step, params, tokensSinceFired };
}

export function parseBlock(bytes: Uint8Array, what: string): Matrices {
  const { arrays } = parseArrayBundle(bytes, what);
  const { encoder, decoder } = arrays;
  if (encoder === undefined || decoder === undefined) {
    throw new FormatError(`${what}: no rows of latents`);
  }
  return { encoder: widened(encoder), decoder: widened(decoder) };
}

/** The head with the matrices that its blocks hold, in their order. */
export function joinBlocks(head: Head, blocks: readonly Matrices[]): Snapshot {
  const { d_in, d_sae } = head.params;
  const W_enc = new Float32Array(d_in * d_sae);
  const W_dec = new Float32Array(d_sae * d_in);
  let first = 0;
  for (const { encoder, decoder } of blocks) {
    W_dec.set(decoder, first * d_in);
    encoder.forEach((value, at) => {
      W_enc[(at % d_in) * d_sae + first + Math.floor(at / d_in)] = value;
    });
    first += decoder.length / d_in;
  }
  return { ...head, params: { ...head.params, W_enc, W_dec } as SaeParams };
}

/** One latent of a head and the block that holds it. */
export function rowsOfBlock(head: Head, block: Matrices, latentIndex: number): LatentRows {
  const { d_in, b_enc } = head.params;
  const at = (latentIndex % latentsPerBlock(d_in)) * d_in;
  return {
    step: head.step,
    encoder: block.encoder.subarray(at, at + d_in),
    decoder: block.decoder.subarray(at, at + d_in),
    b_enc: b_enc[latentIndex] ?? 0,
    tokensSinceFired: head.tokensSinceFired[latentIndex] ?? 0,
  };
}

function narrowed(values: Float32Array): BundleArray {
  return values.every((value) => Math.abs(value) <= MAX_F16) ? f32ToF16(values) : values;
}

function widened(values: BundleArray): Float32Array {
  return values instanceof Uint16Array ? f16ToF32(values) : (values as Float32Array);
}

function isHead(facts: unknown): facts is { step: number; plain: object } {
  if (typeof facts !== 'object' || facts === null) return false;
  const { step, plain } = facts as Record<string, unknown>;
  return typeof step === 'number' && typeof plain === 'object' && plain !== null;
}
