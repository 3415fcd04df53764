// Has ONNX Runtime fetched and compiled ahead of a model: it does both for its first session, so it gets one of a single node.
// Knows no model.
import type { DeviceHandle } from '../core/handles';
import type { Backend } from './modelTypes';
import { formatOnnxModel, type ValueRecord } from './onnx/protobuf';
import { loadOrt } from './ort';

const OPSET = 23;
const value = (name: string): ValueRecord => ({ name, type: 'float32', shape: [1] });

/** device: what backend 'webgpu' computes on. Throws ModelError. */
export async function warmRuntime(backend: Backend, device: DeviceHandle | null): Promise<void> {
  const ort = await loadOrt({ backend });
  const session = await ort.createSession({
    model: formatOnnxModel(
      {
        name: 'nothing',
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
        inputs: [value('x')],
        outputs: [value('y')],
        initialisers: [],
      },
      OPSET,
    ),
    externalData: [],
    device,
    outputs: ['y'],
    cpuOutputs: new Set(['y']),
    isPlacementStrict: false,
  });
  await session.release();
}
