// BatchTopK and Matryoshka on the GPU (sae.md §4, §8): one selection over the whole batch, a loss per nested
// prefix; BatchTopK has one.
import { elementAt } from '../../../core/elementAt';
import type { BatchTopKConfig, MatryoshkaConfig } from '../../../core/sae/sae';
import { createBatchSelection } from '../batchSelection';
import { makeCodeLayout } from '../../sae/batchCode';
import { levelsUniform } from '../../kernels/batchEmit';
import { prepareListSort } from '../../kernels/cscSortLong';
import { prepareDecodeLevels } from '../../kernels/decodeLevels';
import { prepareThresholdUpdate } from '../../kernels/thresholdUpdate';
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
import { readBatchCode } from '../trainedCode';
import type { CreateStep } from './architecture';
import { createSparseStep } from './sparseStep';

export const createLevelsStep: CreateStep<BatchTopKConfig | MatryoshkaConfig> = async (
  context,
  o,
) => {
  const { config } = o;
  const plan = makeTrainerPlan(context.caps, config);
  const layout = makeCodeLayout(plan.rows, plan.mainSlots);
  const [decodeKernel, shardKernels, sortKernel, thresholdKernel] = await Promise.all([
    prepareDecodeLevels(context, plan, layout),
    isSharded(plan) ? prepareDecodeShard(context, plan, layout) : null,
    prepareListSort(context, plan, layout.rowsAt - layout.actsAt),
    prepareThresholdUpdate(context, config.thresholdRate),
  ]);
  return createSparseStep(context, { ...o, plan }, async (shared, set) => {
    const { forward, buffers, step } = shared;
    const widths = config.architecture === 'matryoshka' ? config.widths : [config.d_sae];
    const levels = set.uniform('levels', levelsUniform(widths));
    const selection = await createBatchSelection(context, set, {
      forward,
      kept: plan.mainSlots,
      levels,
    });
    const { code, state } = selection;
    const { shards, gradient, preActGrad, rowStats, csc, slots, running } = buffers;
    const { auxIndices, auxActs, auxPreActGrad } = buffers;
    const b_dec = { buffer: buffers.decoderBias, offset: 0, size: 4 * plan.dStride };
    const decode = decodeKernel.bind({
      code,
      W_dec: elementAt(shards, 0).W_dec,
      xc: forward.buffers.xc,
      b_dec,
      gradient,
      preActGrad,
      rowStats,
      levels,
      step,
    });
    const latentIndices = { buffer: code, offset: 4 * layout.indicesAt, size: 4 * plan.mainSlots };
    const actsAndRows = { buffer: code, offset: 4 * layout.actsAt };
    const sort = sortKernel.bind({
      latentIndices,
      latentActs: actsAndRows,
      auxIndices,
      auxActs,
      preActGrad,
      auxPreActGrad,
      slots,
      csc,
    });
    const dispatches = [
      ...gatherAndEncode(shared, selection.selectChunk),
      ...selection.finish(),
      thresholdKernel.bind({ state, running }).dispatch(),
      ...aroundDecode(
        shardKernels,
        {
          shards,
          code: { latentIndices, latentActs: actsAndRows, places: code },
          gradient,
          preActGrad,
        },
        { decode, dispatch: (bound) => bound.dispatch() },
      ),
      ...momentsAndAux(shared),
      ...sortByLatent(shared, latentIndices, sort),
      ...updateWeights(shared),
    ];
    return {
      dispatches,
      readCode: () => readBatchCode(context, { code, layout, rows: plan.rows }),
    };
  });
};
