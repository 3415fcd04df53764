// The kernels of one dense training step, bound to their buffers and recorded in their order: per row
// chunk encode, decode, gradients; then once for all rows penalties, clip, Adam, counters (sae.md §2).
import type { BindingSource } from '../device/bindingLayout';
import type { BufferSet } from '../device/buffers';
import type { Grid } from '../device/defineKernel';
import type { StepDispatch } from './architectures/architecture';
import type { DenseBuffers } from './denseBuffers';
import type { GpuContext } from '../device/device';
import type { DensePlan } from './densePlan';
import type { RowChunk } from '../sae/forwardPlan';
import { columnMomentsGrid, prepareColumnMoments } from '../kernels/columnMoments';
import { prepareDecoderNorms } from '../kernels/decoderNorms';
import { denseActivateGrid, prepareDenseActivate } from '../kernels/denseActivate';
import { prepareDenseBdecAdam } from '../kernels/denseBdecAdam';
import { denseBdecPathGrid, prepareDenseBdecPath } from '../kernels/denseBdecPath';
import { prepareDenseDead } from '../kernels/denseDead';
import { denseChunk, denseDeltaGrid, prepareDenseDelta } from '../kernels/denseDelta';
import { denseErrorGrid, prepareDenseError } from '../kernels/denseError';
import { prepareDenseLatentGradient } from '../kernels/denseLatentGradient';
import { matmulDims, prepareMatmul, type MatmulDims } from '../kernels/denseMatmul';
import { prepareDenseStats } from '../kernels/denseStats';
import { denseTotalsGrid, prepareDenseTotals } from '../kernels/denseTotals';
import { prepareDenseUpdate } from '../kernels/denseUpdate';
import { gatherGrid, prepareGather } from '../kernels/gather';
import { prepareEncode } from '../kernels/saeEncode';
import { sliceRows, type SaeForward } from '../sae/saeForward';

type DenseKernels = Awaited<ReturnType<typeof prepareDenseKernels>>;

/** Compiles everything a step needs, before step 0. */
export async function prepareDenseKernels(context: GpuContext, plan: DensePlan) {
  const { d_in, applyBDecToInput, n4, d4, loss } = plan;
  const [gather, norms, activate, error, delta, totals] = await Promise.all([
    prepareGather(context, { from: 'ring', d_in, applyBDecToInput }),
    plan.decoderNorm === 'free' ? prepareDecoderNorms(context, plan) : null,
    prepareDenseActivate(context, { kind: loss.kind, d_sae: plan.d_sae, n4 }),
    prepareDenseError(context, plan),
    prepareDenseDelta(context, plan),
    prepareDenseTotals(context, plan),
  ]);
  const [timesDecoder, decoderTransposed, transposedTimes] = await Promise.all([
    prepareMatmul(context, { variant: 'nn', a4: n4, b4: d4 }),
    prepareEncode(context, plan.forward),
    prepareMatmul(context, { variant: 'tn', a4: n4, b4: d4 }),
  ]);
  const [moments, stats, path, latent, bdecAdam, update, dead] = await Promise.all([
    prepareColumnMoments(context, plan),
    prepareDenseStats(context, plan),
    prepareDenseBdecPath(context, plan),
    prepareDenseLatentGradient(context, plan),
    prepareDenseBdecAdam(context, plan),
    prepareDenseUpdate(context, plan),
    prepareDenseDead(context, plan),
  ]);
  return {
    gather,
    norms,
    activate,
    error,
    delta,
    totals,
    timesDecoder,
    decoderTransposed,
    transposedTimes,
    moments,
    stats,
    path,
    latent,
    bdecAdam,
    update,
    dead,
  };
}

export type DenseBindings = {
  plan: DensePlan;
  kernels: DenseKernels;
  forward: SaeForward;
  buffers: DenseBuffers;
  /** owner of the chunks' uniforms */
  set: BufferSet;
  ring: GPUBuffer;
  /** denseStep */
  step: BindingSource;
  /** gatherStep, all rows */
  gatherStep: BindingSource;
};

/** All dispatches of a step in order, bound once and for all, and those of its forward part alone. */
export function bindDenseStep(o: DenseBindings): {
  step: StepDispatch[];
  forward: StepDispatch[];
} {
  const gathered = gatherAndNorms(o);
  const chunks = o.forward.chunks().map((chunk, index) => ({
    forward: forwardChunk(o, chunk, index),
    backward: backwardChunk(o, chunk, index),
  }));
  const both = chunks.flatMap(({ forward, backward }) => [...forward, ...backward]);
  return {
    step: [...gathered, ...both, ...sumUp(o), ...updateWeights(o)],
    forward: [...gathered, ...chunks.flatMap(({ forward }) => forward)],
  };
}

