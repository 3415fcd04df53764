import { afterEach, describe, expect, test, vi } from 'vitest';
import { createBufferSet, readF32, readU32 } from '../../../src/gpu/device/buffers';
import { defineKernel, ONE_WORKGROUP, submitPass } from '../../../src/gpu/device/defineKernel';
import { openDevice } from '../../../src/gpu/device/device';
import { packUniform, uniformStruct } from '../../../src/gpu/device/uniformStruct';
import { gridPart } from '../../../src/gpu/kernels/parts';
import { gpuTest } from '../../helpers/device/gpuTest';
import { openNodeGpu } from '../../helpers/device/nodeGpu';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const SOURCE = `
override step: u32;
@group(0) @binding(0) var<storage, read_write> data: array<u32>;
struct Start { value: u32 }
@group(0) @binding(1) var<uniform> start: Start;
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>) {
  data[id.x] = start.value + step * id.x + select(0u, 1000u, SHIFTED);
}`;

const FOLDING = `
override count: u32;
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = thread_number(group, groups, lane);
  if (at < count) { data[at] = data[at] + f32(at % 5u); }
}`;

const START = uniformStruct({ value: 'u32' });

const counting = defineKernel({
  label: 'counting',
  source: SOURCE,
  overrides: ['step'],
  layout: { data: 'write', start: START },
  lanes: 1,
  grid: { counts: ['count'], workgroups: ({ count }) => count },
  variants: { plain: { SHIFTED: false }, shifted: { SHIFTED: true } },
});

afterEach(() => void vi.restoreAllMocks());

describe('kernels', () => {
  gpuTest('overrides, variants, counts and indirect dispatch reach the shader', async (context) => {
    const set = createBufferSet(context, 'test');
    const data = set.storage('data', 16);
    const start = set.uniform('start', packUniform(START, { value: 50 }));
    const plain = (await counting.prepare(context, { overrides: { step: 2 } })).bind({
      data,
      start,
    });
    const o = { overrides: { step: 3 }, variant: 'shifted' } as const;
    const shifted = (await counting.prepare(context, o)).bind({ data, start });
    submitPass(context, 'direct', (pass) => plain.encode(pass, { count: 4 }));
    expect([...(await readU32(context, data, 4))]).toEqual([50, 52, 54, 56]);
    const args = set.storage('args', new Uint32Array([9, 9, 2, 1, 1]), GPUBufferUsage.INDIRECT);
    submitPass(context, 'indirect', (pass) => shifted.dispatchIndirect(args, 8).record(pass));
    expect([...(await readU32(context, data, 4))]).toEqual([1050, 1053, 54, 56]);
    submitPass(context, 'nothing', (pass) => plain.encode(pass, { count: 0 }));
    set.dispose();
  });

  gpuTest('a pipeline is compiled once per variant and overrides', async (context) => {
    const before = context.pipelines.size;
    await counting.prepare(context, { overrides: { step: 7 } });
    await counting.prepare(context, { overrides: { step: 7 } });
    expect(context.pipelines.size).toBe(before + 1);
    await counting.prepare(context, { overrides: { step: 7 }, variant: 'shifted' });
    expect(context.pipelines.size).toBe(before + 2);
  });

  gpuTest(
    'a kernel this device refuses fails with its line and can be tried again',
    async (context) => {
      const broken = defineKernel({
        label: 'broken',
        source: 'fn',
        overrides: [],
        layout: {},
        lanes: 1,
        grid: ONE_WORKGROUP,
      });
      const before = context.pipelines.size;
      await expect(broken.prepare(context, { overrides: {} })).rejects.toThrow(/broken\.wgsl:1:/);
      expect(context.pipelines.size).toBe(before);
    },
  );

  gpuTest(
    'more than 32,768 workgroups fold into a 2-D grid without writing past the end',
    async (context) => {
      const count = 33 * 65_536;
      const folding = defineKernel({
        label: 'folding',
        source: FOLDING,
        parts: [gridPart],
        overrides: ['count'],
        layout: { data: 'write' },
        lanes: 64,
        grid: { threads: ({ count: threads }) => threads },
      });
      const set = createBufferSet(context, 'test');
      const data = set.storage('data', new Float32Array(count + 64).fill(1));
      const kernel = await folding.prepare(context, { overrides: { count } });
      submitPass(context, 'folding', (pass) => {
        kernel.bind({ data }).encode(pass);
      });
      const actual = await readF32(context, data, count + 64);
      const isRight = (value: number, i: number) => value === (i < count ? 1 + (i % 5) : 1);
      expect(actual.findIndex((value, i) => !isRight(value, i))).toBe(-1);
      set.dispose();
    },
  );
});

