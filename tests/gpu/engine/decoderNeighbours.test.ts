// Decoder neighbours from the encoder kernels, against plain cosines.
import { expect } from 'vitest';
import { decoderNeighbours } from '../../../src/engine/statistics/decoderNeighbours';
import { NEIGHBOURS } from '../../../src/core/statistics/saeStatistics';
import { makeSaeParams } from '../../helpers/cases';
import { gpuBackendTest } from '../../helpers/sae/saeBackends';

// 70 latents of width 17: no multiple of a workgroup or of four.
gpuBackendTest()(
  'finds the closest directions of every latent, whatever their lengths',
  async (backend) => {
    const [d_in, d_sae] = [17, 70];
    const params = makeSaeParams({ seed: 5, d_in, d_sae, k: 4 });
    for (let i = 0; i < d_in; i++) params.W_dec[3 * d_in + i]! *= 40;
    const found = await decoderNeighbours(backend, params, () => Promise.resolve());
    const row = (latent: number) => params.W_dec.subarray(latent * d_in, (latent + 1) * d_in);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    for (let latent = 0; latent < d_sae; latent++) {
      const expected = Array.from({ length: d_sae }, (_, other) => ({
        other,
        cosine:
          dot(row(latent), row(other)) /
          Math.sqrt(dot(row(latent), row(latent)) * dot(row(other), row(other))),
      }))
        .filter(({ other, cosine }) => other !== latent && cosine > 0)
        .sort((a, b) => b.cosine - a.cosine)
        .slice(0, NEIGHBOURS);
      const at = latent * NEIGHBOURS;
      expect([...found.indices.subarray(at, at + expected.length)]).toEqual(
        expected.map(({ other }) => other),
      );
      for (const [i, { cosine }] of expected.entries()) {
        expect(found.cosines[at + i]).toBeCloseTo(cosine, 5);
      }
    }
  },
);
