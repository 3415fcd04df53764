// A lost GPU ends what computes there, and nothing else.
import { expect, test } from 'vitest';
import { DeviceLostError } from '../../../src/core/errors';
import type { DeviceFault } from '../../../src/engine/deviceHost';
import { onGpuFault } from '../../../src/engine/gpuFault';
import type { EngineHosts } from '../../../src/engine/hosts';

type Hosts = Pick<EngineHosts, 'device' | 'modelHost'>;

/** What a loss ends where the model and SAEs run there; null: no model is open, no SAE was asked for. */
function endedBy(model: 'wasm' | 'webgpu' | null, sae: 'cpu' | 'webgpu' | null): number {
  const listeners: ((fault: DeviceFault) => void)[] = [];
  const hosts = {
    device: {
      onFault: (listener: (fault: DeviceFault) => void) => listeners.push(listener),
      saeRunsOn: () => sae,
    },
    modelHost: { currentOrNull: () => (model === null ? null : { facts: { backend: model } }) },
  } as unknown as Hosts;
  let ended = 0;
  onGpuFault(hosts, () => ended++);
  for (const tell of listeners) tell(new DeviceLostError('lost'));
  return ended;
}

test('the model and SAEs on the processor go on when the GPU is lost', () => {
  expect(endedBy('wasm', 'cpu')).toBe(0);
  expect(endedBy(null, null)).toBe(0);
});

test('either on the GPU ends with it', () => {
  expect(endedBy('webgpu', 'cpu')).toBe(1);
  expect(endedBy('wasm', 'webgpu')).toBe(1);
  expect(endedBy(null, 'webgpu')).toBe(1);
});