describe('buffers', () => {
  gpuTest('staged reads keep what the buffer held at their submit', async (context) => {
    const set = createBufferSet(context, 'test');
    const buffer = set.storage('b', 4);
    const reads = [];
    for (let value = 0; value < 5; value++) {
      context.device.queue.writeBuffer(buffer, 0, new Uint32Array([value]));
      const encoder = context.device.createCommandEncoder();
      const staged = context.staging.stage(encoder, buffer, 4);
      context.device.queue.submit([encoder.finish()]);
      reads.push(staged.read());
    }
    const values = (await Promise.all(reads)).map((copy) => new Uint32Array(copy)[0]);
    expect(values).toEqual([0, 1, 2, 3, 4]);
    set.dispose();
  });

  gpuTest('a range is read from its offset', async (context) => {
    const set = createBufferSet(context, 'test');
    const buffer = set.storage('b', new Uint32Array([1, 2, 3, 4]));
    expect([...(await readU32(context, buffer, 2, 4))]).toEqual([2, 3]);
    set.dispose();
  });

  gpuTest(
    'a buffer above the cap is refused by name and size',
    (context) => {
      const set = createBufferSet(context, 'owner');
      expect(() => set.storage('huge', 2048)).toThrow(/owner\.huge: 2048 bytes.*allows 1024/);
      set.storage('fits', 1024);
      expect(set.byteLength()).toBe(1024);
      set.dispose();
      expect(context.owned.size).toBe(0);
      return Promise.resolve();
    },
    { caps: { bufferBytes: 1024 } },
  );
});

test('a device opened at the adapter’s limits names itself and resolves `lost` when disposed', async ({
  skip,
}) => {
  const result = await openDevice((await openNodeGpu()) ?? undefined);
  if (!result.ok) {
    if (process.env['CI'] !== undefined) throw new Error(result.message);
    skip(result.message);
    return;
  }
  const { context } = result;
  expect(context.adapter.length).toBeGreaterThan(3);
  expect(context.caps.storageBindingBytes).toBeGreaterThanOrEqual(128 * 2 ** 20);
  createBufferSet(context, 'left over').storage('b', 16);
  const listeners = countListeners(context.device);
  context.onUncapturedError(() => undefined);
  expect(listeners()).toBe(1);
  context.dispose();
  expect(listeners()).toBe(0);
  expect(context.owned.size).toBe(0);
  expect((await context.lost).reason).toBe('destroyed');
});

gpuTest('a borrowed device takes its own listeners with it, and no others', async ({ device }) => {
  const listeners = countListeners(device);
  const [first, second] = [await borrowDevice(), await borrowDevice()];
  if (!first.ok || !second.ok) throw new Error('the shared device is open');
  first.context.onUncapturedError(() => undefined);
  second.context.onUncapturedError(() => undefined);
  second.context.onUncapturedError(() => undefined);
  expect(listeners()).toBe(3);
  second.context.dispose();
  expect(listeners()).toBe(1);
  first.context.dispose();
  expect(listeners()).toBe(0);
});

test('what a borrowed device did not hear is heard by the others', async ({ skip }) => {
  const [gone, kept] = [await borrowDevice(), await borrowDevice()];
  if (!gone.ok || !kept.ok) return skip('no WebGPU device');
  const said: string[] = [];
  gone.context.onUncapturedError(() => said.push('gone'));
  gone.context.dispose();
  const heard = new Promise<string>((resolve) => kept.context.onUncapturedError(resolve));
  kept.context.device.createBuffer({ size: 16, usage: 0 });
  expect(await heard).toContain('usage');
  expect(said).toEqual([]);
});

/** How many listeners came from now on and are still there: Dawn does not list them. */
function countListeners(device: GPUDevice): () => number {
  const added = vi.spyOn(device, 'addEventListener');
  const removed = vi.spyOn(device, 'removeEventListener');
  return () => {
    const gone = new Set(removed.mock.calls.map(([, listener]) => listener));
    return added.mock.calls.filter(([, listener]) => !gone.has(listener)).length;
  };
}
