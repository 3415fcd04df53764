// Every shader × variant compiles on Dawn's null backend, and its bindings are those of its layout.
// Kernels are found by folder: a new binder in src/gpu/kernels is tested without being named here.
import { beforeAll, describe, expect, test } from 'vitest';
import type { AnyKernel } from '../../../src/gpu/device/defineKernel';
import { openDevice, type GpuContext } from '../../../src/gpu/device/device';
import { createBindGroupLayout } from '../../../src/gpu/device/bindingLayout';
import { compilePipeline } from '../../../src/gpu/device/pipelineCache';
import { openDawn } from '../../helpers/nodeGpu';
import { declaredBindings, reflectBindings } from '../../helpers/wgslBindings';

const MAX_STORAGE_BUFFERS = 8;

function isKernel(value: unknown): value is AnyKernel {
  return typeof value === 'object' && value !== null && 'source' in value && 'layout' in value;
}

const modules = import.meta.glob<Record<string, unknown>>('../../../src/gpu/kernels/*.ts', {
  eager: true,
});
const kernels = Object.values(modules).flatMap((module) => Object.values(module).filter(isKernel));
const shaders = Object.keys(import.meta.glob('../../../shaders/*.wgsl', { query: '?raw' }));
const cases = kernels.flatMap((kernel) =>
  Object.entries(kernel.variants ?? { default: '' }).map(([variant, prelude]) => ({
    kernel,
    label: kernel.label,
    variant,
    prelude,
  })),
);

let context: GpuContext;
beforeAll(async () => {
  const gpu = await openDawn(['backend=null']);
  if (gpu === null) throw new Error('the optional package webgpu is not installed');
  const result = await openDevice(gpu, { limits: 'default' });
  if (!result.ok) throw new Error(result.message);
  context = result.context;
});

test('every shader file has exactly one kernel', () => {
  const stems = shaders.map((path) => path.replace(/^.*\/(.*)\.wgsl$/, '$1')).sort();
  expect(kernels.map((kernel) => kernel.label).sort()).toEqual(stems);
});

describe.each(cases)('$label ($variant)', ({ kernel, prelude }) => {
  test('compiles at default limits', async () => {
    const { device } = context;
    const overrides = Object.fromEntries(
      kernel.overrides.map((name) => [name, kernel.example?.[name] ?? 8]),
    );
    await compilePipeline(device, {
      label: kernel.label,
      prelude,
      source: kernel.source,
      overrides,
      groupLayout: createBindGroupLayout(device, kernel.label, kernel.layout),
    });
  });

  test('binds what its layout names, in order, within 8 storage buffers', () => {
    const declared = declaredBindings(kernel);
    expect(reflectBindings(`${prelude}\n${kernel.source}`)).toEqual(declared);
    const storage = declared.filter((binding) => binding.access !== 'uniform').length;
    expect(storage).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
  });
});

test('a broken shader is reported with its own line, behind any prelude', async () => {
  const { device } = context;
  const request = {
    label: 'broken',
    prelude: 'const A = 1u;\nconst B = 2u;',
    source: '@compute @workgroup_size(A)\nfn main() { let x: f32 = B; }',
    overrides: {},
    groupLayout: createBindGroupLayout(device, 'broken', {}),
  };
  await expect(compilePipeline(device, request)).rejects.toThrow(/broken\.wgsl:2:\d+: /);
});
