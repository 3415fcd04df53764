// One latent over the snapshots of a run, with a model that needs no ONNX.
import { expect, it } from 'vitest';
import type { SaeParams } from '../../../../src/core/sae/sae';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { replayLatent } from '../../../../src/engine/explore/latentReplay';
import { createSnapshotArchive } from '../../../../src/engine/sae/snapshotArchive';
import type { ModelRuntime } from '../../../../src/model/modelTypes';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { DEMO_SAE } from '../../../helpers/engine/engineDouble';

const SAE: SaeFacts = { ...DEMO_SAE, d_in: 2, d_sae: 2, runId: 'run-1', deadAfterTokens: 100 };

/** Latent 0 turns from (0,1) to (1,0). */
function paramsAt(angle: number): SaeParams {
  const [x, y] = [Math.cos(angle), Math.sin(angle)].map(Math.fround);
  return {
    architecture: 'topk',
    k: 1,
    d_in: 2,
    d_sae: 2,
    applyBDecToInput: false,
    W_enc: Float32Array.from([x!, 0, y!, 1]),
    b_enc: new Float32Array(2),
    W_dec: Float32Array.from([x!, y!, 0, 1]),
    b_dec: new Float32Array(2),
  };
}

/** Row t of the residual stream is (tokenId, 1). */
const runtime = {
  capture: (tokenIds: Int32Array) => {
    const data = Float32Array.from([...tokenIds].flatMap((id) => [id, 1]));
    const hooks = new Map([
      [SAE.hookPoint, { where: 'cpu', rows: tokenIds.length, cols: 2, data }],
    ]);
    return Promise.resolve({ hooks, release: () => undefined });
  },
} as unknown as ModelRuntime;

function replay(
  sae: SaeFacts,
  latentIndex: number,
  archive = createSnapshotArchive(createMemoryStorage()),
) {
  return replayLatent({
    archive,
    sae,
    latentIndex,
    runtime,
    examples: [[5, 2]],
    readMatrix: (x) => Promise.resolve(x.where === 'cpu' ? x.data : new Float32Array()),
    breathe: () => Promise.resolve(),
  });
}

it('tells direction, silence and bids at each saved step', async () => {
  const archive = createSnapshotArchive(createMemoryStorage());
  const angles = [Math.PI / 2, Math.PI / 3, 0];
  for (const [i, angle] of angles.entries()) {
    const tokensSinceFired = Uint32Array.from([i === 0 ? 100 : 7, 0]);
    await archive.save('run-1', { step: 10 * i, params: paramsAt(angle), tokensSinceFired });
  }
  const { frames } = await replay(SAE, 0, archive);
  expect(frames.map(({ step }) => step)).toEqual([0, 10, 20]);
  expect(frames.map(({ isDead }) => isDead)).toEqual([true, false, false]);
  // Snapshots are kept in f16.
  for (const [i, cosine] of [0, 0.5, 1].entries()) {
    expect(frames[i]!.decoderCosine).toBeCloseTo(cosine, 2);
    expect(frames[i]!.nearest!.cosine).toBeCloseTo(Math.sin(angles[i]!), 2);
  }
  expect(frames[2]!.bids).toEqual([[5, 2]]);
  expect(frames[0]!.bids[0]![0]).toBeCloseTo(1, 2);
});

it('has nothing to replay without a run, and refuses an index outside', async () => {
  expect(await replay(DEMO_SAE, 0)).toEqual({ frames: [] });
  expect(await replay(SAE, 0)).toEqual({ frames: [] });
  await expect(replay(SAE, 2)).rejects.toThrow('feature must be a whole number from 0 to 1: 2');
});
