import { expect, test } from 'vitest';
import { openDevice } from '../../../../src/gpu/device/device';

type Answers = Partial<Pick<GPU, 'requestAdapter'>>;
const gpuThat = (answers: Answers) => answers as GPU;

test('a machine without WebGPU is an answer, not an error', async () => {
  expect(await openDevice(undefined)).toMatchObject({ ok: false, reason: 'no-webgpu' });
});

test('no adapter, by null or by rejection', async () => {
  const none = gpuThat({ requestAdapter: () => Promise.resolve(null) });
  expect(await openDevice(none)).toMatchObject({ ok: false, reason: 'no-adapter' });
  const rejects = gpuThat({ requestAdapter: () => Promise.reject(new Error('GPU process gone')) });
  expect(await openDevice(rejects)).toMatchObject({ ok: false, reason: 'no-adapter' });
});

test('an adapter that refuses a device says why', async () => {
  const adapter = {
    features: new Set(),
    limits: {},
    info: {},
    requestDevice: () => Promise.reject(new Error('too many devices')),
  } as unknown as GPUAdapter;
  const result = await openDevice(gpuThat({ requestAdapter: () => Promise.resolve(adapter) }));
  expect(result).toMatchObject({ ok: false, reason: 'refused' });
  expect(result.ok ? '' : result.message).toMatch(/too many devices/);
});
