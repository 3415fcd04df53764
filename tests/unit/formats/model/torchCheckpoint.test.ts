import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { readTorchCheckpoint } from '../../../../src/formats/model/torchCheckpoint';
import { blobOf, p, torchPickle, torchTensor, torchZip } from '../archives/pickleBuilder';
import type { BuiltCheckpoint, BuiltTensor } from '../archives/pickleBuilder';
import { concat } from '../archives/zipBuilder';
import { DEMO_MODEL } from '../../../helpers/model/demoFiles';

const DEMO = `${DEMO_MODEL.folder}/${DEMO_MODEL.model}`;
const SIX: BuiltTensor = { name: 'w', key: '0', elements: 6, shape: [2, 3], strides: [3, 1] };
const DATA = Float32Array.of(0, 1, 2, 3, 4, 5);

const load = (o: BuiltCheckpoint) => readTorchCheckpoint(blobOf(torchZip(o)), 'x.pt');
const one = (tensor: Partial<BuiltTensor>, data: ArrayBufferView = DATA) =>
  load({ pickle: torchPickle([{ ...SIX, ...tensor }]), data: { 0: data } });
const values = async (tensor: Partial<BuiltTensor>, data?: ArrayBufferView) => [
  ...(await (await one(tensor, data)).get('w')!.read()),
];
const sentence = (promise: Promise<unknown>) =>
  promise.then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );

/** First values and the sum of a tensor, by Python's zipfile, struct and math.fsum. */
async function expectTensor(
  path: string,
  name: string,
  known: { dtype: string; shape: number[]; first: number[]; sum: number },
) {
  const tensors = await readTorchCheckpoint(await openAsBlob(path), path);
  expect(tensors.size).toBe(35);
  const tensor = tensors.get(name)!;
  const read = await tensor.read();
  expect([tensor.dtype, tensor.shape]).toEqual([known.dtype, known.shape]);
  expect([...read.subarray(0, 2)]).toEqual(known.first);
  expect(read.reduce((total, value) => total + value, 0)).toBeCloseTo(known.sum, 6);
}

describe('the demo checkpoint', () => {
  it('gives its bf16 tensors as Python reads them', async () => {
    await expectTensor(DEMO, 'lm_head.weight', {
      dtype: 'bf16',
      shape: [4096, 256],
      first: [-0.302734375, 0.3046875],
      sum: -3178.5045967958868,
    });
    await expectTensor(DEMO, 'transformer.wte.weight', {
      dtype: 'bf16',
      shape: [4096, 256],
      first: [-1.34375, -1.9375],
      sum: 155256.11861020327,
    });
    await expectTensor(DEMO, 'resid_lambdas', {
      dtype: 'bf16',
      shape: [4],
      first: [1.2109375, 0.6796875],
      sum: 3.53125,
    });
  });

  it('is refused when cut anywhere', async () => {
    const blob = await openAsBlob(DEMO);
    for (const keep of [
      0,
      3,
      100,
      5_000,
      blob.size / 2,
      blob.size - 3_000,
      blob.size - 30,
      blob.size - 1,
    ]) {
      const cut = blob.slice(0, Math.floor(keep));
      expect(await sentence(readTorchCheckpoint(cut, 'm.pt')), `kept ${keep}`).toMatch(
        /^m\.pt: .*(cut off|not a zip|is empty)/,
      );
    }
  });
});

