// The only place that names each architecture's kernels.
import type { SaeConfig } from '../../../core/sae/sae';
import type { GpuContext } from '../../device/device';
import type { ArchitectureStep, StepOptions } from './architecture';
import { createDenseStep } from './dense';
import { createLevelsStep } from './levels';
import { createTopkStep } from './topk';

export function createArchitectureStep(
  context: GpuContext,
  o: StepOptions<SaeConfig>,
): Promise<ArchitectureStep> {
  const { config } = o;
  switch (config.architecture) {
    case 'topk':
    case 'transcoder':
      return createTopkStep(context, { ...o, config });
    case 'batchtopk':
    case 'matryoshka':
      return createLevelsStep(context, { ...o, config });
    case 'relu':
    case 'gated':
    case 'jumprelu':
      return createDenseStep(context, { ...o, config });
  }
}
