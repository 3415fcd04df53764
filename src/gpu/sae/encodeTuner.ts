// Finds out which tile of sae_encode is fastest on this adapter at this shape, on a run's own buffers, and remembers
// it. Every tile gives the same bits, so what is chosen changes no result; a tile that does not is never chosen.
import { elementAt } from '../../core/elementAt';
import { makeRng } from '../../core/numeric/rng';
import { dot } from '../../core/numeric/vectors';
import type { BindingSource } from '../device/bindingLayout';
import { createBufferSet, readF32, writeBuffer } from '../device/buffers';
import { submitPass, type BoundKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { pickFastest, type Candidate } from '../device/pickFastest';
import { packUniform } from '../device/uniformStruct';
import { CHUNK, SHARD } from '../kernels/chunks';
import { ENCODE_TILES, prepareEncode, shardColumns, type EncodeTile } from '../kernels/saeEncode';
import type { ForwardPlan } from './forwardPlan';

/** Where choices outlive the page; what it cannot read is null. */
export type TuningStore = {
  get: (key: string) => Promise<unknown>;
  set: (key: string, choice: string) => Promise<void>;
};

export type EncodeTuning = {
  store: TuningStore;
  /** of the run: measuring may take a small part of the time that it can save */
  steps: number;
  /** ms */
  now: () => number;
  /** default: all; a test measures few, because a software driver compiles each for seconds */
  tiles?: readonly EncodeTile[];
};

export type EncodePlaces = {
  /** [rows, dStride]; overwritten */
  xc: GPUBuffer;
  preActs: GPUBuffer;
  groupMax: GPUBuffer;
  counters: GPUBuffer;
  /** of the first shard, on which tiles are measured */
  W_enc: BindingSource;
  b_enc: BindingSource;
};

/** Part of a run's encoding that measuring may take, and the most, ms. */
const SHARE = 0.05;
const MOST_MS = 1500;
/** Bumped when tiles or their shader change. */
const TILES_VERSION = 1;

/** The tile to take. Software adapters have a kernel of their own, so nothing is measured there (undefined). */
export async function tuneEncode(
  context: GpuContext,
  o: { plan: ForwardPlan; places: EncodePlaces; tuning: EncodeTuning },
): Promise<EncodeTile | undefined> {
  if (context.isSoftware) return undefined;
  const { plan, tuning } = o;
  const { tiles = ENCODE_TILES } = tuning;
  const { chunkRows, chunks, shards, dStride, groupWidth } = plan;
  const shard = elementAt(shards, 0);
  const shape = [chunkRows, dStride, shard.count, groupWidth].join('×');
  const key = `encode ${TILES_VERSION}: ${context.adapter}: ${shape}`;
  const known = await tuning.store.get(key);
  const kept = ENCODE_TILES.find((tile) => tile === known);
  if (kept !== undefined) return kept;
  const first = plan.chunks[0]!.rows;
  const set = createBufferSet(context, 'encode_tuner');
  try {
    const chunk = set.uniform('chunk', packUniform(CHUNK, { rows: first }));
    const shardUniform = set.uniform('shard', packUniform(SHARD, shard));
    const x = noise({ rows: first, dStride, d_in: plan.d_in });
    writeBuffer(context, o.places.xc, x);
    const picked = await pickFastest(
      candidates(context, { ...o, tiles, first, chunk, shard: shardUniform, x }),
      {
        now: tuning.now,
        worth: (ms) => Math.min(MOST_MS, SHARE * ms * chunks.length * shards.length * tuning.steps),
      },
    );
    if (picked === null) return undefined;
    // A shape measured in part is measured again by a longer run.
    if (Object.keys(picked.ms).length === tiles.length) {
      await tuning.store.set(key, picked.name);
    }
    return picked.name as EncodeTile;
  } finally {
    set.dispose();
  }
}

function candidates(
  context: GpuContext,
  o: {
    plan: ForwardPlan;
    places: EncodePlaces;
    tiles: readonly EncodeTile[];
    first: number;
    chunk: GPUBuffer;
    shard: GPUBuffer;
    x: Float32Array;
  },
): Candidate[] {
  const { plan, places, first, chunk, shard } = o;
  const columns = shardColumns(elementAt(plan.shards, 0));
  let reference: Promise<Check> | null = null;
  return o.tiles.map((tile) => {
    let bound: BoundKernel<'rows' | 'columns'> | null = null;
    const run = async (repeats: number) => {
      submitPass(context, `tuning ${tile}`, (pass) => {
        for (let i = 0; i < repeats; i++) bound?.encode(pass, { rows: first, columns });
      });
      await context.device.queue.onSubmittedWorkDone();
    };
    return {
      name: tile,
      run,
      isRight: async () => {
        reference ??= makeCheck(context, o);
        bound = (await prepareEncode(context, plan, { tile })).bind({ ...places, chunk, shard });
        await run(1);
        return (await reference)(await readSample(context, plan, places, first));
      },
    };
  });
}

/** The tail of a row stays 0. */
function noise(o: { rows: number; dStride: number; d_in: number }): Float32Array {
  const rng = makeRng(1);
  return Float32Array.from({ length: o.rows * o.dStride }, (_, at) =>
    at % o.dStride < o.d_in ? rng.next() - 0.5 : 0,
  );
}

/** Of the first and the last row, which meet whole tiles and ragged ones: [2, nStride], [2, groups]. */
type Sample = { preActs: Float32Array; groupMax: Float32Array };

async function readSample(
  context: GpuContext,
  { nStride, groups }: ForwardPlan,
  { preActs, groupMax }: EncodePlaces,
  rows: number,
): Promise<Sample> {
  const ofRows = async (buffer: GPUBuffer, length: number) => {
    const both = await Promise.all(
      [0, rows - 1].map((row) => readF32(context, buffer, length, 4 * row * length)),
    );
    return Float32Array.from(both.flatMap((values) => [...values]));
  };
  return { preActs: await ofRows(preActs, nStride), groupMax: await ofRows(groupMax, groups) };
}

type Check = (sample: Sample) => boolean;

/** Latents at either end whose pre-activations are computed here, in float64. */
const CHECKED_LATENTS = 16;

/** Against the processor where that is cheap; elsewhere against the first sample that passed. */
async function makeCheck(
  context: GpuContext,
  o: { plan: ForwardPlan; places: EncodePlaces; first: number; x: Float32Array },
): Promise<Check> {
  const { shards, dStride, nStride, groupWidth } = o.plan;
  const latents = elementAt(shards, 0).count;
  const count = Math.min(CHECKED_LATENTS, latents);
  const expected: { at: number; value: number }[] = [];
  for (const begin of [0, latents - count]) {
    const W = await readPart(context, o.places.W_enc, begin * dStride, count * dStride);
    const b = await readPart(context, o.places.b_enc, begin, count);
    for (const [i, row] of [0, o.first - 1].entries()) {
      const x = o.x.subarray(row * dStride, (row + 1) * dStride);
      for (let latent = 0; latent < count; latent++) {
        const w = W.subarray(latent * dStride, (latent + 1) * dStride);
        expected.push({ at: i * nStride + begin + latent, value: b[latent]! + dot(w, x) });
      }
    }
  }
  const isNear = (value: number, other: number) =>
    Math.abs(value - other) <= 1e-4 * (1 + Math.abs(other));
  let passed: Float32Array | null = null;
  return ({ preActs, groupMax }) => {
    const isRight =
      expected.every(({ at, value }) => isNear(preActs[at]!, value)) &&
      preActs.every((value, at) => passed === null || isNear(value, passed[at]!)) &&
      groupMax.every((max, group) => {
        const own = preActs.subarray(group * groupWidth, (group + 1) * groupWidth);
        return max === Math.max(...own);
      });
    if (isRight) passed ??= preActs;
    return isRight;
  };
}

/** f32 values first … first + count − 1 of what a binding holds. */
function readPart(context: GpuContext, source: BindingSource, first: number, count: number) {
  const { buffer, offset = 0 } = 'buffer' in source ? source : { buffer: source };
  return readF32(context, buffer, count, offset + 4 * first);
}
