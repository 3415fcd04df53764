// A folded SAE on the processor: rows of the residual stream in, sparse code out.
import type { Matrix } from '../../core/handles';
import { checkRowIndices } from '../../core/numeric/rowIndices';
import { ruledActivation } from '../../core/sae/latentActivation';
import { EMPTY_SLOT, type SaeParams, type SparseCode, type TopKParams } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import { checkLengths } from '../../core/sae/saeLengths';
import { createArena, type Arena } from '../arena';
import type { KernelThreads } from '../kernelThreads';
import { CHUNK_ROWS, forwardWords, makeForward, type CpuForward } from './cpuForward';

type EncoderArena = Arena<keyof ReturnType<typeof encoderWords>>;

function encoderWords(params: SaeParams, threads: number) {
  const slots = params.architecture === 'topk' ? CHUNK_ROWS * params.k : 0;
  return {
    ...forwardWords(params, threads),
    xc: CHUNK_ROWS * params.d_in,
    indices: slots,
    acts: slots,
  };
}

/** The codes of one call, gathered a chunk at a time. */
type CodeBuilder = {
  /** Takes the code of the chunk of `rows` rows encoded last. */
  add: (rows: number) => void;
  finish: () => SparseCode;
};

/** @param read the values of a matrix, wherever it is
 *  @param others threads that share the work
 *  Throws ConfigError if the SAE does not fit the memory. */
export async function createCpuEncoder(
  params: SaeParams,
  read: (x: Matrix) => Promise<Float32Array>,
  others: KernelThreads | null,
): Promise<SaeEncoder> {
  checkLengths(params);
  const { d_in, applyBDecToInput, b_dec } = params;
  const arena = await createArena(
    'sae_encoder',
    encoderWords(params, 1 + (others?.count ?? 0)),
    others,
  );
  const forward = makeForward(arena, params);
  forward.loadWeights(params.W_enc, params.b_enc);
  const { xc } = arena.f32;
  const begin = (rows: number): CodeBuilder =>
    params.architecture === 'topk'
      ? topkBuilder(arena, forward, params, rows)
      : ruledBuilder(arena, forward, params);
  return {
    encode: async (x, rowIndices) => {
      checkRowIndices(x, rowIndices, d_in);
      const data = await read(x);
      const code = begin(rowIndices.length);
      for (let first = 0; first < rowIndices.length; first += CHUNK_ROWS) {
        const rows = rowIndices.subarray(first, first + CHUNK_ROWS);
        for (const [at, row] of rows.entries()) {
          for (let i = 0; i < d_in; i++) {
            xc[at * d_in + i] = data[row * d_in + i]! - (applyBDecToInput ? b_dec[i]! : 0);
          }
        }
        forward.encode(arena.at.xc, d_in, rows.length);
        code.add(rows.length);
      }
      return code.finish();
    },
    dispose: arena.dispose,
  };
}

function topkBuilder(
  { at, u32, f32 }: EncoderArena,
  forward: CpuForward,
  { k, actScale }: TopKParams,
  rows: number,
): CodeBuilder {
  const latentIndices = new Uint32Array(rows * k).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * k);
  let first = 0;
  return {
    add: (chunkRows) => {
      let from = 0;
      for (const count of forward.topk(chunkRows, k, at.indices, at.acts)) {
        latentIndices.set(u32.indices.subarray(from, from + count), first);
        latentActs.set(f32.acts.subarray(from, from + count), first);
        for (let slot = first; actScale !== undefined && slot < first + count; slot++) {
          latentActs[slot]! *= actScale[latentIndices[slot]!]!;
        }
        from += count;
        first += k;
      }
    },
    finish: () => ({ k, latentIndices, latentActs }),
  };
}

/** Each latent by its own rule, in ascending order; as many slots as the fullest row needs. */
function ruledBuilder(
  { f32 }: EncoderArena,
  { stride }: CpuForward,
  params: Exclude<SaeParams, TopKParams>,
): CodeBuilder {
  const indices: number[] = [];
  const acts: number[] = [];
  const ends: number[] = [];
  return {
    add: (rows) => {
      for (let row = 0; row < rows; row++) {
        for (let latent = 0; latent < params.d_sae; latent++) {
          const act = ruledActivation(f32.preActs[row * stride + latent]!, latent, params);
          if (!(act > 0)) continue;
          indices.push(latent);
          acts.push(act);
        }
        ends.push(indices.length);
      }
    },
    finish: () => {
      const k = ends.reduce((most, end, row) => Math.max(most, end - (ends[row - 1] ?? 0)), 0);
      const latentIndices = new Uint32Array(ends.length * k).fill(EMPTY_SLOT);
      const latentActs = new Float32Array(ends.length * k);
      for (const [row, end] of ends.entries()) {
        const first = ends[row - 1] ?? 0;
        latentIndices.set(indices.slice(first, end), row * k);
        latentActs.set(acts.slice(first, end), row * k);
      }
      return { k, latentIndices, latentActs };
    },
  };
}
