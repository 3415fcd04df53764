// The edit that switches a latent off, where the model runs on the GPU and where it runs on the CPU, against
// h − f·d̂ in f64. The rerun through the demo model is latentReader.test.ts.
import { expect, test } from 'vitest';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import { latentActivation } from '../../../src/core/sae/latentActivation';
import { encodeRowsReference } from '../../../src/core/reference/encodeRows';
import type { SaeParams } from '../../../src/core/sae/sae';
import { createAblation, type Ablation } from '../../../src/engine/explore/ablation';
import type { LatentEncoder } from '../../../src/engine/explore/latentEncoder';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import type { Matrix } from '../../../src/core/handles';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { makeSteerSae } from '../../helpers/steer/steerCases';
import '../../helpers/matchers';

const D = 70;
const LENGTH = 9;
/** The second lane of two; its positions 0, 3, 4 and 8 are edited. */
const ROWS = Uint32Array.from({ length: LENGTH }, (_, i) => LENGTH + i);
const EDITED = Uint32Array.of(0, 3, 4, 8);
const PLACE = { lanes: 2, length: LENGTH, position: 0 };
const SHAPE = { rows: 2 * LENGTH, cols: D } as const;
const x = gaussian(2 * LENGTH * D, 9);

function actsOf(params: SaeParams, latentIndex: number): number[] {
  return Array.from(ROWS, (row) =>
    latentActivation(x.subarray(row * D, (row + 1) * D), params, latentIndex),
  );
}

/** The first latent that fires on some of the edited positions, not on all. */
function partlyActive(params: SaeParams): number {
  for (let latentIndex = 0; latentIndex < params.d_sae; latentIndex++) {
    const acts = actsOf(params, latentIndex);
    const firing = EDITED.filter((i) => acts[i]! > 0).length;
    if (firing > 0 && firing < EDITED.length) return latentIndex;
  }
  throw new Error('no latent fires on a part of the edited positions');
}

/** What the edit must make of x. */
function ablated({ W_dec }: SaeParams, latentIndex: number, acts: readonly number[]): Float64Array {
  const data = Float64Array.from(x);
  for (const i of EDITED) {
    const from = ROWS[i]! * D;
    for (let j = 0; j < D; j++) data[from + j]! -= acts[i]! * W_dec[latentIndex * D + j]!;
  }
  return data;
}

function checkActs(edit: Ablation, acts: readonly number[]): void {
  expect(edit.acts()).toBeAllclose(acts, { rtol: 1e-4, atol: 1e-5 });
}

/** As the model does at one hook point. */
async function applyAll({ edits }: Ablation, matrix: Matrix): Promise<Matrix> {
  let at = matrix;
  for (const edit of edits) at = await edit.apply(at, PLACE);
  return at;
}

function editWith(encoder: LatentEncoder, latentIndex: number): Promise<Ablation> {
  const hook = hookPoint(1, 'hook_resid_post');
  return createAblation({ hook, encoder, latentIndex, rows: ROWS, edited: EDITED });
}

for (const architecture of ['topk', 'relu'] as const) {
  const params = makeSteerSae(architecture, { d: D, d_sae: 130, seed: 3 });
  const latent = partlyActive(params);
  const acts = actsOf(params, latent);
  const wanted = ablated(params, latent, acts);

  test(`an ablation on the CPU takes f·d̂ off its rows, ${architecture}`, async () => {
    const encode: LatentEncoder['encode'] = (matrix, rows) => {
      if (matrix.where !== 'cpu') throw new Error('a CPU test');
      return Promise.resolve(encodeRowsReference(params, matrix, rows));
    };
    const edit = await editWith({ params, context: null, encode }, latent);
    const out = await applyAll(edit, { where: 'cpu', ...SHAPE, data: x });
    if (out.where !== 'cpu') throw new Error('it leaves the CPU');
    expect(out.data).toBeAllclose(wanted, { rtol: 1e-5, atol: 1e-5 });
    checkActs(edit, acts);
    edit.dispose();
  });

  gpuTest(`an ablation on the GPU takes f·d̂ off its rows, ${architecture}`, async (context) => {
    const gpu = await createSaeEncoder(context, params, { rows: 256 });
    const set = createBufferSet(context, 'test');
    const buffer = set.storage('residual', x);
    const edit = await editWith({ params, context, encode: gpu.encode }, latent);
    await applyAll(edit, { where: 'gpu', ...SHAPE, buffer: bufferHandle(buffer) });
    const out = await readF32(context, buffer, x.length);
    expect(out).toBeAllclose(wanted, { rtol: 1e-5, atol: 1e-5 });
    const kept = x.subarray(0, LENGTH * D);
    expect([...out.subarray(0, LENGTH * D)]).toEqual([...kept]);
    checkActs(edit, acts);
    edit.dispose();
    gpu.dispose();
    set.dispose();
  });
}