describe('readTorchCheckpoint', () => {
  it('reads f32, f16 and bf16, plain and in zip64', async () => {
    expect(await values({})).toEqual([0, 1, 2, 3, 4, 5]);
    const half = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x8000);
    expect(await values({ storage: 'HalfStorage' }, half)).toEqual([
      1,
      -2,
      0.333251953125,
      2 ** -24,
      65504,
      -0,
    ]);
    const brain = Uint16Array.of(0x3f80, 0xc000, 0x4049, 0, 0x7f7f, 0x8000);
    expect((await values({ storage: 'BFloat16Storage' }, brain)).slice(0, 4)).toEqual([
      1, -2, 3.140625, 0,
    ]);
    const wide = await load({
      pickle: torchPickle([SIX]),
      data: { 0: DATA },
      zip: { zip64: true, wideEntries: true },
    });
    expect([...(await wide.get('w')!.read())]).toEqual([...DATA]);
  });

  it('honours strides, offsets and shared storages', async () => {
    expect(await values({ shape: [3, 2], strides: [1, 3] })).toEqual([0, 3, 1, 4, 2, 5]);
    expect(await values({ shape: [2], strides: [2], offset: 1 })).toEqual([1, 3]);
    expect(await values({ shape: [], strides: [], offset: 4 })).toEqual([4]);
    expect(await values({ shape: [1, 1, 3, 2], strides: [0, 9, 1, 3] })).toEqual([
      0, 3, 1, 4, 2, 5,
    ]);
    expect(await values({ shape: [0, 3], strides: [3, 1] })).toEqual([]);
    const tensors = await load({
      pickle: torchPickle([
        { ...SIX, name: 'a', shape: [3], strides: [1] },
        { ...SIX, name: 'b', shape: [3], strides: [1], offset: 3 },
      ]),
      data: { 0: DATA },
    });
    expect([...(await tensors.get('b')!.read())]).toEqual([3, 4, 5]);
  });

  it('reads a part of a tensor, strided or not, and no more of the file than the part', async () => {
    const part = async (tensor: Partial<BuiltTensor>, start: number, end: number) => [
      ...(await (await one(tensor)).get('w')!.readPart(start, end)),
    ];
    expect(await part({}, 2, 5)).toEqual([2, 3, 4]);
    expect(await part({}, 6, 6)).toEqual([]);
    expect(await part({ offset: 3, shape: [3], strides: [1] }, 1, 3)).toEqual([4, 5]);
    // [3, 2] by columns: 0 3 1 4 2 5
    expect(await part({ shape: [3, 2], strides: [1, 3] }, 1, 4)).toEqual([3, 1, 4]);
    expect(await sentence(part({}, 2, 7))).toContain('values 2 to 7 were requested of 6');

    const slices: number[] = [];
    const blob = blobOf(torchZip({ pickle: torchPickle([SIX]), data: { 0: DATA } }));
    const tensor = (await readTorchCheckpoint(blob, 'x.pt')).get('w')!;
    const original = blob.slice.bind(blob);
    blob.slice = (start = 0, end = 0) => (slices.push(end - start), original(start, end));
    await tensor.readPart(4, 6);
    expect(slices).toEqual([8]);
  });

  it('strips what DistributedDataParallel puts in front of names (7.25)', async () => {
    for (const prefix of ['module.', '_orig_mod.module.', 'module._orig_mod.']) {
      expect([...(await one({ name: `${prefix}lm_head.weight` })).keys()]).toEqual([
        'lm_head.weight',
      ]);
    }
  });

  it('strips what torch.compile puts in front of names', async () => {
    expect([...(await one({ name: '_orig_mod.lm_head.weight' })).keys()]).toEqual([
      'lm_head.weight',
    ]);
    const both = load({
      pickle: torchPickle([SIX, { ...SIX, name: '_orig_mod.w' }]),
      data: { 0: DATA },
    });
    expect(await sentence(both)).toContain('"w" appears twice');
  });

  it.each<[string, Partial<BuiltTensor>, string]>([
    ['a storage type that is not allowed', { storage: 'LongStorage' }, 'tensors of int64'],
    ['weights of 64 bits (7.25)', { storage: 'DoubleStorage' }, 'float64; float32, float16'],
    ['a storage that is missing', { key: '7' }, '"run/data/7", which is missing'],
    [
      'a storage of another length',
      { elements: 7 },
      'needs 28 bytes in "run/data/0", which has 24',
    ],
    ['a tensor beyond its storage', { offset: 1 }, 'reaches element 6 of a storage of 6'],
    [
      'a tensor that repeats its storage',
      { shape: [1000, 6], strides: [0, 1] },
      'more elements than its storage',
    ],
    ['a negative stride', { strides: [-3, 1] }, 'negative strides'],
    ['a rank above 4', { shape: [1, 1, 1, 2, 3], strides: [6, 6, 6, 3, 1] }, 'rank 5'],
    ['strides of another rank', { strides: [1] }, 'an unsupported tensor record'],
    ['a key that is a path', { key: '../0' }, 'an unsupported storage record'],
  ])('refuses %s', async (_, tensor, expected) => {
    expect(await sentence(one(tensor))).toContain(expected);
  });

  it.each<[string, Partial<BuiltCheckpoint>, string]>([
    [
      'a compressed tensor',
      { edit: (e) => (e.path.endsWith('/0') ? { ...e, method: 8 } : e) },
      'compressed',
    ],
    [
      'big-endian data',
      { edit: (e) => (e.path.endsWith('order') ? { ...e, data: Uint8Array.of(98, 105, 103) } : e) },
      'byte order "big"',
    ],
    [
      'two pickles',
      { extra: [{ path: 'other/data.pkl', data: new Uint8Array(1) }] },
      '2 files named data.pkl',
    ],
    [
      'no pickle',
      { edit: (e) => ({ ...e, path: e.path.replace('data.pkl', 'model.bin') }) },
      '0 files named data.pkl',
    ],
    [
      'a pickle that is too large',
      { pickle: new Uint8Array(16 * 1024 * 1024 + 1) },
      'at most 16777216',
    ],
    [
      'a list of tensors',
      { pickle: concat(p.proto(2), p.emptyList, p.stop) },
      'does not contain a dictionary of tensors',
    ],
    [
      'a whole training state',
      {
        pickle: concat(
          p.proto(2),
          p.emptyDict,
          p.mark,
          p.text('optimizer'),
          p.emptyDict,
          p.setItems,
          p.stop,
        ),
      },
      '"optimizer" is not a tensor',
    ],
    [
      'a tensor without a name',
      {
        pickle: concat(
          p.proto(2),
          p.emptyDict,
          p.mark,
          p.int(1),
          torchTensor(SIX),
          p.setItems,
          p.stop,
        ),
      },
      'a tensor has no name',
    ],
    ['a repeated name', { pickle: torchPickle([SIX, SIX]) }, '"w" appears twice'],
  ])('refuses %s', async (_, change, expected) => {
    expect(
      await sentence(load({ pickle: torchPickle([SIX]), data: { 0: DATA }, ...change })),
    ).toContain(expected);
  });

  it('reads a shape with nothing in it at once, however many rows of nothing it has', async () => {
    const [shape, strides] = [
      [2 ** 50, 2 ** 50, 0],
      [0, 0, 0],
    ];
    expect(await values({ shape, strides })).toEqual([]);
  });

  it('refuses a small file that stands for a large model', async () => {
    const copies = (count: number) =>
      load({
        pickle: torchPickle(
          Array.from({ length: count }, (_, i) => ({
            name: `w${i}`,
            key: '0',
            elements: 2000,
            shape: [2000],
            strides: [1],
          })),
        ),
        data: { 0: new Float32Array(2000) },
      });
    expect((await copies(3)).size).toBe(3);
    expect(await sentence(copies(300))).toContain('they share storages more than 8 times over');
  });

  it('does not list the sizes of a tensor with a hundred thousand axes', async () => {
    const shape = new Array<number>(100_000).fill(1);
    const refused = await sentence(one({ shape, strides: shape }));
    expect(refused).toContain('has rank 100000');
    expect(refused.length).toBeLessThan(500);
  });
});
