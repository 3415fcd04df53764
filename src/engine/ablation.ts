// The edit of an ablation: h' = h − f_i · d̂ on chosen rows of one lane, f_i encoded from that very h. A true
// rerun carries it through the layers above; what became of the predictions is core/ablationEffect.ts.
import { invariant } from '../core/errors';
import type { HookPoint } from '../core/hookPoint';
import { createDirectionAdder, type DirectionAdder } from '../gpu/kernels/addDirection';
import type { Edit } from '../model/modelTypes';
import { latentColumn, type LatentEncoder } from './latentEncoder';

export type AblationEdit = Edit & {
  /** the latent's activation on each row of the lane before the edit, once it has run */
  acts: () => Float32Array;
  dispose: () => void;
};

/** rows: the lane's rows of the residual that the edit meets; edited: indices into them, each once. */
export async function createAblationEdit(o: {
  hook: HookPoint;
  encoder: LatentEncoder;
  latentIndex: number;
  rows: Uint32Array;
  edited: Uint32Array;
}): Promise<AblationEdit> {
  const { encoder, latentIndex, rows, edited } = o;
  const { W_dec, d_in } = encoder.params;
  // Folded: a unit vector, or zero.
  const direction = W_dec.subarray(latentIndex * d_in, (latentIndex + 1) * d_in);
  let acts: Float32Array = new Float32Array(rows.length);
  let adder: DirectionAdder | null = null;
  if (encoder.context !== null) {
    adder = await createDirectionAdder(encoder.context, { d: d_in, maxRows: 1 });
    adder.setDirection(direction);
  }
  return {
    hook: o.hook,
    async apply(x) {
      acts = latentColumn(await encoder.encode(x, rows), rows.length, latentIndex);
      const changes = [...edited].map((i) => ({ row: rows[i] ?? 0, act: acts[i] ?? 0 }));
      const firing = changes.filter(({ act }) => act > 0);
      if (x.where === 'cpu') return { ...x, data: lessDirection(x.data, direction, firing) };
      invariant(adder !== null, 'an edit made for the CPU met a GPU residual');
      for (const { row, act } of firing) adder.run(x, Uint32Array.of(row), -act);
      return x;
    },
    acts: () => acts,
    dispose: () => adder?.dispose(),
  };
}

function lessDirection(
  residual: Float32Array,
  direction: Float32Array,
  changes: readonly { row: number; act: number }[],
): Float32Array {
  const out = residual.slice();
  for (const { row, act } of changes) {
    const from = row * direction.length;
    for (const [j, value] of direction.entries()) {
      out[from + j] = (residual[from + j] ?? 0) - act * value;
    }
  }
  return out;
}
