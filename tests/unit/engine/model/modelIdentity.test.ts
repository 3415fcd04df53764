import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NanochatCheckpoint, TensorSource } from '../../../../src/core/model/nanochat';
import { DEMO_MODEL_ID } from '../../../../src/engine/model/modelImport';
import { identifyModel } from '../../../../src/engine/model/modelIdentity';
import { readNanochatFolder } from '../../../../src/formats/model/nanochatFolder';
import { DEMO_MODEL } from '../../../helpers/model/demoFiles';

// Hashes of megabytes, while other tests share the cores.
const DEMO = DEMO_MODEL.names;
const readDemo = async () =>
  readNanochatFolder(
    await Promise.all(
      DEMO.map(async (path) => ({
        path,
        blob: await openAsBlob(`public/demo/nanochat-d4/${path}`),
      })),
    ),
  );

/** A tensor larger than what is read at once: value i is i mod 7, at `bad` what is given. */
function largeTensor(elements: number, bad: number, value: number): TensorSource {
  const readPart = (start: number, end: number) =>
    Promise.resolve(
      Float32Array.from({ length: end - start }, (_, i) =>
        start + i === bad ? value : (start + i) % 7,
      ),
    );
  return {
    name: 'x',
    dtype: 'f32',
    shape: [elements],
    read: () => readPart(0, elements),
    readPart,
  };
}

describe('identifyModel', () => {
  it('names the demo as every link to it does', async () => {
    const { checkpoint, tokenizer } = await readDemo();
    const seen: number[] = [];
    const id = await identifyModel(checkpoint, tokenizer, (done, total) => {
      seen.push(done / total);
      return Promise.resolve();
    });
    expect(`demo~${id}`).toBe(DEMO_MODEL_ID);
    expect(seen.at(-1)).toBe(1);
  });

  it('reads a large tensor in parts, to the same hash as whole, and finds a bad value in any part', async () => {
    const { checkpoint, tokenizer } = await readDemo();
    const elements = 5 * 1024 * 1024;
    const withTensor = (tensor: TensorSource): NanochatCheckpoint => ({
      ...checkpoint,
      tensors: new Map([['x', tensor]]),
    });
    const quiet = () => Promise.resolve();
    const large = await identifyModel(withTensor(largeTensor(elements, -1, 0)), tokenizer, quiet);
    const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
    const values = Float32Array.from({ length: elements }, (_, i) => i % 7);
    const special = [...tokenizer.specialTokens].sort(([, a], [, b]) => a - b);
    const ranks = [...tokenizer.ranks].map(([bytes, rank]) => [[...bytes], rank]);
    const canonical = {
      config: Object.entries(checkpoint.config).sort(([a], [b]) => (a < b ? -1 : 1)),
      tokenizer: sha256(JSON.stringify({ pattern: tokenizer.patStr, ranks, special })),
      tensors: [['x', [elements], sha256(new Uint8Array(values.buffer))]],
    };
    expect(large).toBe(sha256(JSON.stringify(canonical)).slice(0, 12));
    const bad = withTensor(largeTensor(elements, elements - 1, NaN));
    await expect(identifyModel(bad, tokenizer, quiet)).rejects.toThrow(
      `x: element ${elements - 1} is NaN`,
    );
  });
});
