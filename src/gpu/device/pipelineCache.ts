// Compiles compute pipelines asynchronously, once per device; a failure is reported with the line in the
// shader file and is never cached.

/** Returns the pending or finished value of `key`, making it at most once at a time. */
export function memoizeAsync<K, V>(
  cache: Map<K, Promise<V>>,
  key: K,
  make: () => Promise<V>,
): Promise<V> {
  const pending =
    cache.get(key) ??
    make().catch((cause: unknown) => {
      cache.delete(key);
      throw cause;
    });
  cache.set(key, pending);
  return pending;
}

/** WGSL that this device refuses. `message` has file, line of the .wgsl and the compiler's message. */
class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** WGSL that several kernels share: functions, constants, their types and their workgroup memory; no
 *  binding, override or entry point. */
export type ShaderPart = {
  /** stem of the file in shaders/parts */
  label: string;
  source: string;
  /** Declarations that a kernel with this part must make; with them it is valid WGSL by itself. */
  expects?: readonly string[];
};

export type PipelineRequest = {
  label: string;
  /** lines of `const`, `alias`, `enable` put before everything else */
  prelude: string;
  /** put between prelude and `source` */
  parts: readonly ShaderPart[];
  source: string;
  overrides: Readonly<Record<string, number>>;
  groupLayout: GPUBindGroupLayout;
};

/** A file's text and the line of the whole module on which it starts, counted from 0. */
type Segment = { file: string; firstLine: number };

/** The module that a request compiles, and which lines of it belong to which file. */
export function shaderModule({
  label,
  prelude,
  parts,
  source,
}: Pick<PipelineRequest, 'label' | 'prelude' | 'parts' | 'source'>): {
  code: string;
  segments: readonly Segment[];
} {
  const files = [
    { file: `${label}.wgsl:prelude`, text: prelude },
    ...parts.map((part) => ({ file: `parts/${part.label}.wgsl`, text: part.source })),
    { file: `${label}.wgsl`, text: source },
  ].filter(({ text }) => text !== '');
  const segments: Segment[] = [];
  let code = '';
  let firstLine = 0;
  for (const { file, text } of files) {
    const lines = `${text.trimEnd()}\n`;
    segments.push({ file, firstLine });
    code += lines;
    firstLine += lines.split('\n').length - 1;
  }
  return { code, segments };
}

export async function compilePipeline(
  device: GPUDevice,
  request: PipelineRequest,
): Promise<GPUComputePipeline> {
  const { label, overrides, groupLayout } = request;
  const { code, segments } = shaderModule(request);
  // A broken module is reported below with its line; the scope keeps it from being reported twice.
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code });
  const scope = device.popErrorScope();
  const info = await module.getCompilationInfo();
  const scopeError = await scope;
  const errors = info.messages.filter((message) => message.type === 'error');
  if (errors.length > 0 || scopeError !== null) {
    throw new KernelError(describe(label, errors, segments, scopeError));
  }
  try {
    return await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [groupLayout] }),
      compute: { module, entryPoint: 'main', constants: { ...overrides } },
    });
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new KernelError(`${label}.wgsl with ${JSON.stringify(overrides)}: ${words}`, { cause });
  }
}

/** One line an error: file, line and column in that file, the compiler's words. */
function describe(
  label: string,
  errors: readonly GPUCompilationMessage[],
  segments: readonly Segment[],
  scopeError: GPUError | null,
): string {
  const lines = errors.map(({ lineNum, linePos, message }) => {
    const own = segments.findLast(({ firstLine }) => firstLine < lineNum);
    const line = lineNum - (own?.firstLine ?? 0);
    return `${own?.file ?? `${label}.wgsl`}:${line}:${linePos}: ${message}`;
  });
  return lines.length > 0 ? lines.join('\n') : `${label}.wgsl: ${scopeError?.message ?? ''}`;
}
