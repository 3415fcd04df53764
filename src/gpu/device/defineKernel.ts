// A kernel as one typed object: WGSL source, its bindings by name, its overrides, variants and grid. The
// binders in gpu/kernels build on it; this file knows no particular kernel.
import { invariant } from '../../core/errors';
import {
  createBindGroup,
  createBindGroupLayout,
  type BindingLayout,
  type Bindings,
} from './bindingLayout';
import type { GpuContext } from './device';
import { compilePipeline, memoizeAsync, type ShaderPart } from './pipelineCache';

/** Threads of a workgroup, LANES in the shader. A kernel that waits at barriers wants many on a GPU and one
 *  SIMD vector on a software adapter, where a barrier is a context switch between vectors. */
type Lanes = number | { readonly gpu: number; readonly software: number };

/** A number by its name in the shader or in the dispatch. */
type Sizes<N extends string> = Readonly<Record<N, number>>;

/** How many workgroups one dispatch has, from the kernel's overrides, its variant's constants (LANES among
 *  them) and `counts`, which the caller gives with each dispatch. A number is folded into a 2-D grid;
 *  [x, y, z] is taken as it stands. `threads` is a thread per item, so ⌈threads / LANES⌉ workgroups. */
export type GridSpec<C extends string, N extends string> = {
  /** what `encode` and `dispatch` ask for; absent: nothing */
  counts?: readonly C[];
} & (
  | { threads: (sizes: Sizes<N | 'LANES'>) => number }
  | { workgroups: (sizes: Sizes<N | 'LANES'>) => number | readonly [number, number, number] }
);

/** For kernels whose one workgroup walks over everything. */
export const ONE_WORKGROUP = { workgroups: () => 1 } as const;

/** One dispatch, by name. */
export type Dispatch = { label: string; record: (pass: GPUComputePassEncoder) => void };

/** Nothing for a kernel whose overrides say it all. */
type Counts<C extends string> = [C] extends [never] ? [] : [counts: Sizes<C>];

/** A kernel bound to its buffers. */
export type BoundKernel<C extends string = never> = {
  /** Records one dispatch over its grid; nothing where the grid is empty. */
  encode: (pass: GPUComputePassEncoder, ...counts: Counts<C>) => void;
  /** The same, to be recorded later. */
  dispatch: (...counts: Counts<C>) => Dispatch;
  /** A dispatch over the three u32 that `buffer` will hold at byte `offset`. */
  dispatchIndirect: (buffer: GPUBuffer, offset: number) => Dispatch;
};

export type PreparedKernel<L extends BindingLayout, C extends string = never> = {
  label: string;
  bind: (bindings: Bindings<L>, label?: string) => BoundKernel<C>;
};

export type KernelSpec<
  L extends BindingLayout,
  O extends string,
  C extends string,
  V extends string,
  K extends string,
> = {
  /** stem of the .wgsl file */
  label: string;
  source: string;
  /** shared WGSL that `source` uses, put in front of it */
  parts?: readonly ShaderPart[];
  /** `override` constants of the shader, all of them without default */
  overrides: readonly O[];
  layout: L;
  /** absent where every variant has a constant LANES of its own */
  lanes?: Lanes;
  grid: GridSpec<C, O | C | K>;
  /** variant name → constants put before everything else, numbers as u32 and booleans as bool; the first is
   *  the default. Absent: one variant without constants */
  variants?: Readonly<Record<V, Readonly<Record<K, number | boolean>>>>;
  /** variant name → lines put before its constants: `enable`, `alias` */
  directives?: Readonly<Record<V, string>>;
  /** override values that are legal together, for the test that compiles every variant; default 8 */
  example?: Partial<Record<O, number>>;
};

export type Kernel<
  L extends BindingLayout,
  O extends string,
  C extends string,
  V extends string,
  K extends string,
> = KernelSpec<L, O, C, V, K> & {
  /** Compiles (or finds) the pipeline. Throws KernelError with the line if this device refuses it. */
  prepare: (
    context: GpuContext,
    o: { overrides: Readonly<Record<O, number>>; variant?: NoInfer<V> },
  ) => Promise<PreparedKernel<L, C>>;
};

/** What tests need of a kernel, whatever its types. */
export type AnyKernel = {
  label: string;
  source: string;
  parts?: readonly ShaderPart[];
  overrides: readonly string[];
  layout: BindingLayout;
  lanes?: Lanes;
  variants?: Readonly<Record<string, Constants>>;
  directives?: Readonly<Record<string, string>>;
  example?: Readonly<Record<string, number | undefined>>;
};

type Constants = Readonly<Record<string, number | boolean>>;

export function defineKernel<
  const L extends BindingLayout,
  const O extends string = never,
  const C extends string = never,
  const V extends string = 'default',
  const K extends string = never,
