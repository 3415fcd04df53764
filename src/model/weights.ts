// Initialisers of a segment as ONNX tensors: weights are read from the checkpoint in bounded parts, turned
// into the form that the graph needs and passed on as external data. Nothing is kept once the session
// exists.
import { f32ToF16 } from '../core/numeric/float16';
import type { NanochatCheckpoint } from '../core/model/nanochat';
import { quantise } from '../core/model/quantise';
import { QUANT_BLOCK, type WeightForm } from '../core/model/weightPrecision';
import { ModelError } from './modelErrors';
import type { Initialiser, WeightRange } from './onnx/graph';
import type { ElementType, TensorRecord } from './onnx/protobuf';

/** Tensors below this many bytes are stored in the model itself, where ONNX Runtime's optimiser sees them. */
const INLINE_BYTES = 16_384;
/** Values read at once: 8 MiB of f32, whole blocks of quantisation. */
const PART_VALUES = 2 * 2 ** 20;

export type LoadedInitialisers = {
  records: TensorRecord[];
  externalData: { path: string; data: Uint8Array }[];
};

const STORED_AS = { f32: 'float32', f16: 'float16', q8: 'uint8', q4: 'uint8' } as const;

function bytesOf(values: Float32Array | Uint16Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Visits the values of the ranges in order, PART_VALUES at most at a time; `at` counts them over all ranges.
 *  Throws ModelError 'failed' if the checkpoint lacks a tensor or some of its values. */
async function forEachPart(
  checkpoint: NanochatCheckpoint,
  parts: readonly WeightRange[],
  visit: (values: Float32Array, offset: number) => void,
): Promise<void> {
  let offset = 0;
  for (const { tensor, start, length } of parts) {
    const source = checkpoint.tensors.get(tensor);
    const held = source?.shape.reduce((product, n) => product * n, 1) ?? 0;
    if (source === undefined) {
      throw new ModelError('failed', `The checkpoint has no tensor ${tensor}.`);
    }
    const end = start + length;
    if (held < end) {
      const shape = source.shape.join(', ');
      throw new ModelError(
        'failed',
        `${tensor}: ${held} values, the model needs ${end}; shape [${shape}].`,
      );
    }
    for (let from = start; from < end; from += PART_VALUES) {
      const values = await source.readPart(from, Math.min(end, from + PART_VALUES));
      visit(values, offset);
      offset += values.length;
    }
  }
}

/** Weights in their form; `scales` of a quantised one. */
async function readWeights(
  checkpoint: NanochatCheckpoint,
  parts: readonly WeightRange[],
  form: WeightForm,
): Promise<{ bytes: Uint8Array; scales: Float32Array | null }> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (form === 'f32') {
    const all = new Float32Array(length);
    await forEachPart(checkpoint, parts, (values, offset) => {
      all.set(values, offset);
    });
    return { bytes: bytesOf(all), scales: null };
  }
  if (form === 'f16') {
    const all = new Uint16Array(length);
    await forEachPart(checkpoint, parts, (values, offset) => {
      checkHalf(values, parts);
      all.set(f32ToF16(values), offset);
    });
    return { bytes: bytesOf(all), scales: null };
  }
  const bits = form === 'q8' ? 8 : 4;
  const bytes = new Uint8Array((length * bits) / 8);
  const scales = new Float32Array(length / QUANT_BLOCK);
  await forEachPart(checkpoint, parts, (values, offset) => {
    const quantised = quantise(values, bits);
    bytes.set(quantised.codes, (offset * bits) / 8);
    scales.set(quantised.scales, offset / QUANT_BLOCK);
  });
  return { bytes, scales };
}

/** f16 ends at 65,504: a larger weight would become infinite. */
function checkHalf(values: Float32Array, parts: readonly WeightRange[]): void {
  const large = values.find((value) => Math.abs(value) > 65_504);
  if (large === undefined) return;
  const names = parts.map((part) => part.tensor).join(', ');
  throw new ModelError(
    'failed',
    `${names}: the weight ${large} is beyond 65,504, the largest that f16 has. Choose f32 or int8.`,
  );
}

/** `tell` is called after each initialiser. */
export async function loadInitialisers(
  initialisers: ReadonlyMap<string, Initialiser>,
  checkpoint: NanochatCheckpoint,
  tell: () => void,
): Promise<LoadedInitialisers> {
  const loaded: LoadedInitialisers = { records: [], externalData: [] };
  const add = (name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array) => {
    const head = { name, type, shape };
    if (bytes.length <= INLINE_BYTES) {
      loaded.records.push({ ...head, data: { kind: 'inline', bytes } });
      return;
    }
    const path = `weights-${loaded.externalData.length}`;
    loaded.records.push({ ...head, data: { kind: 'external', path, length: bytes.length } });
    loaded.externalData.push({ path, data: bytes });
  };
  /** Scales are computed together with their codes and kept here until they are written. */
  const scalesOf = new Map<string, Float32Array>();
  for (const [name, initialiser] of initialisers) {
    const { shape } = initialiser;
    if (initialiser.kind === 'weights') {
      const { parts, form } = initialiser;
      const { bytes, scales } = await readWeights(checkpoint, parts, form);
      if (scales !== null) scalesOf.set(name, scales);
      add(name, STORED_AS[form], shape, bytes);
    } else if (initialiser.kind === 'scales') {
      const scales = scalesOf.get(initialiser.of);
      if (scales === undefined) throw new Error(`invariant: ${name} before its codes`);
      add(name, 'float32', shape, bytesOf(scales));
    } else if (initialiser.kind === 'float32') {
      add(name, 'float32', shape, bytesOf(initialiser.values));
    } else {
      add(name, 'int64', shape, bytesOf(BigInt64Array.from(initialiser.values, BigInt)));
    }
    tell();
  }
  return loaded;
}
