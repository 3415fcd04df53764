// The kernels of one training step, bound to their buffers and recorded in their order (kernels.md §1).
// Decides nothing from what the GPU computed; AuxK is dispatched from the dead count that is there.
import { invariant } from '../core/errors';
import type { BindingSource } from './bindingLayout';
import type { Grid } from './defineKernel';
import type { GpuContext } from './device';
import type { RowChunk } from './forwardPlan';
import { prepareAuxDecodeRow } from './kernels/auxDecodeRow';
import { prepareAuxTopk } from './kernels/auxTopk';
import { prepareBdecAdam } from './kernels/bdecAdam';
import { prepareBdecGrad } from './kernels/bdecGrad';
import { columnMomentsGrid, prepareColumnMoments } from './kernels/columnMoments';
import { prepareCscCount, slotGrid } from './kernels/cscCount';
import { prepareCscScan } from './kernels/cscScan';
import { prepareCscScatter } from './kernels/cscScatter';
import { prepareCscSort } from './kernels/cscSort';
import { DEAD_GRID, prepareDeadUpdate } from './kernels/deadUpdate';
import { prepareDecodeRow } from './kernels/decodeRow';
import { prepareErrorVariance } from './kernels/errorVariance';
import { gatherGrid, prepareGather } from './kernels/gather';
import { prepareLatentUpdate } from './kernels/latentUpdate';
import { prepareStepStats } from './kernels/stepStats';
import type { SaeForward } from './saeForward';
import type { TrainerBuffers } from './trainerBuffers';
import type { TrainerPlan } from './trainerPlan';

/** One dispatch, by name. */
export type StepDispatch = { label: string; record: (pass: GPUComputePassEncoder) => void };

type PreparedTrainer = Awaited<ReturnType<typeof prepareTrainerKernels>>;

/** Compiles everything a step needs, before step 0. */
export async function prepareTrainerKernels(context: GpuContext, plan: TrainerPlan) {
  const { d_in, config } = plan;
  const { applyBDecToInput } = config;
  const [gather, decode, latent, deadUpdate, stats] = await Promise.all([
    prepareGather(context, { from: 'ring', d_in, applyBDecToInput }),
    prepareDecodeRow(context, plan),
    prepareLatentUpdate(context, plan),
    prepareDeadUpdate(context, plan),
    prepareStepStats(context, plan),
  ]);
  const [count, scan, scatter, sort] = await Promise.all([
    prepareCscCount(context, plan),
    prepareCscScan(context, plan),
    prepareCscScatter(context, plan),
    prepareCscSort(context, plan),
  ]);
  const [moments, bdecGrad, bdecAdam] = await Promise.all([
    prepareColumnMoments(context, plan),
    prepareBdecGrad(context, plan),
    prepareBdecAdam(context, plan),
  ]);
  const aux = plan.k_aux === 0 ? null : await prepareAux(context, plan);
  return {
    gather,
    decode,
    latent,
    deadUpdate,
    stats,
    count,
    scan,
    scatter,
    sort,
    moments,
    bdecGrad,
    bdecAdam,
    aux,
  };
}

async function prepareAux(context: GpuContext, plan: TrainerPlan) {
  const [topk, variance, decode] = await Promise.all([
    prepareAuxTopk(context, plan),
    prepareErrorVariance(context, plan),
    prepareAuxDecodeRow(context, plan),
  ]);
  return { topk, variance, decode };
}

export type StepBindings = {
  plan: TrainerPlan;
  kernels: PreparedTrainer;
  forward: SaeForward;
  buffers: TrainerBuffers;
  ring: GPUBuffer;
  /** trainerStep */
  step: BindingSource;
  /** gatherStep, all rows */
  gatherStep: BindingSource;
};

/** All dispatches of a step in order, bound once and for all. */
export function bindTrainerStep(o: StepBindings): StepDispatch[] {
  return [...gatherAndEncode(o), ...decodeRows(o), ...sortByLatent(o), ...updateWeights(o)];
}

function dispatch(
  bound: { encode: (pass: GPUComputePassEncoder, grid: Grid, offsets?: number[]) => void },
  label: string,
  grid: Grid,
  offsets?: number[],
): StepDispatch {
  return { label, record: (pass) => bound.encode(pass, grid, offsets) };
}

function gatherAndEncode({ plan, kernels, forward, buffers, ...o }: StepBindings): StepDispatch[] {
  const { rowIndices, decoderBias } = buffers;
  const { xc } = forward.buffers;
  const b_dec = { buffer: decoderBias, offset: 0, size: 4 * plan.dStride };
  const gather = kernels.gather.bind({
    source: o.ring,
    rowIndices,
    b_dec,
    xc,
    step: o.gatherStep,
  });
  const chunks = forward.chunks().flatMap((chunk, index): StepDispatch[] => [
    {
      label: 'encode',
      record: (pass) => {
        forward.encodeChunk(pass, index);
      },
    },
    ...auxTopk({ plan, kernels, forward, buffers, chunk }),
  ]);
  return [dispatch(gather, 'gather', gatherGrid(plan.rows, plan.d_in), [0]), ...chunks];
}

