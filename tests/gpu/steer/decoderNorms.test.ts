// The same as tests/unit/core/steer/decoderNorms.test.ts on the device: encoder and steering kernels.
import { describe, expect } from 'vitest';
import { STEER_MODES } from '../../../src/core/steer/steering';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { createRowSteerer } from '../../../src/gpu/steer/rowSteerer';
import {
  expectCodeOfFiles,
  makeNormCase,
  NORM_D,
  NORM_KINDS,
  normRows,
  normSlot,
  steerByFiles,
} from '../../helpers/steer/decoderNorms';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';

const TOKENS = 20;
const x = normRows(TOKENS);
const rows = Uint32Array.from({ length: TOKENS }, (_, token) => token);
const rowOf = (token: number) =>
  Float64Array.from(x.subarray(token * NORM_D, (token + 1) * NORM_D));

describe.each(NORM_KINDS)('%s with decoder norms from 0.1 to 10 (7.15)', (kind) => {
  gpuTest('is encoded as its files say', async (context) => {
    const c = await makeNormCase(kind);
    const encoder = await createSaeEncoder(context, c.params, { rows: 16 });
    const matrix = { where: 'cpu', rows: TOKENS, cols: NORM_D, data: x } as const;
    const code = await encoder.encode(matrix, rows);
    encoder.dispose();
    expectCodeOfFiles(c, x, rows, code, 1e-4);
  });

  for (const mode of STEER_MODES) {
    gpuTest(`${mode} takes or adds exactly what it says`, async (context) => {
      const c = await makeNormCase(kind);
      let firing = 0;
      // Norms from 0.1 to 10 among them.
      for (const latent of [0, 1, 13, 30, 47, 59]) {
        const [value, scale] = [0.6, 2];
        const slots = [normSlot(c.params, latent, { mode, scale })];
        const set = createBufferSet(context, 'test');
        const buffer = set.storage('residual', x);
        const steerer = await createRowSteerer(context, { slots, clip: null, maxRows: TOKENS });
        const residual = { where: 'gpu', rows: TOKENS, cols: NORM_D } as const;
        const readouts = await steerer
          .run({ ...residual, buffer: bufferHandle(buffer) }, rows, [value])
          .read();
        const steered = await readF32(context, buffer, x.length);
        for (const token of rows) {
          const part = c.contributions(rowOf(token))[latent]!;
          const o = { latent, mode, value, amount: value * scale };
          const row = steered.subarray(token * NORM_D, (token + 1) * NORM_D);
          // The device reads an SAE that is steered in f16 where it can.
          expect(row).toBeAllclose(steerByFiles(c, rowOf(token), o), { rtol: 2e-3, atol: 2e-2 });
          const before = readouts[token]!.before[0] ?? part;
          expect([before]).toBeAllclose([part], { rtol: 2e-3, atol: 2e-2 });
          if (part > 0) firing++;
        }
        steerer.dispose();
        set.dispose();
      }
      expect(firing).toBeGreaterThan(TOKENS / 2);
    });
  }
});
