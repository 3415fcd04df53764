// ReLU-L1, Gated and JumpReLU as reference architectures: denseLoss and denseGradients behind
// the common interface.
import { denseLossAt, type DenseConfig } from '../train/denseLoss';
import type { ArchitectureReference } from './architectureReference';
import { denseGradientsReference } from './denseGradients';
import { denseLossReference, type DenseShape } from './denseLoss';

export const denseStepReference: ArchitectureReference<DenseConfig> = ({
  state,
  x,
  config,
  dead,
}) => {
  const { d_in, d_sae, batchSize: rows, applyBDecToInput } = config;
  const loss = denseLossAt(config, state.step);
  const shape: DenseShape = { d_in, d_sae, rows, applyBDecToInput, loss };
  const trace = denseLossReference(state.params, x, dead, shape);
  return {
    loss: trace.loss,
    mse: trace.mse,
    auxLoss: trace.auxLoss,
    sparsityLoss: trace.sparsityLoss,
    auxSilent: 0,
    f: trace.f,
    gradients: denseGradientsReference(state.params, trace, dead, shape),
    running: state.running,
  };
};
