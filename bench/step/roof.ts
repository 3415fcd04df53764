// The limits of this machine, measured in the same run: multiply-adds in registers, and copying. What fraction of them a
// step reaches is t_limit / t_measured, with t_limit the longer of its multiply-adds and its bytes (kernels.md 2).
import { createArena } from '../../src/cpu/arena';
import type { GpuContext } from '../../src/gpu/device/device';
import type { Shape } from './trainingCase';

/** per second */
export type Roof = { flop: number; bytes: number };

/** Floating-point operations of one step, and the bytes that it has to move where nothing stays in a cache. */
function costOf([B, d, n, k]: Shape): Roof {
  return {
    flop: 2 * B * d * n + 8 * B * k * d,
    bytes: 4.6 * B * n + 48 * n * d + 4 * B * k * d + 24 * B * d,
  };
}

export function fractionOf(roof: Roof, shape: Shape, ms: number): number {
  const cost = costOf(shape);
  return (1000 * Math.max(cost.flop / roof.flop, cost.bytes / roof.bytes)) / ms;
}

/** The most of a few tries: anything else that the machine does only lowers it. */
const TRIES = 7;

/** One thread: the product's tile on operands in the first cache, in this engine's build of it; copies beyond the caches. */
export async function processorRoof(): Promise<Roof> {
  const k = 512;
  const words = 8 * 2 ** 20;
  const { kernels, at, f32 } = await createArena(
    'roof',
    { a: 4 * k, b: 8 * k, c: 32, from: words, to: words },
    null,
  );
  const calls = 2000;
  const multiply = () => {
    for (let i = 0; i < calls; i++) kernels.product(4, 8, k, at.a, at.b, at.c, 8);
  };
  const flop = (2 * 4 * 8 * k * calls) / secondsOf(multiply);
  return { flop, bytes: (2 * 4 * words) / secondsOf(() => f32.to.set(f32.from)) };
}

function secondsOf(work: () => void): number {
  let least = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const began = performance.now();
    work();
    least = Math.min(least, performance.now() - began);
  }
  return least / 1000;
}

const LANES = 64;
const GROUPS = 256;
const TURNS = 64;

/** Four chains of four vec4 multiply-adds a turn. */
const MULTIPLY = `
@group(0) @binding(0) var<storage, read_write> data: array<vec4f>;
@compute @workgroup_size(${LANES})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = data[id.x];
  var a = x; var b = x + 1; var c = x + 2; var d = x + 3;
  for (var i = 0u; i < ${TURNS}u; i++) {
    a = fma(a, x, x); b = fma(b, x, x); c = fma(c, x, x); d = fma(d, x, x);
    a = fma(a, x, x); b = fma(b, x, x); c = fma(c, x, x); d = fma(d, x, x);
    a = fma(a, x, x); b = fma(b, x, x); c = fma(c, x, x); d = fma(d, x, x);
    a = fma(a, x, x); b = fma(b, x, x); c = fma(c, x, x); d = fma(d, x, x);
  }
  data[id.x] = a + b + c + d;
}`;

export async function adapterRoof({ device }: GpuContext): Promise<Roof> {
  const bytes = 64 * 2 ** 20;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const from = device.createBuffer({ label: 'roof from', size: bytes, usage });
  const to = device.createBuffer({ label: 'roof to', size: bytes, usage });
  const module = device.createShaderModule({ label: 'roof', code: MULTIPLY });
  const pipeline = await device.createComputePipelineAsync({
    label: 'roof',
    layout: 'auto',
    compute: { module },
  });
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [{ binding: 0, resource: { buffer: from } }];
  const group = device.createBindGroup({ label: 'roof', layout, entries });
  const timed = async (record: (encoder: GPUCommandEncoder) => void) => {
    let least = Infinity;
    for (let i = 0; i < TRIES; i++) {
      const encoder = device.createCommandEncoder({ label: 'roof' });
      record(encoder);
      const began = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      least = Math.min(least, performance.now() - began);
    }
    return least / 1000;
  };
  const multiplying = await timed((encoder) => {
    const pass = encoder.beginComputePass({ label: 'roof' });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(GROUPS);
    pass.end();
  });
  const copying = await timed((encoder) => {
    encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
  });
  from.destroy();
  to.destroy();
  return {
    flop: (2 * 4 * 16 * TURNS * LANES * GROUPS) / multiplying,
    bytes: (2 * bytes) / copying,
  };
}
