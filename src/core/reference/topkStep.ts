// TopK and transcoder as a reference architecture: saeLoss and saeGradients behind the common interface.
import type { TopKConfig, TranscoderConfig } from '../sae/sae';
import type { ArchitectureReference } from './architectureReference';
import { countSilentRows } from './countSilentRows';
import { saeGradientsReference } from './saeGradients';
import { saeLossReference, type LossShape } from './saeLoss';

export const topkStepReference: ArchitectureReference<TopKConfig | TranscoderConfig> = (o) => {
  const { config, calibration, dead } = o;
  const { d_in, d_sae, k, auxKScale, k_aux, applyBDecToInput } = config;
  const shape: LossShape = {
    d_in,
    d_sae,
    k,
    auxKScale,
    k_aux,
    applyBDecToInput,
    rows: config.batchSize,
    variance: calibration.variance,
  };
  const latents = auxKScale > 0 ? dead : new Uint32Array(0);
  const trace = saeLossReference(o.state.params, o.x, latents, shape, o.y && { y: o.y });
  return {
    loss: trace.loss,
    mse: trace.mse,
    auxLoss: trace.auxLoss,
    sparsityLoss: 0,
    auxSilent: latents.length === 0 ? 0 : countSilentRows(trace.a, d_sae),
    f: trace.f,
    gradients: saeGradientsReference(o.state.params, trace, latents, shape),
    running: o.state.running,
  };
};
