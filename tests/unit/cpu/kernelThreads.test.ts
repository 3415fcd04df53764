// Several threads of the processor's backend: the same tests as of one, the same bits, and a thread that fails.
import { describe, expect, test } from 'vitest';
import { makeKernelThreads, rangesOf } from '../../../src/cpu/kernelThreads';
import { encoderTests, ruledEncoderTests } from '../../helpers/sae/encoderTests';
import { denseStepTests } from '../../helpers/train/denseTrainerTests';
import { levelsStepTests } from '../../helpers/train/levelsTrainerTests';
import { nodeThreads } from '../../helpers/nodeThreads';
import { startState } from '../../helpers/train/ringRun';
import { CPU_BACKEND, threadedBackend, threadedBackendTest } from '../../helpers/sae/saeBackends';
import { makeRun, topkStepTests } from '../../helpers/train/topkTrainerTests';
import { trainRing } from '../../helpers/train/trainRing';

encoderTests(threadedBackendTest);
ruledEncoderTests(threadedBackendTest);
topkStepTests(threadedBackendTest);
levelsStepTests(threadedBackendTest);
denseStepTests(threadedBackendTest);

describe('one thread and three', () => {
  test.each([
    // More rows than a chunk holds, and a last chunk that is not full.
    { shape: { rows: 150, d_in: 30, d_sae: 130, k: 5, k_aux: 9 }, isShared: true },
    // Fewer rows and panels than threads, and too little for more than one.
    { shape: { rows: 1, d_in: 4, d_sae: 1, k: 1, k_aux: 1 }, isShared: false },
  ])('train to the same bits: $shape', async ({ shape, isShared }) => {
    const run = makeRun(shape);
    const start = () => startState(run, Math.floor(shape.d_sae / 3));
    const one = await trainRing(CPU_BACKEND, run, start(), 6);
    const backend = threadedBackend();
    const three = await trainRing(backend, run, start(), 6);
    expect(three).toEqual(one);
    expect(backend.jobs() > 0).toBe(isShared);
  });
});

// (module (import "env" "memory" (memory 1 1 shared)) (func (export "trap") unreachable))
const TRAP = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0],
  ...[2, 16, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 1],
  ...[3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11],
]);

test('a kernel that fails on another thread fails for the one that asked', async () => {
  const source = nodeThreads(1);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const module = await WebAssembly.compile(TRAP);
  const own = { trap: () => undefined };
  const membership = makeKernelThreads(source).join({ module, memory }, own);
  await source.settled();
  expect(() => membership.run('trap', [[], []])).toThrow('a kernel failed on another thread');
});

describe('ranges', () => {
  test('cover everything once, in whole units, none of them empty', () => {
    expect(rangesOf(24, 2, 8)).toEqual([
      [0, 16],
      [16, 24],
    ]);
    expect(rangesOf(10, 3)).toEqual([
      [0, 3],
      [3, 7],
      [7, 10],
    ]);
    expect(rangesOf(8, 3, 8)).toEqual([[0, 8]]);
    expect(rangesOf(0, 3)).toEqual([]);
  });
});
