import { describe, expect, it } from 'vitest';
import type { PackedCorpus } from '../../../../src/engine/text/corpusHost';
import { measureValidationLoss } from '../../../../src/engine/model/validationLoss';
import type { ModelRuntime } from '../../../../src/model/modelTypes';
import { readDemoCheckpoint } from '../../../helpers/model/modelDemo';

const VOCAB = 4;

/** A model that gives the token after its own, modulo 4, three times the weight of each other one. */
async function makeCountingModel(): Promise<ModelRuntime> {
  const checkpoint = await readDemoCheckpoint();
  const config = { ...checkpoint.config, vocab_size: VOCAB };
  const logits: ModelRuntime['logits'] = (tokenIds) => {
    const out = new Float32Array(tokenIds.length * VOCAB);
    tokenIds.forEach((id, row) => (out[row * VOCAB + ((id + 1) % VOCAB)] = Math.log(3)));
    return Promise.resolve(out);
  };
  return { checkpoint: { ...checkpoint, config }, logits } as ModelRuntime;
}

/** Token 0 is special: it is read but never counted. */
function makeCorpus(...sequences: number[][]): PackedCorpus {
  return {
    contextSize: sequences[0]!.length,
    count: sequences.length,
    sequence: (index) => Int32Array.from(sequences[index]!),
    countedPositions: (index) =>
      Uint32Array.from([...sequences[index]!.keys()].filter((i) => sequences[index]![i] !== 0)),
  };
}

describe('measureValidationLoss', () => {
  it('means −ln p over the counted tokens that have one before them', async () => {
    const model = await makeCountingModel();
    // 0→1 and 1→2 are right (p 3/6); then 2→0 is not counted, 1 has none before, 1→3 is wrong (p 1/6).
    const corpus = makeCorpus([0, 1, 2, 0], [1, 3, 0, 0]);
    const loss = await measureValidationLoss(model, corpus, 100, () => undefined);
    expect(loss.tokens).toBe(3);
    expect(loss.nats).toBeCloseTo((2 * Math.log(2) + Math.log(6)) / 3, 6);
  });

  it('stops at the wanted number of tokens, and when progress throws', async () => {
    const model = await makeCountingModel();
    const corpus = makeCorpus([0, 1, 2, 3], [3, 3, 3, 3]);
    const loss = await measureValidationLoss(model, corpus, 2, () => undefined);
    expect(loss).toEqual({ nats: expect.closeTo(Math.log(2), 6) as number, tokens: 2 });
    const cancel = () => Promise.reject(new Error('cancelled'));
    await expect(measureValidationLoss(model, corpus, 9, cancel)).rejects.toThrow('cancelled');
  });

  it('refuses a text without a token to predict', async () => {
    const corpus = makeCorpus([0, 0, 0]);
    const measured = measureValidationLoss(await makeCountingModel(), corpus, 9, () => undefined);
    await expect(measured).rejects.toThrow('no token to predict');
  });
});
