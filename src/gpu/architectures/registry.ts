// The one place that names each architecture's kernels.
import { ConfigError } from '../../core/errors';
import type { SaeConfig } from '../../core/sae';
import type { GpuContext } from '../device';
import type { ArchitectureStep, StepOptions } from './architecture';
import { createLevelsStep } from './levels';
import { createTopkStep } from './topk';

export function createArchitectureStep(
  context: GpuContext,
  o: StepOptions<SaeConfig>,
): Promise<ArchitectureStep> {
  const { config } = o;
  switch (config.architecture) {
    case 'topk':
      return createTopkStep(context, { ...o, config });
    case 'batchtopk':
    case 'matryoshka':
      return createLevelsStep(context, { ...o, config });
    case 'relu':
    case 'gated':
    case 'jumprelu':
      throw new ConfigError(
        `architecture ${config.architecture} cannot be trained yet; choose topk, batchtopk or matryoshka`,
        'architecture',
      );
  }
}
