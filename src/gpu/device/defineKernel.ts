// A kernel as one typed object: WGSL source, its bindings by name, its overrides and its variants. The
// binders in gpu/kernels build on it; this file knows no particular kernel.
import {
  createBindGroup,
  createBindGroupLayout,
  type BindingLayout,
  type Bindings,
} from './bindingLayout';
import type { GpuContext } from './device';
import { compilePipeline, memoizeAsync, type ShaderPart } from './pipelineCache';

/** A count of workgroups is folded into a 2-D grid; [x, y, z] is taken as it stands; indirect reads
 *  three u32 from a buffer. Shaders rebuild the id by `workgroup_number` of parts/grid.wgsl and return when
 *  it is past their own count. */
export type Grid =
  number | readonly [number, number, number] | { indirect: GPUBuffer; offset: number };

/** A kernel bound to its buffers. */
type BoundKernel = {
  /** Records one dispatch; `dynamicOffsets` in binding order of the 'uniform-dynamic' bindings. */
  encode: (pass: GPUComputePassEncoder, grid: Grid, dynamicOffsets?: readonly number[]) => void;
};

export type PreparedKernel<L extends BindingLayout> = {
  label: string;
  bind: (bindings: Bindings<L>, label?: string) => BoundKernel;
};

export type KernelSpec<L extends BindingLayout, O extends string, V extends string> = {
  /** stem of the .wgsl file */
  label: string;
  source: string;
  /** shared WGSL that `source` uses, put in front of it */
  parts?: readonly ShaderPart[];
  /** `override` constants of the shader, all of them without default */
  overrides: readonly O[];
  layout: L;
  /** variant name → prelude; the first is the default. Absent: one variant without prelude */
  variants?: Readonly<Record<V, string>>;
  /** override values that are legal together, for the test that compiles every variant; default 8 */
  example?: Partial<Record<O, number>>;
};

export type Kernel<L extends BindingLayout, O extends string, V extends string> = KernelSpec<
  L,
  O,
  V
> & {
  /** Compiles (or finds) the pipeline. Throws KernelError with the line if this device refuses it. */
  prepare: (
    context: GpuContext,
    o: { overrides: Readonly<Record<O, number>>; variant?: NoInfer<V> },
  ) => Promise<PreparedKernel<L>>;
};

/** What tests need of a kernel, whatever its types. */
export type AnyKernel = {
  label: string;
  source: string;
  parts?: readonly ShaderPart[];
  overrides: readonly string[];
  layout: BindingLayout;
  variants?: Readonly<Record<string, string>>;
  example?: Readonly<Record<string, number | undefined>>;
};

export function defineKernel<
  const L extends BindingLayout,
  const O extends string = never,
  const V extends string = 'default',
>(spec: KernelSpec<L, O, V>): Kernel<L, O, V> {
  return {
    ...spec,
    prepare: async (context, { overrides, variant }) => {
      const { device } = context;
      const { label, source, layout } = spec;
      const name = variant ?? Object.keys(spec.variants ?? {})[0] ?? 'default';
      const prelude = spec.variants?.[name as V] ?? '';
      const groupLayout = createBindGroupLayout(device, label, layout);
      const key = JSON.stringify([label, name, spec.overrides.map((o) => overrides[o])]);
      const pipeline = await memoizeAsync(context.pipelines, key, () =>
        compilePipeline(device, {
          label,
          prelude,
          parts: spec.parts ?? [],
          source,
          overrides: Object.fromEntries(spec.overrides.map((o) => [o, overrides[o]])),
          groupLayout,
        }),
      );
      return {
        label,
        bind: (bindings, bindLabel = label) =>
          bound(
            pipeline,
            createBindGroup(context, { label: bindLabel, layout, groupLayout, bindings }),
          ),
      };
    },
  };
}

function bound(pipeline: GPUComputePipeline, group: GPUBindGroup): BoundKernel {
  return {
    encode: (pass, grid, dynamicOffsets = []) => {
      const direct = isIndirect(grid)
        ? null
        : typeof grid === 'number'
          ? workgroupGrid(grid)
          : grid;
      if (direct?.includes(0) === true) return;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group, [...dynamicOffsets]);
      if (isIndirect(grid)) pass.dispatchWorkgroupsIndirect(grid.indirect, grid.offset);
      else if (direct !== null) pass.dispatchWorkgroups(...direct);
    },
  };
}

function isIndirect(grid: Grid): grid is { indirect: GPUBuffer; offset: number } {
  return typeof grid === 'object' && 'indirect' in grid;
}

/** Widest row of a folded grid, as in parts/grid.wgsl; a dimension may hold 65,535 (kernels.md §1). */
const GRID_ROW = 32_768;

/** `count` workgroups as a 2-D grid. Up to 32,767 ids past `count` run: the shader must drop them. */
export function workgroupGrid(count: number): [number, number, number] {
  return [Math.min(count, GRID_ROW), Math.ceil(count / GRID_ROW), 1];
}

/** Runs `record` in one compute pass of its own encoder and submits it. */
export function submitPass(
  context: GpuContext,
  label: string,
  record: (pass: GPUComputePassEncoder) => void,
): void {
  const encoder = context.device.createCommandEncoder({ label });
  const pass = encoder.beginComputePass({ label });
  record(pass);
  pass.end();
  context.device.queue.submit([encoder.finish()]);
}