function dispatch(
  bound: { encode: (pass: GPUComputePassEncoder, grid: Grid, offsets?: number[]) => void },
  label: string,
  grid: Grid,
  offsets?: number[],
): StepDispatch {
  return {
    label,
    record: (pass) => {
      bound.encode(pass, grid, offsets);
    },
  };
}

function decoderBias({ buffers, plan }: DenseBindings): BindingSource {
  return { buffer: buffers.decoderBias, offset: 0, size: 4 * plan.dStride };
}

function gatherAndNorms(o: DenseBindings): StepDispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const gather = kernels.gather.bind({
    source: o.ring,
    rowIndices: buffers.rowIndices,
    b_dec: decoderBias(o),
    xc: forward.buffers.xc,
    step: o.gatherStep,
  });
  const gathered = dispatch(gather, 'gather', gatherGrid(plan.rows, plan.d_in), [0]);
  if (kernels.norms === null) return [gathered];
  const norms = kernels.norms.bind({ W_dec: buffers.W_dec, norms: buffers.norms });
  return [gathered, dispatch(norms, 'decoder_norms', plan.d_sae)];
}

function dimsBuffer(o: DenseBindings, label: string, dims: MatmulDims): GPUBuffer {
  return o.set.uniform(label, matmulDims(dims));
}

/** {rows, accumulate} of a chunk: later chunks add to what the first one wrote. */
function chunkUniform(o: DenseBindings, chunk: RowChunk, name: string): GPUBuffer {
  return o.set.uniform(
    `${name} ${chunk.firstRow}`,
    denseChunk({ rows: chunk.rows, accumulate: chunk.firstRow > 0 }),
  );
}

/** encode, activate, and per reconstruction its product with the decoder and its gradient. */
function forwardChunk(o: DenseBindings, chunk: RowChunk, index: number): StepDispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const { vectors, acts, gateActs } = buffers;
  const { preActs } = forward.buffers;
  const uniform = chunkUniform(o, chunk, 'activate');
  const activate = kernels.activate.bind({ preActs, vectors, acts, gateActs, chunk: uniform });
  const reconstructions = [
    ...reconstruct(o, chunk, { acts, gradient: buffers.gradient }),
    ...(plan.loss.kind === 'gated'
      ? reconstruct(o, chunk, { acts: gateActs, gradient: buffers.gateGradient })
      : []),
  ];
  return [
    {
      label: 'encode',
      record: (pass) => {
        forward.encodeChunk(pass, index);
      },
    },
    dispatch(activate, 'dense_activate', denseActivateGrid(chunk.rows, plan.n4)),
    ...reconstructions,
  ];
}

function reconstruct(
  o: DenseBindings,
  chunk: RowChunk,
  { acts, gradient }: { acts: GPUBuffer; gradient: GPUBuffer },
): StepDispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const rowBytes = 4 * plan.dStride;
  const out = sliceRows(gradient, chunk, rowBytes);
  const dims = { m: chunk.rows, k: plan.d_sae, accumulate: false };
  const decode = kernels.timesDecoder.bind(
    { A: acts, B: buffers.W_dec, out, dims: dimsBuffer(o, 'decode dims', dims) },
    dims,
  );
  const error = kernels.error.bind({
    xc: sliceRows(forward.buffers.xc, chunk, rowBytes),
    b_dec: decoderBias(o),
    gradient: out,
    chunk: chunkUniform(o, chunk, 'error'),
    step: o.step,
  });
  return [
    { label: 'dense_matmul nn', record: decode },
    dispatch(error, 'dense_error', denseErrorGrid(plan, chunk.rows)),
  ];
}