function auxTopk(
  o: Pick<StepBindings, 'plan' | 'kernels' | 'forward' | 'buffers'> & { chunk: RowChunk },
): StepDispatch[] {
  const { plan, kernels, forward, buffers, chunk } = o;
  if (kernels.aux === null) return [];
  const rowBytes = 4 * plan.k_aux;
  const slice = (buffer: GPUBuffer) => ({
    buffer,
    offset: chunk.firstRow * rowBytes,
    size: chunk.rows * rowBytes,
  });
  const { dead } = buffers;
  const bound = kernels.aux.topk.bind({
    preActs: forward.buffers.preActs,
    dead,
    auxIndices: slice(buffers.auxIndices),
    auxActs: slice(buffers.auxActs),
  });
  const isLast = chunk.firstRow + chunk.rows === plan.rows;
  invariant(isLast || chunk.rows === plan.forward.chunkRows, 'a chunk before the last is full');
  const offset = isLast ? DEAD_GRID.lastChunk : DEAD_GRID.fullChunk;
  return [dispatch(bound, 'aux_topk', { indirect: dead, offset })];
}

function decodeRows({ plan, kernels, forward, buffers, step }: StepBindings): StepDispatch[] {
  const { latentIndices, latentActs, xc } = forward.buffers;
  const { W_dec, gradient, preActGrad, rowStats, columnMoments, dead, errorVariance } = buffers;
  const b_dec = { buffer: buffers.decoderBias, offset: 0, size: 4 * plan.dStride };
  const decode = kernels.decode.bind({
    latentIndices,
    latentActs,
    W_dec,
    xc,
    b_dec,
    gradient,
    preActGrad,
    rowStats,
    step,
  });
  const moments = kernels.moments.bind({ gradient, columnMoments });
  const main = [
    dispatch(decode, 'decode_row', plan.rows),
    dispatch(moments, 'column_moments', columnMomentsGrid(plan)),
  ];
  if (kernels.aux === null) return main;
  const variance = kernels.aux.variance.bind({ columnMoments, errorVariance, step });
  const { auxIndices, auxActs, auxPreActGrad, auxRowStats } = buffers;
  const aux = kernels.aux.decode.bind({
    auxIndices,
    auxActs,
    W_dec,
    errorVariance,
    gradient,
    auxPreActGrad,
    auxRowStats,
    step,
  });
  return [
    ...main,
    dispatch(variance, 'error_variance', { indirect: dead, offset: DEAD_GRID.one }),
    dispatch(aux, 'aux_decode_row', { indirect: dead, offset: DEAD_GRID.rows }),
  ];
}

function sortByLatent({ plan, kernels, forward, buffers }: StepBindings): StepDispatch[] {
  const { latentIndices, latentActs } = forward.buffers;
  const { auxIndices, auxActs, dead, counts, slots, csc, preActGrad, auxPreActGrad } = buffers;
  const count = kernels.count.bind({ latentIndices, auxIndices, dead, counts });
  const scan = kernels.scan.bind({ counts, csc });
  const scatter = kernels.scatter.bind({ latentIndices, auxIndices, dead, csc, counts, slots });
  const sort = kernels.sort.bind({
    latentIndices,
    latentActs,
    auxIndices,
    auxActs,
    preActGrad,
    auxPreActGrad,
    slots,
    csc,
  });
  const grid = slotGrid(plan);
  return [
    dispatch(count, 'csc_count', grid),
    dispatch(scan, 'csc_scan', 1),
    dispatch(scatter, 'csc_scatter', grid),
    dispatch(sort, 'csc_sort', grid),
  ];
}

function updateWeights({ plan, kernels, forward, buffers, step }: StepBindings): StepDispatch[] {
  const { csc, W_enc, W_dec, encoderPath, columnMoments, decoderBias } = buffers;
  const { momentsEnc, momentsDec, encoderBias, gradient, metrics, dead } = buffers;
  const { rowStats, auxRowStats, errorVariance, tokensSinceFired } = buffers;
  const { xc, counters } = forward.buffers;
  // b_dec's gradient needs the old W_enc, so it comes first; dead_update last, it ends the dead list.
  const path = kernels.bdecGrad.bind({ csc, W_enc, encoderPath });
  const bias = kernels.bdecAdam.bind({ columnMoments, encoderPath, decoderBias, step });
  const latent = kernels.latent.bind({
    csc,
    xc,
    gradient,
    W_enc,
    W_dec,
    momentsEnc,
    momentsDec,
    encoderBias,
    step,
  });
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
  return [
    dispatch(path, 'bdec_grad', plan.latentParts),
    dispatch(bias, 'bdec_adam', Math.ceil(plan.d4 / 64)),
    dispatch(latent, 'latent_update', plan.d_sae),
    dispatch(stats, 'step_stats', 1),
    dispatch(silence, 'dead_update', 1),
  ];
}
