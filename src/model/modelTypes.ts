// The engine's view of a running model: captures, logits and decoding, with matrices that stay where
// they were computed. No ONNX, no GPU type and no file format is named here.
import type { DeviceHandle, Matrix } from '../core/handles';
import type { HookPoint } from '../core/activations/hookPoint';
import type { NanochatCheckpoint } from '../core/model/nanochat';
import type { WeightPrecision } from '../core/model/weightPrecision';

export type Backend = 'webgpu' | 'wasm';
/** what onnxruntime-node computes on */
export type NativeProvider = 'cuda' | 'cpu';

export type ModelRuntimeOptions = {
  checkpoint: NanochatCheckpoint;
  backend: Backend;
  /** the device that sessions compute on; needed for 'webgpu', ignored for 'wasm' */
  device: DeviceHandle | null;
  /** asked after a failed run: whether the device still answers. Absent: as long as no loss was told */
  isDeviceUsable?: () => Promise<boolean>;
  /** of the 'wasm' backend, for all models of one process; default: every core (up to 8) in an isolated page, else 1 */
  threads?: number;
  /** Node's alone: in place of 'wasm' where onnxruntime-node is installed, on the first of these that works */
  native?: readonly NativeProvider[];
  /** how weights are kept; default 'f32'. 'f16' on 'webgpu' needs a device with shader-f16 */
  weightPrecision?: WeightPrecision;
  /** most values of one initialiser and bytes of one session's weights; tests lower them to force cuts */
  cuts?: { blockValues: number; segmentBytes: number };
  /** called while weights are read: tensors done, tensors in total */
  onProgress?: (done: number, total: number) => void;
  /** 'webgpu': fail when an operator would leave the GPU (tests); default false */
  strictPlacement?: boolean;
  /** plans whose sessions (each with its weights) are kept; the least recently used is dropped. Default 3 */
  maxPlans?: number;
};

/** Where an edit happens: x has lanes · length rows, lane-major; row (lane, i) is at position + i. */
export type EditPlace = { lanes: number; length: number; position: number };

/** A change of the model at one hook point. `apply` changes x in place and returns it, or returns a
 *  replacement of the same shape, which the edit still owns and must keep until the call returns. */
export type Edit = {
  hook: HookPoint;
  apply: (x: Matrix, place: EditPlace) => Promise<Matrix> | Matrix;
};

/** Reads one hook point of a running model after its edits, without changing it: this needs no cut of
 *  the graph. x is only valid until `see` returns: copy it, or enqueue its readers. */
export type Watcher = { hook: HookPoint; see: (x: Matrix, place: EditPlace) => void };

/** Hook outputs, [count · length, d_model] each; read or copy them before `release`. */
export type Capture = { hooks: ReadonlyMap<HookPoint, Matrix>; release: () => void };

export type DecodeOptions = {
  lanes: number;
  edits: readonly Edit[];
  watchers?: readonly Watcher[];
};

export type DecodeSession = {
  readonly lanes: number;
  /** tokens read so far by each lane */
  readonly position: number;
  /** Reads `length` more tokens per lane; tokenIds is [lanes · length], lane-major. Returns the logits
   *  of each lane's last position, [lanes, vocab_size]. One step at a time. */
  step: (tokenIds: Int32Array) => Promise<Float32Array>;
  /** From now on lane i continues from the state of lane sources[i]: KV cache and smear state are copied.
   *  Throws ModelError for a lane that does not exist. */
  pickLanes: (sources: readonly number[]) => Promise<void>;
  dispose: () => void;
};

export type ModelRuntime = {
  readonly checkpoint: NanochatCheckpoint;
  readonly backend: Backend;
  /** what computes, as reports call it (`Ort.provider`); none: rows of a file, without a model */
  readonly provider: () => string;
  readonly weightPrecision: WeightPrecision;
  /** false: rows of a file stand in a model's place, and nothing predicts. Absent: it does */
  readonly predicts?: false;
  /** One forward pass over `count` sequences of equal length, tokenIds [count · length], without
   *  cache. Stops at the last captured hook: no later layers, no lm_head. */
  capture: (tokenIds: Int32Array, count: number, hooks: readonly HookPoint[]) => Promise<Capture>;
  /** Logits of every position, [count · length, vocab_size], without cache. */
  logits: (tokenIds: Int32Array, count: number, edits?: readonly Edit[]) => Promise<Float32Array>;
  startDecode: (o: DecodeOptions) => Promise<DecodeSession>;
  /** Releases every session; the device stays alive, because it is not ours. */
  dispose: () => Promise<void>;
};
