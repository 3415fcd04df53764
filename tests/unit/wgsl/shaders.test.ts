// Every shader × variant compiles on Dawn's null backend, and its bindings are those of its layout.
// Kernels are found by folder: a new binder in src/gpu/kernels is tested without being named here.
import { beforeAll, describe, expect, test } from 'vitest';
import { preludesOf, type AnyKernel } from '../../../src/gpu/device/defineKernel';
import { openDevice, type GpuContext } from '../../../src/gpu/device/device';
import { createBindGroupLayout } from '../../../src/gpu/device/bindingLayout';
import {
  compilePipeline,
  shaderModule,
  type ShaderPart,
} from '../../../src/gpu/device/pipelineCache';
import * as parts from '../../../src/gpu/kernels/parts';
import { openDawn } from '../../../src/node/dawn';
import { declaredBindings, reflectBindings } from '../../helpers/device/wgslBindings';

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
  [...preludesOf(kernel)].map(([variant, prelude]) => ({
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

test('a workgroup’s width stands in the kernel’s definition alone, at most 256', () => {
  for (const kernel of kernels) {
    expect(kernel.source, kernel.label).toMatch(/@workgroup_size\(LANES\)/);
    for (const prelude of preludesOf(kernel).values()) {
      const width = Number(/const LANES: u32 = (\d+)u;/.exec(prelude)?.[1]);
      expect(width, kernel.label).toBeLessThanOrEqual(256);
    }
  }
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
      parts: kernel.parts ?? [],
      source: kernel.source,
      overrides,
      groupLayout: createBindGroupLayout(device, kernel.label, kernel.layout),
    });
  });

  test('binds what its layout names, in order, with the uniforms that are packed for it', () => {
    const declared = declaredBindings(kernel);
    expect(reflectBindings(shaderModule({ parts: [], ...kernel, prelude }).code)).toEqual(declared);
    const storage = declared.filter((binding) => typeof binding.access === 'string').length;
    expect(storage).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
  });
});

/** The part's own text behind what it expects, as a kernel that does nothing with it. */
function alone(part: ShaderPart) {
  return {
    label: part.label,
    prelude: (part.expects ?? []).join('\n'),
    parts: [part],
    source: '@compute @workgroup_size(1)\nfn main() {}',
  };
}

describe.each(Object.values(parts))('part $label', (part) => {
  test('is valid WGSL by itself, behind what it says it expects', async () => {
    const { device } = context;
    const module = device.createShaderModule({
      label: part.label,
      code: shaderModule(alone(part)).code,
    });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ message }) => message)).toEqual([]);
  });

  test('holds no binding, override or entry point, and names in its head what it defines', () => {
    expect(part.source).not.toMatch(/^\s*(@group|@compute|override|enable)/m);
    const [, head] = /^\/\/ Defines  (.*?)^\/\/ Expects  \S/ms.exec(part.source) ?? [];
    const named = head?.match(/\w+/g) ?? [];
    const defined = [...part.source.matchAll(/^(?:fn|const|struct) (\w+)/gm)].map(
      ([, name]) => name,
    );
    expect(defined.length).toBeGreaterThan(0);
    expect(named).toEqual(expect.arrayContaining(defined));
  });
});

test('every file of shaders/parts is a part, used by two kernels or more', () => {
  const files = Object.keys(import.meta.glob('../../../shaders/parts/*.wgsl', { query: '?raw' }));
  const stems = files.map((path) => path.replace(/^.*\/(.*)\.wgsl$/, '$1')).sort();
  expect(Object.values(parts).map(({ label }) => label)).toEqual(stems);
  for (const part of Object.values(parts)) {
    const users = kernels.filter((kernel) => kernel.parts?.includes(part));
    expect(users.length, part.label).toBeGreaterThan(1);
  }
});

test('the head of each shader names its parts', () => {
  for (const kernel of kernels) {
    const [head] = kernel.source.split('\n\n');
    const [, named] = /Parts: ([^.]*)\./.exec(head!.replaceAll('\n//', '')) ?? [];
    const labels = (kernel.parts ?? []).map(({ label }) => label);
    expect(named?.split(', ') ?? [], kernel.label).toEqual(labels);
  }
});

describe('an error in a shader', () => {
  const adder: ShaderPart = {
    label: 'adder',
    source: '// Adds.\n\nfn add_one(x: u32) -> u32 {\n  return x + 1u;\n}\n',
  };
  const broken: ShaderPart = { label: 'broken', source: 'const C = 3u;\nconst D: f32 = C;' };
  const compile = (o: { prelude: string; parts: readonly ShaderPart[]; source: string }) => {
    const { device } = context;
    const groupLayout = createBindGroupLayout(device, 'kernel', {});
    return compilePipeline(device, { ...o, label: 'kernel', overrides: {}, groupLayout });
  };
  const prelude = 'const A = 1u;\nconst B = 2u;';
  const wrong = '@compute @workgroup_size(A)\nfn main() { let x: f32 = B; }';
  const right = '@compute @workgroup_size(A)\nfn main() { let x = add_one(B); }';

  test('is reported with its own line, behind any prelude', async () => {
    await expect(compile({ prelude, parts: [], source: wrong })).rejects.toThrow(
      /^kernel\.wgsl:2:\d+: /,
    );
    await expect(compile({ prelude: '', parts: [], source: `\n${wrong}` })).rejects.toThrow(
      /^kernel\.wgsl:2:\d+: unresolved value 'A'/,
    );
  });

  test('is reported with its own line, behind prelude and parts', async () => {
    await compile({ prelude, parts: [adder], source: right });
    await expect(compile({ prelude, parts: [adder, adder], source: right })).rejects.toThrow(
      /^parts\/adder\.wgsl:3:\d+: /,
    );
    await expect(compile({ prelude, parts: [adder], source: wrong })).rejects.toThrow(
      /^kernel\.wgsl:2:\d+: /,
    );
  });

  test('is reported with the part and the line that it is in', async () => {
    await expect(compile({ prelude, parts: [adder, broken], source: right })).rejects.toThrow(
      /^parts\/broken\.wgsl:2:\d+: /,
    );
    await expect(
      compile({ prelude: `${prelude}\nconst E: f32 = B;`, parts: [adder], source: right }),
    ).rejects.toThrow(/^kernel\.wgsl:prelude:3:\d+: /);
  });
});
