// Errors of running a model, as sentences with the numbers and the way out. ort.ts converts ONNX Runtime's
// errors into them; nothing here knows ONNX Runtime.

export type ModelProblem =
  /** the GPU device is gone: a new device and a new runtime are needed */
  | 'device-lost'
  /** weights or activations did not fit */
  | 'out-of-memory'
  /** the context would exceed sequence_len */
  | 'context-full'
  /** used after dispose */
  | 'disposed'
  /** a file of the runtime itself did not arrive */
  | 'not-loaded'
  /** the runtime refused the graph or a run */
  | 'failed';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly problem: ModelProblem;
  constructor(problem: ModelProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** Throws ModelError 'context-full' when `length` tokens after `position` exceed sequence_len. */
export function checkContext(position: number, length: number, sequenceLen: number): void {
  if (position + length <= sequenceLen) return;
  throw new ModelError(
    'context-full',
    `The text is too long for this model: ${position + length} tokens, and it reads at most ` +
      `${sequenceLen}. Shorten the prompt or generate fewer tokens.`,
  );
}

/** `what`: the thing that did not fit, as an infinitive ("load the model"). */
export function outOfMemoryError(what: string, cause: unknown): ModelError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ModelError(
    'out-of-memory',
    `There is not enough memory to ${what} (${message}). Close other tabs, use a smaller batch or a ` +
      'smaller model.',
    { cause },
  );
}
