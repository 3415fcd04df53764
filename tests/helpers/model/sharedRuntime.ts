// The demo model on the shared device, for every file that runs it there. ONNX Runtime forgets the shaders that it
// compiled when its last session goes, so this runtime stays until the process ends.
import type { GpuContext } from '../../../src/gpu/device/device';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import { readDemoCheckpoint } from './modelDemo';
import { openNodeGpu } from '../device/nodeGpu';
import { prepareOrtOnDawn } from '../../../src/node/ortOnDawn';

let opening: Promise<ModelRuntime> | null = null;

/** Fails where an operator would leave the GPU. */
export function sharedDemoRuntime(context: GpuContext): Promise<ModelRuntime> {
  opening ??= (async () => {
    prepareOrtOnDawn((await openNodeGpu())!);
    return createModelRuntime({
      checkpoint: await readDemoCheckpoint(),
      backend: 'webgpu',
      device: context.handle,
      strictPlacement: true,
    });
  })();
  return opening;
}
