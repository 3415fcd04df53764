// The sparse code of the step enqueued last, read from where the step leaves it: for looking at a running SAE.
// The copies are queued before the next step may overwrite it. Changes nothing.
import { EMPTY_SLOT, type SparseCode } from '../../core/sae/sae';
import type { CodeLayout } from '../sae/batchCode';
import type { GpuContext } from '../device/device';

/** k slots a row. */
export async function readRowCode(
  { staging }: GpuContext,
  o: { latentIndices: GPUBuffer; latentActs: GPUBuffer; rows: number; k: number },
): Promise<SparseCode> {
  const byteLength = 4 * o.rows * o.k;
  const [indices, acts] = await Promise.all([
    staging.read(o.latentIndices, byteLength),
    staging.read(o.latentActs, byteLength),
  ]);
  return { k: o.k, latentIndices: new Uint32Array(indices), latentActs: new Float32Array(acts) };
}

/** Any number of latents a row, as batchCode.ts lays them out; as many slots as the fullest row needs. */
export async function readBatchCode(
  { staging }: GpuContext,
  o: { code: GPUBuffer; layout: CodeLayout; rows: number },
): Promise<SparseCode> {
  const { layout, rows } = o;
  const bytes = await staging.read(o.code, 4 * layout.words);
  const offsets = new Uint32Array(bytes, 0, rows + 1);
  const indices = new Uint32Array(bytes, 4 * layout.indicesAt, layout.kept);
  const acts = new Float32Array(bytes, 4 * layout.actsAt, layout.kept);
  let k = 0;
  for (let row = 0; row < rows; row++) k = Math.max(k, offsets[row + 1]! - offsets[row]!);
  const latentIndices = new Uint32Array(rows * k).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const [first, last] = [offsets[row]!, offsets[row + 1]!];
    latentIndices.set(indices.subarray(first, last), row * k);
    latentActs.set(acts.subarray(first, last), row * k);
  }
  return { k, latentIndices, latentActs };
}
