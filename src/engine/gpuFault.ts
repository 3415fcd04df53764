// What a fault of the GPU ends: work that computes there. A model and an SAE that both run on the processor go on.
import type { DeviceFault } from './deviceHost';
import type { EngineHosts } from './hosts';

/** Calls back on a fault while the open model or SAEs run on the GPU. */
export function onGpuFault(
  { device, modelHost }: Pick<EngineHosts, 'device' | 'modelHost'>,
  end: (fault: DeviceFault) => void,
): void {
  device.onFault((fault) => {
    const isModelThere = modelHost.currentOrNull()?.facts.backend === 'webgpu';
    if (isModelThere || device.saeRunsOn() === 'webgpu') end(fault);
  });
}
