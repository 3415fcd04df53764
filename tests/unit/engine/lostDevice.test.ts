// A GPU that is lost, and lost again, over the whole engine: what the page is told, and where the model goes on.
import { expect, it, vi } from 'vitest';
import { DeviceLostError } from '../../../src/core/errors';
import { GpuRefusalError, NotFiniteError, runProblem } from '../../../src/engine/problems';
import type { GpuContext } from '../../../src/gpu/device/device';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntimeOptions } from '../../../src/model/modelTypes';
import { startNodeEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';

/** A machine whose GPU the test can take away; what is said to run on it runs on the processor. */
function makeLosingMachine() {
  let lose: () => void = () => undefined;
  const openDevice = () => {
    const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
      lose = () => resolve({ reason: 'unknown', message: 'driver reset' } as GPUDeviceLostInfo);
    });
    const context = {
      lost,
      isUsable: () => Promise.resolve(true),
      onUncapturedError: () => undefined,
      handle: {},
      adapter: 'test adapter',
      isSoftware: false,
      caps: { storageBindingBytes: 2 ** 30, bufferBytes: 2 ** 30 },
      device: { features: new Set() },
    };
    return Promise.resolve({ ok: true, context: context as unknown as GpuContext } as const);
  };
  const backends: string[] = [];
  const createRuntime = async (o: ModelRuntimeOptions) => {
    backends.push(o.backend);
    return createModelRuntime({ ...o, backend: 'wasm', device: null });
  };
  return { openDevice, createRuntime, backends, lose: () => lose() };
}

const REQUEST = {
  prompt: 'Once',
  maxTokens: 2,
  temperature: 0,
  topK: 0,
  seed: 1,
} as const;

it('after three losses the model goes on without the GPU and says so, until WebGPU is chosen again (7.10)', async () => {
  const machine = makeLosingMachine();
  const { engine, events, waitFor } = await startNodeEngine(makeNodeParts(machine));
  expect(await engine.model.open({ kind: 'demo' })).toMatchObject({ ok: true });
  let texts = 0;
  const write = async () => {
    expect(await engine.generate.run(++texts, REQUEST)).toMatchObject({ ok: true });
  };
  await write();
  for (let loss = 1; loss <= 3; loss++) {
    const told = waitFor(({ kind }) => kind === 'problem');
    machine.lose();
    const event = await told;
    expect(event).toMatchObject({ problem: { kind: 'device-lost' } });
    // There is nothing to resume: no run was going on.
    expect(JSON.stringify(event)).not.toContain('Resume');
    await write();
  }
  expect(machine.backends).toEqual(['webgpu', 'webgpu', 'webgpu', 'wasm']);
  expect(events.findLast(({ kind }) => kind === 'model')).toMatchObject({
    model: { backend: 'wasm' },
  });
  const reason = /lost three times, so the model now runs on the processor/;
  expect(events.findLast(({ kind }) => kind === 'device')).toMatchObject({
    device: { modelBackend: 'wasm', backendReason: expect.stringMatching(reason) as string },
  });
  const notices = events.filter(({ kind }) => kind === 'notice');
  expect(notices).toEqual([{ kind: 'notice', text: expect.stringMatching(reason) as string }]);

  expect(await engine.model.setBackend('webgpu')).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(machine.backends.at(-1)).toBe('webgpu'));
  await write();
});

it('what ended a run names Resume only where there is a checkpoint (7.10)', () => {
  const lost = new DeviceLostError('The GPU device was lost.');
  expect(runProblem(lost, 40).wayOut).toContain('Press Resume to go on from step 40');
  for (const cause of [lost, new GpuRefusalError('no memory'), new NotFiniteError('NaN')]) {
    expect(runProblem(cause, null).wayOut).not.toMatch(/Resume|checkpoint/);
  }
});
