// The kernels that every architecture trained from a sparse code shares, bound to their buffers and
// recorded in their order (kernels.md §1). No decision depends on GPU results: AuxK is dispatched indirectly,
// from the dead count on the GPU. How the code is chosen and decoded is in architectures/*.
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import type { BindingSource } from '../device/bindingLayout';
import type { BoundKernel, Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { RowChunk } from '../sae/forwardPlan';
import { prepareAuxDecodeRow } from '../kernels/auxDecodeRow';
import { prepareAuxTopk } from '../kernels/auxTopk';
import { prepareBdecAdam } from '../kernels/bdecAdam';
import { prepareBdecGrad } from '../kernels/bdecGrad';
import { prepareColumnMoments } from '../kernels/columnMoments';
import { prepareCscBlocks } from '../kernels/cscBlocks';
import { prepareCscScan } from '../kernels/cscScan';
import { prepareCscSlots } from '../kernels/cscSlots';
import { DEAD_GRID, prepareDeadUpdate } from '../kernels/deadUpdate';
import { prepareDecodeShard, type ShardKernel, type ShardKernels } from '../kernels/decodeShard';
import { prepareErrorVariance } from '../kernels/errorVariance';
import { prepareGather } from '../kernels/gather';
import { prepareLatentUpdate } from '../kernels/latentUpdate';
import { prepareStepStats } from '../kernels/stepStats';
import { sliceRows, type SaeForward } from '../sae/saeForward';
import type { TrainerBuffers } from './trainerBuffers';
import { errorRow, type TrainerPlan } from './trainerPlan';
import type { WeightShard } from '../sae/weightBuffers';

type SharedKernels = Awaited<ReturnType<typeof prepareSharedKernels>>;

/** Compiles everything shared that a step needs, before step 0. */
export async function prepareSharedKernels(context: GpuContext, plan: TrainerPlan) {
  const { d_in, config } = plan;
  const { applyBDecToInput } = config;
  const [gather, latent, deadUpdate, stats] = await Promise.all([
    prepareGather(context, { from: 'ring', d_in, applyBDecToInput }),
    prepareLatentUpdate(context, plan),
    prepareDeadUpdate(context, plan),
    prepareStepStats(context, plan),
  ]);
  const [count, scan, scatter, blocks] = await Promise.all([
    prepareCscSlots(context, plan, 'count'),
    prepareCscScan(context, plan),
    prepareCscSlots(context, plan, 'scatter'),
    plan.blocks === 0 ? null : prepareCscBlocks(context, plan),
  ]);
  const [moments, bdecGrad, bdecAdam] = await Promise.all([
    prepareColumnMoments(context, plan),
    prepareBdecGrad(context, plan),
    prepareBdecAdam(context, plan),
  ]);
  const aux = plan.k_aux === 0 ? null : await prepareAux(context, plan);
  return {
    gather,
    latent,
    deadUpdate,
    stats,
    count,
    scan,
    scatter,
    blocks,
    moments,
    bdecGrad,
    bdecAdam,
    aux,
  };
}

async function prepareAux(context: GpuContext, plan: TrainerPlan) {
  const { k_aux: k, levels, rows } = plan;
  const [topk, moments, variance, decode, shard] = await Promise.all([
    prepareAuxTopk(context, plan),
    prepareColumnMoments(context, plan, errorRow(plan)),
    prepareErrorVariance(context, plan),
    prepareAuxDecodeRow(context, plan),
    isSharded(plan) ? prepareDecodeShard(context, plan, { k, outRow: levels * rows }) : null,
  ]);
  return { topk, moments, variance, decode, shard };
}

export function isSharded({ forward }: Pick<TrainerPlan, 'forward'>): boolean {
  return forward.shards.length > 1;
}

/** The decode kernel; where W_dec lies in several shards, between their sums and their products. */
export function aroundDecode(
  kernels: ShardKernels | null,
  o: {
    shards: readonly WeightShard[];
    code: Record<'latentIndices' | 'latentActs' | 'places', BindingSource>;
    gradient: GPUBuffer;
    preActGrad: GPUBuffer;
  },
  { decode, dispatch }: { decode: BoundKernel; dispatch: (bound: BoundKernel) => Dispatch },
): Dispatch[] {
  const { shards, code, gradient, preActGrad } = o;
  const ofShards = (kernel: ShardKernel | undefined) =>
    shards.flatMap(({ W_dec, range: shard }) =>
      kernel === undefined
        ? []
        : [dispatch(kernel.bind({ ...code, W_dec, gradient, preActGrad, shard }))],
    );
  return [...ofShards(kernels?.sums), dispatch(decode), ...ofShards(kernels?.products)];
}

export type SharedBindings = {
  plan: TrainerPlan;
  kernels: SharedKernels;
  forward: SaeForward;
  buffers: TrainerBuffers;
  ring: GPUBuffer;
  /** the ring of what a transcoder rebuilds; null: the input is rebuilt */
  targets: GPUBuffer | null;
  /** trainerStep */
  step: BindingSource;
  /** gatherStep, all rows */
  gatherStep: BindingSource;
};

/** gather, of a transcoder both its input and its target, then per chunk encode, `select`'s dispatches, and AuxK's choice while the chunk's preActs
 *  exist. */
export function gatherAndEncode(
  o: SharedBindings,
  select: (chunk: RowChunk, index: number) => Dispatch[] = () => [],
): Dispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const { rowIndices, decoderBias } = buffers;
  const { xc } = forward.buffers;
  const b_dec = { buffer: decoderBias, offset: 0, size: 4 * plan.dStride };
  const gathered = (source: GPUBuffer, into: GPUBuffer) =>
    kernels.gather
      .bind({ source, rowIndices, b_dec, xc: into, step: o.gatherStep })
      .dispatch({ rows: plan.rows });
  const chunks = forward
    .chunks()
    .flatMap((chunk, index): Dispatch[] => [
      ...forward.chunkDispatches(index),
      ...select(chunk, index),
      ...auxTopk(o, chunk),
    ]);
  return [
    gathered(o.ring, xc),
    ...(o.targets === null ? [] : [gathered(o.targets, buffers.targets)]),
    ...chunks,
  ];
}

