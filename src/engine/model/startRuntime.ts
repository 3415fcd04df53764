// Makes a checkpoint run where it fits.
import { modelNeeds } from '../../core/model/modelNeeds';
import type { NanochatCheckpoint } from '../../core/model/nanochat';
import type { ModelRuntime } from '../../model/modelTypes';
import type { DeviceHost } from '../deviceHost';
import type { EngineParts } from '../parts';
import type { ModelFacts } from './api';

/** Bytes of weights above which only one plan is kept. */
const LARGE = 256_000_000;

/** The caller disposes of it. */
export async function startRuntime(
  { parts, device }: { parts: EngineParts; device: DeviceHost },
  checkpoint: NanochatCheckpoint,
  { backend, precision }: Pick<ModelFacts, 'backend' | 'precision'>,
): Promise<ModelRuntime> {
  const context = backend === 'webgpu' ? await device.acquire() : null;
  return parts.createRuntime({
    checkpoint,
    backend,
    device: context?.handle ?? null,
    ...(context !== null && { isDeviceUsable: context.isUsable }),
    weightPrecision: precision,
    // Each plan has its own weights, so for a large model only one is kept.
    maxPlans: modelNeeds(checkpoint.config, checkpoint.tensors, precision).weights > LARGE ? 1 : 3,
  });
}
