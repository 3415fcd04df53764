// A steering edit: one latent's direction, scaled by a strength that is read once per token, added to the
// rows of the steered lane by a kernel between two graph segments (on the wasm path by its CPU twin).
import { addDirectionReference } from '../core/reference/addDirection';
import { invariant } from '../core/errors';
import type { HookPoint } from '../core/hookPoint';
import { createDirectionAdder, type DirectionAdder } from '../gpu/kernels/addDirection';
import type { GpuContext } from '../gpu/device';
import type { Edit, EditPlace } from '../model/modelTypes';

export type SteeringEdit = Edit & { dispose: () => void };

export async function createSteeringEdit(o: {
  hook: HookPoint;
  /** unit vector, [d_model] */
  direction: Float32Array;
  /** the lane that is steered; all others stay as they are */
  lane: number;
  maxLength: number;
  /** residual units; read once per call */
  coefficient: () => number;
  /** null: the model runs on the CPU */
  context: GpuContext | null;
}): Promise<SteeringEdit> {
  const { direction, context } = o;
  let adder: DirectionAdder | null = null;
  if (context !== null) {
    adder = await createDirectionAdder(context, { d: direction.length, maxRows: o.maxLength });
    adder.setDirection(direction);
  }
  return {
    hook: o.hook,
    apply(x, place) {
      const rows = steeredRows(o.lane, place);
      const coefficient = o.coefficient();
      if (rows.length === 0 || coefficient === 0) return x;
      if (x.where === 'cpu') {
        const data = addDirectionReference({ residual: x.data, rows, direction, coefficient });
        return { ...x, data };
      }
      invariant(adder !== null, 'an edit made for the CPU met a GPU residual');
      adder.run(x, rows, coefficient);
      return x;
    },
    dispose: () => adder?.dispose(),
  };
}

/** Rows of the lane, without position 0: <|bos|> is a norm sink and stays untouched (interface.md 4). */
function steeredRows(lane: number, place: EditPlace): Uint32Array {
  const first = place.position === 0 ? 1 : 0;
  const length = Math.max(0, place.length - first);
  return Uint32Array.from({ length }, (_, i) => lane * place.length + first + i);
}