function auxTopk(o: SharedBindings, chunk: RowChunk): Dispatch[] {
  const { plan, kernels, forward, buffers } = o;
  if (kernels.aux === null) return [];
  const rowBytes = 4 * plan.k_aux;
  const { dead } = buffers;
  const bound = kernels.aux.topk.bind({
    preActs: forward.buffers.preActs,
    dead,
    auxIndices: sliceRows(buffers.auxIndices, chunk, rowBytes),
    auxActs: sliceRows(buffers.auxActs, chunk, rowBytes),
  });
  const isLast = chunk.firstRow + chunk.rows === plan.rows;
  invariant(isLast || chunk.rows === plan.forward.chunkRows, 'a chunk before the last is full');
  const offset = isLast ? DEAD_GRID.lastChunk : DEAD_GRID.fullChunk;
  return [bound.dispatchIndirect(dead, offset)];
}

/** After the gradient rows are written: their column sums, and AuxK's loss and gradient. */
export function momentsAndAux({ plan, kernels, buffers, step }: SharedBindings): Dispatch[] {
  const { gradient, columnMoments, dead, errorVariance, shards } = buffers;
  const sums = kernels.moments.bind({ gradient, columnMoments });
  const forBias = sums.dispatch();
  if (kernels.aux === null) return [forBias];
  const { auxIndices, auxActs, auxPreActGrad, auxRowStats } = buffers;
  const variance = kernels.aux.variance.bind({ columnMoments, errorVariance, step });
  const decode = kernels.aux.decode.bind({
    latentIndices: auxIndices,
    latentActs: auxActs,
    W_dec: elementAt(shards, 0).W_dec,
    errorVariance,
    gradient,
    preActGrad: auxPreActGrad,
    rowStats: auxRowStats,
    step,
  });
  const aux = [
    variance.dispatchIndirect(dead, DEAD_GRID.one),
    ...aroundDecode(
      kernels.aux.shard,
      {
        shards,
        code: { latentIndices: auxIndices, latentActs: auxActs, places: auxIndices },
        gradient,
        preActGrad: auxPreActGrad,
      },
      { decode, dispatch: (bound) => bound.dispatchIndirect(dead, DEAD_GRID.rows) },
    ),
  ];
  if (errorRow(plan) === 0) return [forBias, ...aux];
  // Two levels or more: the error's moments are those of the last level, and b_dec's overwrite them
  // afterwards.
  const ofError = kernels.aux.moments.bind({ gradient, columnMoments });
  return [ofError.dispatch(), ...aux, forBias];
}

/** The code by latent, and the sums over blocks of long lists; the architecture provides `sort`, because it knows
 *  a slot's gradient row. */
export function sortByLatent(
  { kernels, forward, buffers }: SharedBindings,
  latentIndices: BindingSource,
  sort: readonly Dispatch[],
): Dispatch[] {
  const { auxIndices, dead, counts, slots, csc, gradient } = buffers;
  const { xc } = forward.buffers;
  const code = { latentIndices, auxIndices, dead, csc, counts, slots };
  const count = kernels.count.bind(code, 'csc_slots count');
  const scan = kernels.scan.bind({ counts, csc });
  const scatter = kernels.scatter.bind(code, 'csc_slots scatter');
  const lists = [count.dispatch(), scan.dispatch(), scatter.dispatch(), ...sort];
  if (kernels.blocks === null) return lists;
  return [...lists, kernels.blocks.bind({ xc, gradient, csc }).dispatch()];
}

/** Biases, weights, metrics, dead latents: last of all. */
export function updateWeights({ kernels, forward, buffers, step }: SharedBindings): Dispatch[] {
  const { csc, shards, encoderPath, columnMoments, decoderBias } = buffers;
  const { encoderBias, gradient, metrics, dead } = buffers;
  const { rowStats, auxRowStats, errorVariance, tokensSinceFired } = buffers;
  const { xc, counters } = forward.buffers;
  // b_dec's gradient needs the old W_enc, so it comes first; dead_update comes last, because it replaces
  // the dead list.
  const paths = shards.map(({ W_enc, range: shard, count: latents }) =>
    kernels.bdecGrad.bind({ csc, W_enc, encoderPath, shard }).dispatch({ latents }),
  );
  const bias = kernels.bdecAdam.bind({ columnMoments, encoderPath, decoderBias, step });
  const latents = shards.map(({ count, range: shard, ...matrices }) =>
    kernels.latent
      .bind({ csc, xc, gradient, ...matrices, encoderBias, step, shard })
      .dispatch({ latents: count }),
  );
  const stats = kernels.stats.bind({
    rowStats,
    auxRowStats,
    dead,
    errorVariance,
    counters,
    metrics,
    step,
  });
  const silence = kernels.deadUpdate.bind({ csc, tokensSinceFired, dead, metrics });
  return [...paths, bias.dispatch(), ...latents, stats.dispatch(), silence.dispatch()];
}
