// An SAE compared with itself at a saved step.
import { expect, it } from 'vitest';
import type { SaeParams } from '../../../../src/core/sae/sae';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { savedParams, savedRows, savedSteps } from '../../../../src/engine/sae/savedSae';
import { createSnapshotArchive } from '../../../../src/engine/sae/snapshotArchive';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { DEMO_SAE } from '../../../helpers/engine/engineDouble';

const SAE: SaeFacts = { ...DEMO_SAE, name: 'mine', d_in: 2, d_sae: 2, runId: 'run-1' };

function paramsAt(step: number): SaeParams {
  return {
    architecture: 'topk',
    k: 1,
    d_in: 2,
    d_sae: 2,
    applyBDecToInput: false,
    W_enc: Float32Array.of(step, 0, 0, 1),
    b_enc: new Float32Array(2),
    W_dec: Float32Array.of(1, 0, 0, step),
    b_dec: new Float32Array(2),
  };
}

async function archiveOf(steps: readonly number[]) {
  const archive = createSnapshotArchive(createMemoryStorage());
  for (const step of steps) {
    const tokensSinceFired = new Uint32Array(2);
    await archive.save('run-1', { step, params: paramsAt(step), tokensSinceFired });
  }
  return archive;
}

it('knows the saved steps and what the SAE was at each', async () => {
  const archive = await archiveOf([4, 8]);
  expect(await savedSteps(archive, SAE)).toEqual([4, 8]);
  expect((await savedParams(archive, SAE, 4)).W_dec).toEqual(Float32Array.of(1, 0, 0, 4));
  const { decoder } = await savedRows(archive, SAE, { step: 8, latentIndex: 1 });
  expect(decoder).toEqual(Float32Array.of(0, 8));
});

it('names the steps there are, and refuses others', async () => {
  const archive = await archiveOf([4, 8]);
  await expect(savedParams(archive, SAE, 5)).rejects.toThrow(
    'Step 5 of mine is not saved: saved are 4, 8.',
  );
  await expect(savedRows(archive, SAE, { step: 4, latentIndex: 2 })).rejects.toThrow(
    'feature must be a whole number from 0 to 1: 2',
  );
  const imported: SaeFacts = { ...DEMO_SAE, name: 'mine' };
  expect(await savedSteps(archive, imported)).toEqual([]);
  await expect(savedParams(archive, imported, 4)).rejects.toThrow('not saved: none is.');
});
