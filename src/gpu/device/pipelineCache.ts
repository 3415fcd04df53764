// Compiles compute pipelines asynchronously, once per device; a failure is reported with the shader's
// own line and is never remembered.

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

/** WGSL that this device refuses. `message` holds file, line of the .wgsl and the compiler's words. */
class KernelError extends Error {
  override readonly name = 'KernelError';
}

export type PipelineRequest = {
  label: string;
  /** lines of `const`, `alias`, `enable` put before `source` */
  prelude: string;
  source: string;
  overrides: Readonly<Record<string, number>>;
  groupLayout: GPUBindGroupLayout;
};

export async function compilePipeline(
  device: GPUDevice,
  request: PipelineRequest,
): Promise<GPUComputePipeline> {
  const { label, prelude, source, overrides, groupLayout } = request;
  const head = prelude === '' ? '' : `${prelude.trimEnd()}\n`;
  // A broken module is reported below, with its line; the scope keeps it from being uncaptured too.
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code: head + source });
  const scope = device.popErrorScope();
  const info = await module.getCompilationInfo();
  const scopeError = await scope;
  const errors = info.messages.filter((message) => message.type === 'error');
  if (errors.length > 0 || scopeError !== null) {
    throw new KernelError(describe(label, errors, head, scopeError));
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

function describe(
  label: string,
  errors: readonly GPUCompilationMessage[],
  head: string,
  scopeError: GPUError | null,
): string {
  const headLines = head.split('\n').length - 1;
  const lines = errors.map(({ lineNum, linePos, message }) => {
    const line = lineNum - headLines;
    return `${label}.wgsl:${line > 0 ? line : `prelude ${lineNum}`}:${linePos}: ${message}`;
  });
  return lines.length > 0 ? lines.join('\n') : `${label}.wgsl: ${scopeError?.message ?? ''}`;
}
