// onnxruntime-node, ONNX Runtime as machine code instead of WebAssembly: an optional package, taken where it is installed.
import type * as OrtModule from 'onnxruntime-web/webgpu';

/** Resolved when it runs, and by no compiler: it need not be there. */
const NAME: string = 'onnxruntime-node';

/** null where it is not installed. Its sessions and tensors have the types of onnxruntime-web, both being
 *  onnxruntime-common's. */
export async function importNative(): Promise<typeof OrtModule | null> {
  try {
    return (await import(/* @vite-ignore */ NAME)) as typeof OrtModule;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
}

/** In Node's words, and in Vite's, which runs the tests and stands in for an optional package that is not there. */
function isMissing(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || message.startsWith(`Could not resolve "${NAME}"`);
}
