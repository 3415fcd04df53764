// Every mutated file is either refused with a FormatError or read as a whole, quickly. Reading means
// that every tensor comes with as many values as its shape says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../src/core/errors';
import type { TensorSource } from '../../../src/core/nanochat';
import { unzipFiles, zipFiles } from '../../../src/formats/archive';
import { formatSafetensors, readSafetensors } from '../../../src/formats/safetensors';
import { parseTokenizerPickle } from '../../../src/formats/tokenizerPickle';
import { readTorchCheckpoint } from '../../../src/formats/torchCheckpoint';
import { blobOf, tokenizerPickle, torchPickle, torchZip } from './pickleBuilder';

const RUNS = 300;
const LIMIT_MS = 2000;

/** A few edits: a byte replaced, a range cut out, a range doubled, or the end cut off. */
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'cut', 'double', 'truncate'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    value: fc.constantFrom(0, 1, 0x28, 0x7f, 0x80, 0xff, 0x2e, 0x52, 0x63),
  }),
  { minLength: 1, maxLength: 5 },
);
type Edit = typeof edits extends fc.Arbitrary<(infer T)[]> ? T : never;

function mutate(original: Uint8Array, changes: readonly Edit[]): Uint8Array {
  let bytes = [...original];
  for (const { kind, at, length, value } of changes) {
    const place = Math.floor(at * bytes.length);
    if (kind === 'set') bytes[place] = value;
    else if (kind === 'cut') bytes.splice(place, length);
    else if (kind === 'double') bytes.splice(place, 0, ...bytes.slice(place, place + length));
    else bytes = bytes.slice(0, place);
  }
  return Uint8Array.from(bytes);
}

async function expectRefusedOrRead(
  original: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
): Promise<{ refused: number; read: number }> {
  const outcome = { refused: 0, read: 0 };
  const property = fc.asyncProperty(edits, async (changes) => {
    const start = performance.now();
    try {
      await read(mutate(original, changes));
      outcome.read++;
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      outcome.refused++;
    }
    expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  });
  await fc.assert(property, { numRuns: RUNS, seed: 20260314 });
  return outcome;
}

async function readAll(tensors: ReadonlyMap<string, TensorSource>): Promise<void> {
  for (const { shape, read } of tensors.values()) {
    expect((await read()).length).toBe(shape.reduce((product, n) => product * n, 1));
  }
}

describe('mutated files', () => {
  it('torch checkpoint', async () => {
    const W = { name: 'W', key: '0', elements: 12, shape: [3, 4], strides: [4, 1] };
    const b = { name: 'b', key: '1', elements: 4, shape: [2, 2], strides: [1, 2] };
    const file = torchZip({
      pickle: torchPickle([W, { ...b, storage: 'BFloat16Storage' }]),
      data: { 0: new Float32Array(12), 1: new Uint16Array(4) },
    });
    const outcome = await expectRefusedOrRead(file, async (bytes) => {
      await readAll(await readTorchCheckpoint(blobOf(bytes), 'x.pt'));
    });
    expect(outcome.refused).toBeGreaterThan(RUNS / 4);
    expect(outcome.read).toBeGreaterThan(0);
  });

  it('data.pkl in a sound zip', async () => {
    const tensors = [1, 2, 3].map((n) => ({
      ...{ name: `t${n}`, key: '0', elements: 12, offset: n, shape: [n], strides: [1] },
    }));
    const outcome = await expectRefusedOrRead(torchPickle(tensors), async (pickle) => {
      const zip = torchZip({ pickle, data: { 0: new Float32Array(12) } });
      await readAll(await readTorchCheckpoint(blobOf(zip), 'x.pt'));
    });
    expect(outcome.refused).toBeGreaterThan(RUNS / 4);
    expect(outcome.read).toBeGreaterThan(0);
  });

  it('safetensors', async () => {
    const file = formatSafetensors(
      [
        { name: 'W', shape: [3, 4], data: new Float32Array(12) },
        { name: 'b', shape: [4], data: new Float32Array(4) },
      ],
      new Map([['format', 'pt']]),
    );
    const outcome = await expectRefusedOrRead(file, async (bytes) => {
      await readAll((await readSafetensors(blobOf(bytes))).tensors);
    });
    expect(outcome.refused).toBeGreaterThan(RUNS / 4);
    expect(outcome.read).toBeGreaterThan(0);
  });

  it('tokenizer pickle', async () => {
    const outcome = await expectRefusedOrRead(tokenizerPickle({}), (bytes) => {
      const file = parseTokenizerPickle(bytes, 'tokenizer.pkl');
      expect(file.ranks.filter(([token]) => token.length === 1).length).toBe(256);
    });
    expect(outcome.refused).toBeGreaterThan(RUNS / 4);
    expect(outcome.read).toBeGreaterThan(0);
  });

  it('archive', async () => {
    const zip = zipFiles(
      new Map([
        ['a.json', new Uint8Array(50).fill(65)],
        ['b', new Uint8Array(9)],
      ]),
    );
    const outcome = await expectRefusedOrRead(zip, (bytes) => unzipFiles(blobOf(bytes), 'x.zip'));
    expect(outcome.refused).toBeGreaterThan(RUNS / 4);
    expect(outcome.read).toBeGreaterThan(0);
  });
});
