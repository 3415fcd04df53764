// AuxK on the processor (sae.md §2): the dead latents with the largest pre-activations rebuild what the SAE
// left out of each row, without b_dec.
import { LOWEST_F32 } from '../../core/reference/saeEncode';
import type { Arena } from '../arena';
import { groupWidth, preActStride, type CpuForward } from '../sae/cpuForward';
import type { RowCode } from './rowCode';

type Sizes = { rows: number; d: number; k_aux: number };

export function auxWords({ rows, d_sae, k_aux }: Omit<Sizes, 'd'> & { d_sae: number }) {
  const slots = rows * k_aux;
  const stride = k_aux === 0 ? 0 : preActStride(d_sae);
  return {
    auxStarts: rows + 1,
    auxLatents: slots,
    auxActs: slots,
    auxDeltas: slots,
    deadPreActs: stride,
  };
}

type AuxPart = keyof ReturnType<typeof auxWords> | 'maxima' | 'preActs' | 'gradient' | 'W_dec.p';

type AuxLoss = { squares: number; silentRows: number; variance: number };

export type CpuAuxK = {
  code: RowCode;
  /** dead: ascending; empty turns the step's AuxK off. */
  begin: (dead: Uint32Array) => void;
  /** Takes the row from the chunk encoded last; rows in order. */
  add: (row: number, rowOfChunk: number) => void;
  /** Writes the rows of gradients from auxRow on, and the code's deltas. errorRow: first of the rows that
   *  hold gradScale · (x̂ − x); auxScale: 2α/B. */
  finish: (o: AuxGradients) => AuxLoss;
};

type AuxGradients = { errorRow: number; auxRow: number; gradScale: number; auxScale: number };

export function makeAuxK(
  { kernels, at, f32, u32 }: Arena<AuxPart>,
  forward: CpuForward,
  { rows, d, k_aux }: Sizes,
): CpuAuxK {
  const code: RowCode = {
    starts: u32.auxStarts,
    latents: u32.auxLatents,
    acts: f32.auxActs,
    deltas: f32.auxDeltas,
    at: { starts: at.auxStarts, latents: at.auxLatents, acts: at.auxActs, deltas: at.auxDeltas },
  };
  let dead: Uint32Array = new Uint32Array();
  let stride = 0;
  return {
    code,
    begin: (latents) => {
      dead = latents;
      code.starts.fill(0);
      stride = preActStride(dead.length);
      f32.deadPreActs.fill(LOWEST_F32);
    },
    add: (row, rowOfChunk) => {
      if (dead.length === 0) return;
      const preActs = rowOfChunk * forward.stride;
      for (let i = 0; i < dead.length; i++) f32.deadPreActs[i] = f32.preActs[preActs + dead[i]!]!;
      const first = code.starts[row]!;
      const k = Math.min(k_aux, dead.length);
      const width = groupWidth(dead.length, k);
      const places = [code.at.latents + 4 * first, code.at.acts + 4 * first] as const;
      const count = kernels.topkRow(at.deadPreActs, stride, k, width, at.maxima, ...places);
      for (let slot = first; slot < first + count; slot++) {
        code.latents[slot] = dead[code.latents[slot]!]!;
      }
      code.starts[row + 1] = first + count;
    },
    finish: ({ errorRow, auxRow, gradScale, auxScale }) => {
      if (dead.length === 0) return { squares: 0, silentRows: 0, variance: 0 };
      const errors = f32.gradient.subarray(errorRow * d, (errorRow + rows) * d);
      const variance = scatter(errors, rows, d) / (rows * gradScale ** 2);
      const scale = variance > 0 ? auxScale / variance : 0;
      let squares = 0;
      let silentRows = 0;
      for (let row = 0; row < rows; row++) {
        const first = code.starts[row]!;
        const count = code.starts[row + 1]! - first;
        if (count === 0) silentRows++;
        const target = at.gradient + 4 * d * (errorRow + row);
        const out = at.gradient + 4 * d * (auxRow + row);
        const latents = code.at.latents + 4 * first;
        const W_dec = at['W_dec.p'];
        const acts = code.at.acts + 4 * first;
        kernels.decodeSlots(latents, acts, count, W_dec, d, target, 1 / gradScale, out);
        squares += kernels.squaresThenScale(out, d, scale);
        kernels.dotSlots(latents, count, W_dec, d, out, code.at.deltas + 4 * first);
      }
      return { squares, silentRows, variance };
    },
  };
}

/** Σ over columns of Σ (value − column mean)². */
function scatter(values: Float32Array, rows: number, cols: number): number {
  const mean = new Float64Array(cols);
  for (let at = 0, row = 0; row < rows; row++) {
    for (let c = 0; c < cols; c++, at++) mean[c]! += values[at]! / rows;
  }
  let sum = 0;
  for (let at = 0, row = 0; row < rows; row++) {
    for (let c = 0; c < cols; c++, at++) sum += (values[at]! - mean[c]!) ** 2;
  }
  return sum;
}