/** ∂L/∂f, from there ∂L/∂preActs, and the chunk's share of the weights' gradients. */
function backwardChunk(o: DenseBindings, chunk: RowChunk, index: number): StepDispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const { actGrads, gateGrads, vectors, norms, tokensSinceFired, columnParts } = buffers;
  const delta = kernels.delta.bind({
    preActs: forward.buffers.preActs,
    gateGrads,
    vectors,
    norms,
    tokensSinceFired,
    actGrads,
    columnParts,
    chunk: chunkUniform(o, chunk, 'delta'),
    step: o.step,
  });
  const rowBytes = 4 * plan.dStride;
  const dims = { m: plan.d_sae, k: chunk.rows, accumulate: index > 0 };
  const product = (A: GPUBuffer, B: GPUBuffer, out: GPUBuffer) =>
    kernels.transposedTimes.bind(
      {
        A,
        B: sliceRows(B, chunk, rowBytes),
        out,
        dims: dimsBuffer(o, 'weight gradient dims', dims),
      },
      dims,
    );
  return [
    throughDecoder(o, chunk, buffers.gradient, actGrads),
    ...(plan.loss.kind === 'gated'
      ? [throughDecoder(o, chunk, buffers.gateGradient, gateGrads)]
      : []),
    dispatch(delta, 'dense_delta', denseDeltaGrid(plan, chunk.rows)),
    {
      label: 'dense_matmul tn',
      record: product(buffers.acts, buffers.gradient, buffers.gradDec),
    },
    {
      label: 'dense_matmul tn',
      record: product(actGrads, forward.buffers.xc, buffers.gradEnc),
    },
  ];
}

/** gradient · W_decᵀ: encode's product, with another matrix and no bias. */
function throughDecoder(
  o: DenseBindings,
  chunk: RowChunk,
  gradient: GPUBuffer,
  actGrads: GPUBuffer,
): StepDispatch {
  const { plan, kernels, buffers } = o;
  const record = kernels.decoderTransposed.bind({
    xc: sliceRows(gradient, chunk, 4 * plan.dStride),
    W_enc: buffers.W_dec,
    b_enc: buffers.noBias,
    preActs: actGrads,
    groupMax: buffers.unusedMaxima,
    counters: buffers.unusedCounters,
    chunk: chunkUniform(o, chunk, 'product'),
  });
  return {
    label: 'encode (W_dec)',
    record: (pass) => {
      record(pass, chunk.rows);
    },
  };
}

/** Sums over all rows, the metrics from them, and every gradient finished. */
function sumUp(o: DenseBindings): StepDispatch[] {
  const { plan, kernels, buffers, forward, step } = o;
  const { totals, vectors, norms, columnMoments, gateMoments, metrics } = buffers;
  const { W_enc, W_dec, gradEnc, gradDec, latentGradients, encoderPath } = buffers;
  const isGated = plan.loss.kind === 'gated';
  const total = kernels.totals.bind({ columnParts: buffers.columnParts, totals });
  const moments = [
    kernels.moments.bind({ gradient: buffers.gradient, columnMoments }),
    ...(isGated
      ? [kernels.moments.bind({ gradient: buffers.gateGradient, columnMoments: gateMoments })]
      : []),
  ];
  const stats = kernels.stats.bind({
    totals,
    norms,
    columnMoments,
    gateMoments,
    metrics,
    step,
    counters: forward.buffers.counters,
  });
  const path = kernels.path.bind({ totals, vectors, W_enc, encoderPath });
  const latent = kernels.latent.bind({
    totals,
    vectors,
    norms,
    W_dec,
    gradEnc,
    metrics,
    gradDec,
    latentGradients,
    step,
  });
  return [
    dispatch(total, 'dense_totals', denseTotalsGrid(plan)),
    ...moments.map((bound) => dispatch(bound, 'column_moments', columnMomentsGrid(plan))),
    dispatch(stats, 'dense_stats', 1),
    dispatch(path, 'dense_bdec_path', denseBdecPathGrid(plan)),
    dispatch(latent, 'dense_latent_gradient', plan.d_sae),
  ];
}

function updateWeights({ plan, kernels, buffers, step }: DenseBindings): StepDispatch[] {
  const { columnMoments, encoderPath, latentGradients, metrics, gradEnc, gradDec } = buffers;
  const { W_enc, W_dec, momentsEnc, momentsDec, vectors, totals, tokensSinceFired } = buffers;
  const bias = kernels.bdecAdam.bind({
    columnMoments,
    encoderPath,
    latentGradients,
    metrics,
    step,
    decoderBias: buffers.decoderBias,
  });
  const update = kernels.update.bind({
    gradEnc,
    gradDec,
    latentGradients,
    W_enc,
    W_dec,
    momentsEnc,
    momentsDec,
    vectors,
    step,
  });
  const silence = kernels.dead.bind({ totals, tokensSinceFired, metrics });
  return [
    dispatch(bias, 'dense_bdec_adam', 1),
    dispatch(update, 'dense_update', plan.d_sae),
    dispatch(silence, 'dense_dead', 1),
  ];
}
