// An imported model in one file of ours: a safetensors container under nanochat's names, each tensor in the
// precision it came in, with configuration, tokenizer and origin in its metadata. There is no pickle, and
// values are not checked again: they were checked on import. `storage` decides where the file lies.
import * as v from 'valibot';
import { FormatError } from '../../core/errors';
import type { NanochatCheckpoint, TensorDtype, TensorSource } from '../../core/model/nanochat';
import { f32ToF16 } from '../../core/numeric/float16';
import { DTYPE_BYTES } from '../archives/byteRange';
import type { CheckpointStage } from './checkpointStage';
import { detectRevision } from './nanochatRevision';
import { readSafetensors } from '../archives/safetensors';
import type { TokenizerFile } from './tokenizerPickle';

export type ConvertedModel = {
  id: string;
  /** hash over files and tokenizer alone; absent in files of versions whose id was that */
  filesHash?: string;
  name: string;
  stage: CheckpointStage;
  checkpoint: NanochatCheckpoint;
  tokenizer: TokenizerFile;
};

const METADATA_KEY = 'nanoscope';
/** Values read at once: 8 MiB of f32. */
const PART_VALUES = 2 * 2 ** 20;
const DTYPE_NAMES: Readonly<Record<TensorDtype, string>> = { f32: 'F32', f16: 'F16', bf16: 'BF16' };

const Metadata = v.object({
  id: v.string(),
  filesHash: v.exactOptional(v.string()),
  name: v.string(),
  step: v.nullable(v.number()),
  valBpb: v.nullable(v.number()),
  stage: v.object({ isChat: v.boolean(), why: v.string() }),
  /** what a transformers file may set; the rest of a revision follows from its tensors */
  revision: v.object({
    logitSoftcap: v.number(),
    normEps: v.number(),
    rotaryBase: v.number(),
    rotaryDtype: v.picklist(['f32', 'bf16']),
  }),
  byteLength: v.number(),
  config: v.object({
    sequence_len: v.number(),
    vocab_size: v.number(),
    n_layer: v.number(),
    n_head: v.number(),
    n_kv_head: v.number(),
    n_embd: v.number(),
    window_pattern: v.string(),
  }),
  tokenizer: v.object({
    name: v.string(),
    patStr: v.string(),
    /** tokens as latin-1 text, one UTF-16 unit a byte, with their ids */
    ranks: v.array(v.tuple([v.string(), v.number()])),
    specialTokens: v.array(v.tuple([v.string(), v.number()])),
  }),
});

const elementsOf = (tensor: TensorSource) => tensor.shape.reduce((product, n) => product * n, 1);

/** The whole file, in parts of bounded size. */
export async function* convertedModelParts(
  model: ConvertedModel,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { checkpoint, tokenizer, id, filesHash, name, stage } = model;
  const { step, valBpb, byteLength, config } = checkpoint;
  const { logitSoftcap, normEps, rotaryBase, rotaryDtype } = checkpoint.revision;
  const latin1 = (bytes: Uint8Array) => Array.from(bytes, (b) => String.fromCharCode(b)).join('');
  const metadata: v.InferOutput<typeof Metadata> = {
    id,
    ...(filesHash !== undefined && { filesHash }),
    name,
    stage,
    step,
    valBpb,
    byteLength,
    config,
    revision: { logitSoftcap, normEps, rotaryBase, rotaryDtype },
    tokenizer: {
      name: tokenizer.name,
      patStr: tokenizer.patStr,
      ranks: tokenizer.ranks.map(([bytes, rank]) => [latin1(bytes), rank]),
      specialTokens: [...tokenizer.specialTokens],
    },
  };
  const header: Record<string, unknown> = {
    __metadata__: { [METADATA_KEY]: JSON.stringify(metadata) },
  };
  let end = 0;
  for (const [tensorName, tensor] of checkpoint.tensors) {
    const start = end;
    end += elementsOf(tensor) * DTYPE_BYTES[tensor.dtype];
    const { shape } = tensor;
    header[tensorName] = { dtype: DTYPE_NAMES[tensor.dtype], shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  yield head;
  for (const tensor of checkpoint.tensors.values()) {
    const elements = elementsOf(tensor);
    for (let from = 0; from < elements; from += PART_VALUES) {
      const values = await tensor.readPart(from, Math.min(elements, from + PART_VALUES));
      yield narrow(values, tensor.dtype);
    }
  }
}

/** Back to the precision of the original values, without loss. */
function narrow(values: Float32Array, dtype: TensorDtype): Uint8Array<ArrayBuffer> {
  const bytes = (x: Float32Array | Uint16Array) =>
    new Uint8Array(x.buffer as ArrayBuffer, x.byteOffset, x.byteLength);
  switch (dtype) {
    case 'f32':
      return bytes(values);
    case 'f16':
      return bytes(f32ToF16(values));
    case 'bf16': {
      const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
      // A loop: `from` walks an iterator, some fifty times slower, and a model has many values.
      const upper = new Uint16Array(bits.length);
      for (let i = 0; i < bits.length; i++) upper[i] = bits[i]! >>> 16;
      return bytes(upper);
    }
    default:
      return dtype satisfies never;
  }
}

/** Reads the header only. Throws FormatError for anything that convertedModelParts did not write. */
export async function readConvertedModel(blob: Blob, fileName: string): Promise<ConvertedModel> {
  const { tensors, metadata } = await readSafetensors(blob, fileName);
  const facts = parseMetadata(metadata.get(METADATA_KEY), fileName);
  const shapes = new Map([...tensors].map(([name, tensor]) => [name, tensor.shape]));
  const bytesOf = (text: string) => Uint8Array.from(text, (unit) => unit.charCodeAt(0));
  return {
    id: facts.id,
    ...(facts.filesHash !== undefined && { filesHash: facts.filesHash }),
    name: facts.name,
    stage: facts.stage,
    checkpoint: {
      config: facts.config,
      revision: {
        ...detectRevision(shapes, facts.config),
        ...facts.revision,
      },
      step: facts.step,
      valBpb: facts.valBpb,
      parameterCount: [...tensors.values()].reduce((sum, tensor) => sum + elementsOf(tensor), 0),
      byteLength: facts.byteLength,
      tensors,
    },
    tokenizer: {
      name: facts.tokenizer.name,
      patStr: facts.tokenizer.patStr,
      ranks: facts.tokenizer.ranks.map(([text, rank]) => [bytesOf(text), rank]),
      specialTokens: new Map(facts.tokenizer.specialTokens),
    },
  };
}

function parseMetadata(text: string | undefined, fileName: string) {
  try {
    return v.parse(Metadata, JSON.parse(text ?? ''));
  } catch (cause) {
    throw new FormatError(`${fileName}: its description is damaged; import the model again`, {
      cause,
    });
  }
}
