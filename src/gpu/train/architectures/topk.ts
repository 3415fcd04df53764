// TopK and transcoder on the GPU (sae.md §3, circuits.md §1): the k strongest latents of each row, decoded row by
// row towards the input, or towards what the MLP wrote.
import type { TopKConfig, TranscoderConfig } from '../../../core/sae/sae';
import { prepareListSort } from '../../kernels/cscSortLong';
import { prepareDecodeRow } from '../../kernels/decodeRow';
import { gatherAndEncode, momentsAndAux, sortByLatent, updateWeights } from '../trainerKernels';
import { makeTrainerPlan } from '../trainerPlan';
import { readRowCode } from '../trainedCode';
import type { CreateStep } from './architecture';
import { createSparseStep } from './sparseStep';

export const createTopkStep: CreateStep<TopKConfig | TranscoderConfig> = async (context, o) => {
  const plan = makeTrainerPlan(context.caps, o.config);
  const [decodeKernel, sortKernel] = await Promise.all([
    prepareDecodeRow(context, plan),
    prepareListSort(context, plan),
  ]);
  return createSparseStep(context, { ...o, plan }, (shared) => {
    const { forward, buffers, step } = shared;
    const { latentIndices, latentActs, xc } = forward.buffers;
    const { W_dec, gradient, preActGrad, rowStats, csc, slots } = buffers;
    const { auxIndices, auxActs, auxPreActGrad } = buffers;
    const b_dec = { buffer: buffers.decoderBias, offset: 0, size: 4 * plan.dStride };
    const code = { latentIndices, latentActs };
    const decode = decodeKernel.bind({
      ...code,
      W_dec,
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
      decode.dispatch(),
      ...momentsAndAux(shared),
      ...sortByLatent(shared, latentIndices, sort),
      ...updateWeights(shared),
    ];
    const { rows, k } = plan.forward;
    return { dispatches, readCode: () => readRowCode(context, { ...code, rows, k }) };
  });
};
