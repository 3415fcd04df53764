// The kernels of one dense training step, bound to their buffers and recorded in their order: per row
// chunk encode, decode, gradients; then once for all rows penalties, clip, Adam, counters (sae.md §2).
import type { BindingSource } from '../device/bindingLayout';
import type { BufferSet } from '../device/buffers';
import type { Dispatch } from '../device/defineKernel';
import type { DenseBuffers } from './denseBuffers';
import type { GpuContext } from '../device/device';
import { packUniform } from '../device/uniformStruct';
import type { DensePlan } from './densePlan';
import type { RowChunk } from '../sae/forwardPlan';
import { CHUNK } from '../kernels/chunks';
import { prepareColumnMoments } from '../kernels/columnMoments';
import { prepareDecoderNorms } from '../kernels/decoderNorms';
import { prepareDenseActivate } from '../kernels/denseActivate';
import { prepareDenseBdecAdam } from '../kernels/denseBdecAdam';
import { prepareDenseBdecPath } from '../kernels/denseBdecPath';
import { prepareDenseDead } from '../kernels/denseDead';
import { DENSE_CHUNK, prepareDenseDelta } from '../kernels/denseDelta';
import { prepareDenseError } from '../kernels/denseError';
import { prepareDenseLatentGradient } from '../kernels/denseLatentGradient';
import { MATMUL_DIMS, prepareMatmul } from '../kernels/denseMatmul';
import { prepareDenseStats } from '../kernels/denseStats';
import { prepareDenseTotals } from '../kernels/denseTotals';
import { prepareDenseUpdate } from '../kernels/denseUpdate';
import { prepareGather } from '../kernels/gather';
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

/** All dispatches of a step in order, bound once, and those of its forward part alone. */
export function bindDenseStep(o: DenseBindings): {
  step: Dispatch[];
  forward: Dispatch[];
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

function decoderBias({ buffers, plan }: DenseBindings): BindingSource {
  return { buffer: buffers.decoderBias, offset: 0, size: 4 * plan.dStride };
}

function gatherAndNorms(o: DenseBindings): Dispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const gather = kernels.gather.bind({
    source: o.ring,
    rowIndices: buffers.rowIndices,
    b_dec: decoderBias(o),
    xc: forward.buffers.xc,
    step: o.gatherStep,
  });
  const gathered = gather.dispatch({ rows: plan.rows });
  if (kernels.norms === null) return [gathered];
  const norms = kernels.norms.bind({ W_dec: buffers.W_dec, norms: buffers.norms });
  return [gathered, norms.dispatch()];
}

/** {rows} of a chunk. */
function chunkUniform(o: DenseBindings, { firstRow, rows }: RowChunk, name: string): GPUBuffer {
  return o.set.uniform(`${name} ${firstRow}`, packUniform(CHUNK, { rows }));
}

/** encode, activate, and per reconstruction its product with the decoder and its gradient. */
function forwardChunk(o: DenseBindings, chunk: RowChunk, index: number): Dispatch[] {
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
    ...forward.chunkDispatches(index),
    activate.dispatch({ rows: chunk.rows }),
    ...reconstructions,
  ];
}

function reconstruct(
  o: DenseBindings,
  chunk: RowChunk,
  { acts, gradient }: { acts: GPUBuffer; gradient: GPUBuffer },
): Dispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const rowBytes = 4 * plan.dStride;
  const out = sliceRows(gradient, chunk, rowBytes);
  const dims = packUniform(MATMUL_DIMS, { m: chunk.rows, k: plan.d_sae, accumulate: 0 });
  const decode = kernels.timesDecoder.bind(
    { A: acts, B: buffers.W_dec, out, dims: o.set.uniform('decode dims', dims) },
    'dense_matmul nn',
  );
  const error = kernels.error.bind({
    xc: sliceRows(forward.buffers.xc, chunk, rowBytes),
    b_dec: decoderBias(o),
    gradient: out,
    chunk: chunkUniform(o, chunk, 'error'),
    step: o.step,
  });
  return [decode.dispatch({ m: chunk.rows }), error.dispatch({ rows: chunk.rows })];
}

/** ∂L/∂f, from there ∂L/∂preActs, and the chunk's share of the weights' gradients. */
function backwardChunk(o: DenseBindings, chunk: RowChunk, index: number): Dispatch[] {
  const { plan, kernels, forward, buffers } = o;
  const { actGrads, gateGrads, vectors, norms, tokensSinceFired, columnParts } = buffers;
  // Later chunks add to what the first one wrote.
  const accumulate = index > 0 ? 1 : 0;
  const delta = kernels.delta.bind({
    preActs: forward.buffers.preActs,
    gateGrads,
    vectors,
    norms,
    tokensSinceFired,
    actGrads,
    columnParts,
    chunk: o.set.uniform(
      `delta ${chunk.firstRow}`,
      packUniform(DENSE_CHUNK, { rows: chunk.rows, accumulate }),
    ),
    step: o.step,
  });
  const rowBytes = 4 * plan.dStride;
  const dims = packUniform(MATMUL_DIMS, { m: plan.d_sae, k: chunk.rows, accumulate });
  const product = (A: GPUBuffer, B: GPUBuffer, out: GPUBuffer) => {
    const bound = kernels.transposedTimes.bind(
      {
        A,
        B: sliceRows(B, chunk, rowBytes),
        out,
        dims: o.set.uniform('weight gradient dims', dims),
      },
      'dense_matmul tn',
    );
    return bound.dispatch({ m: plan.d_sae });
  };
  return [
    throughDecoder(o, chunk, buffers.gradient, actGrads),
    ...(plan.loss.kind === 'gated'
      ? [throughDecoder(o, chunk, buffers.gateGradient, gateGrads)]
      : []),
    delta.dispatch({ rows: chunk.rows }),
    product(buffers.acts, buffers.gradient, buffers.gradDec),
    product(actGrads, forward.buffers.xc, buffers.gradEnc),
  ];
}

/** gradient · W_decᵀ: encode's product, with another matrix and no bias. */
function throughDecoder(
  o: DenseBindings,
  chunk: RowChunk,
  gradient: GPUBuffer,
  actGrads: GPUBuffer,
): Dispatch {
  const { plan, kernels, buffers } = o;
  const bindings = {
    xc: sliceRows(gradient, chunk, 4 * plan.dStride),
    W_enc: buffers.W_dec,
    b_enc: buffers.noBias,
    preActs: actGrads,
    groupMax: buffers.unusedMaxima,
    counters: buffers.unusedCounters,
    chunk: chunkUniform(o, chunk, 'product'),
    shard: buffers.range,
  };
  const bound = kernels.decoderTransposed.bind(bindings, 'encode (W_dec)');
  return bound.dispatch({ rows: chunk.rows, columns: plan.forward.nStride });
}

/** Sums over all rows, the metrics from them, and every gradient finished. */
function sumUp(o: DenseBindings): Dispatch[] {
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
    total.dispatch(),
    ...moments.map((bound) => bound.dispatch()),
    stats.dispatch(),
    path.dispatch(),
    latent.dispatch(),
  ];
}

function updateWeights({ kernels, buffers, step }: DenseBindings): Dispatch[] {
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
  return [bias.dispatch(), update.dispatch(), silence.dispatch()];
}