>(spec: KernelSpec<L, O, C, V, K>): Kernel<L, O, C, V, K> {
  return {
    ...spec,
    prepare: async (context, { overrides, variant }) => {
      const { device } = context;
      const { label, source, layout, parts = [] } = spec;
      const name = variant ?? Object.keys(spec.variants ?? {})[0] ?? 'default';
      const constants = constantsOf(spec, name, context.isSoftware ? 'software' : 'gpu');
      const prelude = preludeOf(spec, name, constants);
      const groupLayout = createBindGroupLayout(device, label, layout);
      const key = JSON.stringify([label, prelude, spec.overrides.map((o) => overrides[o])]);
      const pipeline = await memoizeAsync(context.pipelines, key, () =>
        compilePipeline(device, {
          label,
          prelude,
          parts,
          source,
          overrides: Object.fromEntries(spec.overrides.map((o) => [o, overrides[o]])),
          groupLayout,
        }),
      );
      const grid = (counts: Sizes<C> | undefined) =>
        gridOf(spec.grid, { ...numbersOf(constants), ...overrides, ...counts } as Sizes<
          O | C | K | 'LANES'
        >);
      return {
        label,
        bind: (bindings, bindLabel = label) => {
          const group = createBindGroup(context, {
            label: bindLabel,
            layout,
            groupLayout,
            bindings,
          });
          return bound<C>({ label: bindLabel, pipeline, group, grid });
        },
      };
    },
  };
}

function bound<C extends string>(o: {
  label: string;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  grid: (counts: Sizes<C> | undefined) => readonly [number, number, number];
}): BoundKernel<C> {
  const { label, pipeline, group } = o;
  const dispatch = (...[counts]: Counts<C>): Dispatch => {
    const grid = o.grid(counts);
    return {
      label,
      record: (pass) => {
        if (grid.includes(0)) return;
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...grid);
      },
    };
  };
  return {
    dispatch,
    encode: (pass, ...counts) => {
      dispatch(...counts).record(pass);
    },
    dispatchIndirect: (buffer, offset) => ({
      label,
      record: (pass) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroupsIndirect(buffer, offset);
      },
    }),
  };
}

/** A variant's constants with LANES, and SOFTWARE where the width depends on the adapter. */
function constantsOf(
  { label, lanes, variants }: Pick<AnyKernel, 'label' | 'lanes' | 'variants'>,
  variant: string,
  adapter: 'gpu' | 'software',
): Constants & { LANES: number | boolean } {
  const own = variants?.[variant] ?? {};
  const ofAdapter =
    typeof lanes === 'object' ? { LANES: lanes[adapter], SOFTWARE: adapter === 'software' } : {};
  const LANES = own['LANES'] ?? (typeof lanes === 'number' ? lanes : ofAdapter.LANES);
  invariant(LANES !== undefined, `${label} (${variant}) without a number of lanes`);
  return { ...ofAdapter, ...own, LANES };
}

function preludeOf(kernel: Pick<AnyKernel, 'directives'>, variant: string, constants: Constants) {
  const lines = Object.entries(constants).map(([name, value]) =>
    typeof value === 'boolean'
      ? `const ${name}: bool = ${String(value)};\n`
      : `const ${name}: u32 = ${value}u;\n`,
  );
  return (kernel.directives?.[variant] ?? '') + lines.join('');
}

/** Every prelude that a kernel can be compiled with, by variant and adapter: for tests. */
export function preludesOf(kernel: AnyKernel): Map<string, string> {
  const adapters =
    typeof kernel.lanes === 'object' ? (['gpu', 'software'] as const) : (['gpu'] as const);
  const preludes = new Map<string, string>();
  for (const variant of Object.keys(kernel.variants ?? { default: {} })) {
    for (const adapter of adapters) {
      const constants = constantsOf(kernel, variant, adapter);
      const name = adapters.length > 1 ? `${variant}, ${adapter}` : variant;
      preludes.set(name, preludeOf(kernel, variant, constants));
    }
  }
  return preludes;
}

function numbersOf(constants: Constants): Record<string, number> {
  return Object.fromEntries(
    Object.entries(constants).map(([name, value]) => [name, Number(value)]),
  );
}

/** Workgroups of one dispatch; `sizes` holds overrides, counts and constants by name, LANES among them. */
export function gridOf<C extends string, N extends string>(
  grid: GridSpec<C, N>,
  sizes: Sizes<N | 'LANES'>,
): readonly [number, number, number] {
  const count =
    'threads' in grid ? Math.ceil(grid.threads(sizes) / sizes.LANES) : grid.workgroups(sizes);
  return typeof count === 'number' ? workgroupGrid(count) : count;
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
