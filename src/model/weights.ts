// Initialisers of a segment as ONNX tensors: weights are read from the checkpoint one tensor at a time and
// handed on as external data. Nothing is held once the session exists.
import type { NanochatCheckpoint } from '../core/nanochat';
import { ModelError } from './modelErrors';
import type { Initialiser, WeightRange } from './onnx/graph';
import type { TensorRecord } from './onnx/protobuf';

/** Below this many bytes a tensor lies in the model itself, where ONNX Runtime's optimiser sees it. */
const INLINE_BYTES = 16_384;

export type LoadedInitialisers = {
  records: TensorRecord[];
  externalData: { path: string; data: Uint8Array }[];
};

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Throws ModelError 'failed' when the checkpoint lacks a tensor or holds fewer values than the model asks. */
async function readRange(checkpoint: NanochatCheckpoint, part: WeightRange): Promise<Float32Array> {
  const source = checkpoint.tensors.get(part.tensor);
  if (source === undefined) {
    throw new ModelError('failed', `The checkpoint has no tensor ${part.tensor}.`);
  }
  const values = await source.read();
  const end = part.start + part.length;
  if (values.length < end) {
    throw new ModelError(
      'failed',
      `${part.tensor}: ${values.length} values, the model needs ${end}; shape [${source.shape.join(', ')}].`,
    );
  }
  return values.subarray(part.start, end);
}

async function readWeights(
  checkpoint: NanochatCheckpoint,
  parts: readonly WeightRange[],
): Promise<Float32Array> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return readRange(checkpoint, only);
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(await readRange(checkpoint, part), at);
    at += part.length;
  }
  return out;
}

async function readValues(
  checkpoint: NanochatCheckpoint,
  initialiser: Initialiser,
): Promise<Uint8Array> {
  switch (initialiser.kind) {
    case 'weights':
      return bytesOf(await readWeights(checkpoint, initialiser.parts));
    case 'float32':
      return bytesOf(initialiser.values);
    case 'int64':
      return bytesOf(BigInt64Array.from(initialiser.values, BigInt));
  }
}

/** `tell` is called after each initialiser. */
export async function loadInitialisers(
  initialisers: ReadonlyMap<string, Initialiser>,
  checkpoint: NanochatCheckpoint,
  tell: () => void,
): Promise<LoadedInitialisers> {
  const loaded: LoadedInitialisers = { records: [], externalData: [] };
  for (const [name, initialiser] of initialisers) {
    const bytes = await readValues(checkpoint, initialiser);
    const type = initialiser.kind === 'int64' ? 'int64' : 'float32';
    const head = { name, type, shape: initialiser.shape } as const;
    if (bytes.length <= INLINE_BYTES) {
      loaded.records.push({ ...head, data: { kind: 'inline', bytes } });
    } else {
      const path = `weights-${loaded.externalData.length}`;
      const data = { kind: 'external', path, length: bytes.length } as const;
      loaded.records.push({ ...head, data });
      loaded.externalData.push({ path, data: bytes });
    }
    tell();
  }
  return loaded;
}
