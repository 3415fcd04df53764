// Binder of add_direction.wgsl: adds a latent's direction to rows of a residual stream between two graph
// segments. Does not know which lane is steered, nor why.
import source from '../../../shaders/add_direction.wgsl?raw';
import { ShapeError } from '../../core/errors';
import type { GpuMatrix } from '../../core/handles';
import { createBufferSet, packUniform, writeBuffer } from '../buffers';
import type { BindingLayout } from '../bindingLayout';
import { defineKernel, submitPass } from '../defineKernel';
import type { GpuContext } from '../device';
import { bufferOf } from '../handles';
import { checkSteeredRows } from '../steeredRows';

export const ADD_DIRECTION_LAYOUT = {
  direction: 'read',
  rows: 'read',
  residual: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const addDirection = defineKernel({
  label: 'add_direction',
  source,
  overrides: [],
  layout: ADD_DIRECTION_LAYOUT,
});

export type DirectionAdder = {
  /** The vector added from now on, [d], in residual units. */
  setDirection: (direction: Float32Array) => void;
  /** Enqueues residual[row] += coefficient · direction for each of `rows` (distinct). Coefficient 0
   *  changes no bit. Throws ShapeError on another width or a row outside. */
  run: (residual: GpuMatrix, rows: Uint32Array, coefficient: number) => void;
  dispose: () => void;
};

/** @param o.maxRows most rows of one `run` */
export async function createDirectionAdder(
  context: GpuContext,
  o: { d: number; maxRows: number },
): Promise<DirectionAdder> {
  const kernel = await addDirection.prepare(context, { overrides: {} });
  const set = createBufferSet(context, 'add_direction');
  const direction = set.storage('direction', o.d * 4);
  const listed = set.storage('rows', o.maxRows * 4);
  const step = set.uniform('step', 16);
  return {
    setDirection: (vector) => {
      if (vector.length !== o.d) {
        throw new ShapeError(`direction: ${vector.length} values, expected d ${o.d}`);
      }
      writeBuffer(context, direction, vector);
    },
    run: (residual, rows, coefficient) => {
      checkSteeredRows(residual, rows, o);
      writeBuffer(context, listed, rows);
      const fields = packUniform([
        ['f32', coefficient],
        ['u32', rows.length],
        ['u32', o.d],
      ]);
      context.device.queue.writeBuffer(step, 0, fields);
      const size = residual.rows * o.d * 4;
      const bound = kernel.bind({
        direction,
        rows: listed,
        residual: { buffer: bufferOf(residual.buffer), size },
        step,
      });
      submitPass(context, 'add_direction', (pass) => {
        bound.encode(pass, Math.ceil((rows.length * o.d) / 64));
      });
    },
    dispose: set.dispose,
  };
}
