// Weights in f16, int8 and int4 on ONNX Runtime's WebGPU backend over Dawn: every operator stays on the GPU,
// and the logits are those of PyTorch's goldens within what the precision allows.
import { expect } from 'vitest';
import type { WeightPrecision } from '../../../src/core/model/weightPrecision';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { maxAbsDifference, readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';
import { gpuTest } from '../../helpers/device/gpuTest';
import { openNodeGpu } from '../../helpers/device/nodeGpu';
import { prepareOrtOnDawn } from '../../../src/node/ortOnDawn';

const golden = readGolden('short');
/** Logits reach 15. Measured on lavapipe: 0.0049, 0.128, 1.37. */
const TOLERANCE = { f16: 1e-2, int8: 0.25, int4: 2.5 } as const;

for (const weightPrecision of ['f16', 'int8', 'int4'] as const satisfies WeightPrecision[]) {
  gpuTest(
    `logits with ${weightPrecision} weights stay on the GPU and near f32`,
    async (context) => {
      if (weightPrecision === 'f16' && !context.device.features.has('shader-f16')) return;
      prepareOrtOnDawn((await openNodeGpu())!);
      const checkpoint = await readDemoCheckpoint();
      const runtime = await createModelRuntime({
        checkpoint,
        backend: 'webgpu',
        device: context.handle,
        strictPlacement: true,
        weightPrecision,
      });
      try {
        const logits = await runtime.logits(golden.tokenIds, 1);
        const error = maxAbsDifference(logits, golden.read('logits'));
        expect(error).toBeLessThan(TOLERANCE[weightPrecision]);
        // The next token from one step of decoding is the last row's.
        const decode = await runtime.startDecode({ lanes: 1, edits: [] });
        const last = await decode.step(golden.tokenIds);
        decode.dispose();
        expect(maxAbsDifference(last, logits.subarray(logits.length - last.length))).toBeLessThan(
          2e-3,
        );
      } finally {
        await runtime.dispose();
      }
    },
  );
}
