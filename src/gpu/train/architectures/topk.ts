// TopK and transcoder on the GPU (sae.md §3, circuits.md §1): the k strongest latents of each row, decoded row by
// row towards the input, or towards what the MLP wrote.
import { elementAt } from '../../../core/elementAt';
import type { TopKConfig, TranscoderConfig } from '../../../core/sae/sae';
import { prepareListSort } from '../../kernels/cscSortLong';
import { prepareDecodeRow } from '../../kernels/decodeRow';
import { prepareDecodeShard } from '../../kernels/decodeShard';
import {
  aroundDecode,
  gatherAndEncode,
  isSharded,
  momentsAndAux,
  sortByLatent,
  updateWeights,
} from '../trainerKernels';
import { makeTrainerPlan } from '../trainerPlan';
import { readRowCode } from '../trainedCode';
import type { CreateStep } from './architecture';
import { createSparseStep } from './sparseStep';

export const createTopkStep: CreateStep<TopKConfig | TranscoderConfig> = async (context, o) => {
  const plan = makeTrainerPlan(context.caps, o.config);
  const k = plan.mainSlots / plan.rows;
  const [decodeKernel, shardKernels, sortKernel] = await Promise.all([
    prepareDecodeRow(context, plan),
    isSharded(plan) ? prepareDecodeShard(context, plan, { k, outRow: 0 }) : null,
    prepareListSort(context, plan),
  ]);
  return createSparseStep(context, { ...o, plan }, (shared) => {
    const { forward, buffers, step } = shared;
    const { latentIndices, latentActs, xc } = forward.buffers;
    const { shards, gradient, preActGrad, rowStats, csc, slots } = buffers;
    const { auxIndices, auxActs, auxPreActGrad } = buffers;
    const b_dec = { buffer: buffers.decoderBias, offset: 0, size: 4 * plan.dStride };
    const code = { latentIndices, latentActs };
    const decode = decodeKernel.bind({
      ...code,
      W_dec: elementAt(shards, 0).W_dec,
      targets: shared.targets === null ? xc : buffers.targets,
      b_dec,
      gradient,
      preActGrad,
      rowStats,
      step,
    });
    const sort = sortKernel.bind({
      ...code,
      auxIndices,
      auxActs,
      preActGrad,
      auxPreActGrad,
      slots,
      csc,
    });
    const dispatches = [
      ...gatherAndEncode(shared),
      ...aroundDecode(
        shardKernels,
        { shards, code: { ...code, places: latentIndices }, gradient, preActGrad },
        { decode, dispatch: (bound) => bound.dispatch() },
      ),
      ...momentsAndAux(shared),
      ...sortByLatent(shared, latentIndices, sort),
      ...updateWeights(shared),
    ];
    return { dispatches, readCode: () => readRowCode(context, { ...code, rows: plan.rows, k }) };
  });
};
