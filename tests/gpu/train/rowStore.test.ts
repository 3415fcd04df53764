// Rows kept where a backend computes: what is copied there from either memory, what is refused, and that training is fed
// the same rows from them as from an array.
import { describe, expect } from 'vitest';
import type { CpuMatrix, Matrix } from '../../../src/core/handles';
import { createRowFeed } from '../../../src/engine/activations/rowFeed';
import { fillRings } from '../../../src/engine/train/ringFill';
import { createBufferSet } from '../../../src/gpu/device/buffers';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { cpuBackendTest, gpuBackendTest, type BackendTest } from '../../helpers/sae/saeBackends';

const D = 6;
const X: CpuMatrix = { where: 'cpu', rows: 9, cols: D, data: gaussian(9 * D, 3) };
const COUNTED = Uint32Array.of(1, 2, 4, 8);

function rowsOf(indices: Uint32Array): Float32Array {
  const out = new Float32Array(indices.length * D);
  indices.forEach((row, i) => out.set(X.data.subarray(row * D, (row + 1) * D), i * D));
  return out;
}

function storeTests(backendTest: BackendTest): void {
  backendTest('holds the listed rows one after the other, zeros after them', async (backend) => {
    const store = backend.createRowStore({ rows: 7, d: D });
    await store.append(X, COUNTED, 0);
    await store.append(X, Uint32Array.of(0, 3), 4);
    const expected = new Float32Array(7 * D);
    expected.set(rowsOf(Uint32Array.of(...COUNTED, 0, 3)));
    expect(await backend.readMatrix(store.matrix)).toEqual(expected);
    await expect(store.append(X, COUNTED, 5)).rejects.toThrow('row 8 is outside the 7 rows');
    await expect(store.append(X, Uint32Array.of(9), 0)).rejects.toThrow('row 9 is outside the 9');
    store.dispose();
  });

  backendTest('feeds training with the same rows as an array', async (backend) => {
    const block = { index: 1, first: 12, rows: 12, before: 12 };
    const store = backend.createRowStore({ rows: 20, d: D });
    await store.append(X, Uint32Array.from(X.data.subarray(0, 9).keys()), 0);
    const read = async (x: Matrix) => {
      const feed = createRowFeed({ seed: 1 }, x);
      const ring = await backend.createRing({ rows: 12, d: D });
      const request = { feed, rings: [ring], block, scales: [0.5], measured: 8 };
      const calibrations = await fillRings(request, () => Promise.resolve(true));
      expect(calibrations).toMatchObject([{ tokens: 8, inputScale: 0.5 }]);
      const rows = await ring.readRows(Uint32Array.from({ length: 12 }, (_, i) => i));
      ring.dispose();
      return { calibrations, rows };
    };
    expect(
      await read({
        ...store.matrix,
        rows: 9,
        ...(store.matrix.where === 'cpu' && { data: X.data }),
      }),
    ).toEqual(await read(X));
    store.dispose();
  });
}

describe('on the GPU', () => {
  storeTests(gpuBackendTest());

  gpuTest('takes rows of a GPU buffer past the processor', async (context) => {
    const set = createBufferSet(context, 'row store test');
    const buffer = bufferHandle(set.storage('x', X.data));
    const backend = makeGpuBackend(context);
    const store = backend.createRowStore({ rows: 4, d: D });
    await store.append({ where: 'gpu', rows: 9, cols: D, buffer }, COUNTED, 0);
    expect(await backend.readMatrix(store.matrix)).toEqual(rowsOf(COUNTED));
    store.dispose();
    set.dispose();
  });

  gpuTest('refuses rows that no binding holds, with the most', (context) => {
    const caps = { ...context.caps, storageBindingBytes: 4 * D * 100 };
    const backend = makeGpuBackend({ ...context, caps });
    expect(() => backend.createRowStore({ rows: 101, d: D })).toThrow('at most 100');
    return Promise.resolve();
  });
});

describe('on the processor', () => {
  storeTests(cpuBackendTest);
});
