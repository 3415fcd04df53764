// What an adapter can do at most, measured: multiply-adds in registers, and copies between buffers.
import type { Work } from '../../core/train/stepProfile';
import type { GpuContext } from './device';

/** The most of a few tries: anything else that the machine does only lowers it. */
const TRIES = 3;
/** Work is doubled until it takes as long, ms: less would measure what a submit costs. */
const LEAST_MS = 20;
const MOST = 2 ** 14;

const LANES = 64;
const GROUPS = 256;
/** Times GROUPS in one dispatch, so that a large GPU is full. */
const WIDEST = 16;
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

/** Per second. */
export async function adapterLimits({ device }: GpuContext): Promise<Work> {
  const bytes = 64 * 2 ** 20;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const from = device.createBuffer({ label: 'limits from', size: bytes, usage });
  const to = device.createBuffer({ label: 'limits to', size: bytes, usage });
  const module = device.createShaderModule({ label: 'limits', code: MULTIPLY });
  const pipeline = await device.createComputePipelineAsync({
    label: 'limits',
    layout: 'auto',
    compute: { module },
  });
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [{ binding: 0, resource: { buffer: from } }];
  const group = device.createBindGroup({ label: 'limits', layout, entries });
  /** seconds of one unit of work; `record` is told how many units */
  const timed = async (record: (encoder: GPUCommandEncoder, units: number) => void) => {
    const once = async (units: number) => {
      const encoder = device.createCommandEncoder({ label: 'limits' });
      record(encoder, units);
      const began = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - began;
    };
    let units = 1;
    let least = await once(units);
    while (least < LEAST_MS && units < MOST) {
      units *= 2;
      least = await once(units);
    }
    for (let i = 1; i < TRIES; i++) least = Math.min(least, await once(units));
    return least / 1000 / units;
  };
  const multiplying = await timed((encoder, units) => {
    const pass = encoder.beginComputePass({ label: 'limits' });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    const wide = Math.min(units, WIDEST);
    for (let i = 0; i < units; i += wide) pass.dispatchWorkgroups(GROUPS * wide);
    pass.end();
  });
  const copying = await timed((encoder, units) => {
    for (let i = 0; i < units; i++) encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
  });
  from.destroy();
  to.destroy();
  return {
    flop: (2 * 4 * 16 * TURNS * LANES * GROUPS) / multiplying,
    bytes: (2 * bytes) / copying,
  };
}
