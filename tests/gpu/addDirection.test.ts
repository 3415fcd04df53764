import { expect, test } from 'vitest';
import { addDirectionReference } from '../../src/core/reference/addDirection';
import { createBufferSet, readF32 } from '../../src/gpu/buffers';
import { bufferHandle } from '../../src/gpu/handles';
import { createDirectionAdder } from '../../src/gpu/kernels/addDirection';
import { gaussian } from '../helpers/cases';
import { gpuTest } from '../helpers/gpuTest';
import '../helpers/matchers';

test('the twin leaves unlisted rows alone', () => {
  const residual = new Float32Array([1, 2, 3, 4]);
  const direction = new Float32Array([10, 20]);
  const o = { residual, rows: new Uint32Array([1]), direction, coefficient: 0.5 };
  expect([...addDirectionReference(o)]).toEqual([1, 2, 8, 14]);
});

for (const [rows, d] of [
  [1, 1],
  [3, 65],
  [5, 64],
  [7, 97],
] as const) {
  gpuTest(`add_direction matches its twin at ${rows} rows, d ${d}`, async (context) => {
    const residual = gaussian(rows * d, 1);
    const direction = gaussian(d, 2);
    const listed = Uint32Array.from({ length: Math.ceil(rows / 2) }, (_, i) => 2 * i);
    const set = createBufferSet(context, 'test');
    const buffer = set.storage('residual', residual);
    const adder = await createDirectionAdder(context, { d, maxRows: rows });
    adder.setDirection(direction);
    adder.run({ where: 'gpu', rows, cols: d, buffer: bufferHandle(buffer) }, listed, -2.5);
    const expected = addDirectionReference({
      residual,
      rows: listed,
      direction,
      coefficient: -2.5,
    });
    expect(await readF32(context, buffer, rows * d)).toBeAllclose(expected);
    adder.dispose();
    set.dispose();
  });
}

gpuTest('coefficient 0 leaves every bit, −0 and NaN included', async (context) => {
  const bits = new Uint32Array([0x80000000, 0x7fc01234, 0x3f800000, 0x00000001]);
  const set = createBufferSet(context, 'test');
  const buffer = set.storage('residual', bits);
  const adder = await createDirectionAdder(context, { d: 4, maxRows: 1 });
  adder.setDirection(new Float32Array([1, 2, Infinity, 4]));
  const residual = { where: 'gpu', rows: 1, cols: 4, buffer: bufferHandle(buffer) } as const;
  adder.run(residual, new Uint32Array([0]), 0);
  expect([...new Uint32Array(await context.staging.read(buffer, 16))]).toEqual([...bits]);
  adder.dispose();
  set.dispose();
});

gpuTest('add_direction refuses a row outside the residual', async (context) => {
  const set = createBufferSet(context, 'test');
  const buffer = set.storage('residual', 64);
  const adder = await createDirectionAdder(context, { d: 4, maxRows: 4 });
  const residual = { where: 'gpu', rows: 4, cols: 4, buffer: bufferHandle(buffer) } as const;
  expect(() => {
    adder.run(residual, new Uint32Array([4]), 1);
  }).toThrow(/row 4 is outside/);
  adder.dispose();
  set.dispose();
});
