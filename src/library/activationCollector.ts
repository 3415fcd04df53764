// Activations as data: collected from a model over batches of tokens, kept in memory or on the device.
import type { HookPoint } from '../core/activations/hookPoint';
import { ConfigError, ShapeError } from '../core/errors';
import type { Matrix } from '../core/handles';
import { createCpuRowStore, type RowStore } from '../core/train/rowStore';
import type { EngineHosts } from '../engine/hosts';
import type { InterpretableModel } from './interpretableModel';

/** What stands at a hook point, token by token. */
export type Activations = {
  /** where they come from, by its TransformerLens name */
  hookPoint: HookPoint;
  /** tokens */
  rows: number;
  /** width: the model's n_embd */
  d_in: number;
  /** [rows, d_in], row-major, model units */
  data: Float32Array;
};

/** Activations that stay where SAEs are computed: in the GPU's memory, or the processor's where that computes them.
 *  `trainSaeFromActivations` takes them as they are. Disposed with their collector. */
export class DeviceActivations {
  /** where they come from, by its TransformerLens name */
  readonly hookPoint: HookPoint;
  /** tokens */
  readonly rows: number;
  /** width: the model's n_embd */
  readonly d_in: number;
  readonly #held: () => { hosts: EngineHosts; x: Matrix };

  /** @internal Made by `ActivationCollector.onDevice`. */
  constructor(
    { hookPoint, rows, d_in }: Omit<Activations, 'data'>,
    held: () => { hosts: EngineHosts; x: Matrix },
  ) {
    this.hookPoint = hookPoint;
    this.rows = rows;
    this.d_in = d_in;
    this.#held = held;
  }

  /** Copies them to the processor's memory. Throws ConfigError after the collector was disposed. */
  async read(): Promise<Activations> {
    const { hookPoint, rows, d_in } = this;
    const { hosts, x } = this.#held();
    const all = await (await hosts.device.sae()).readMatrix(x);
    return { hookPoint, rows, d_in, data: all.slice(0, rows * d_in) };
  }

  /** @internal */
  held(): { hosts: EngineHosts; x: Matrix } {
    return this.#held();
  }
}

/** Sequences of equal length; of a loader, each batch may have another. */
export type TokenBatch = readonly ArrayLike<number>[];

/** What is collected, and how much of it. */
export type CollectorOptions = {
  /** from one forward pass of all of them */
  hooks: readonly HookPoint[];
  /** tokens kept per hook point; memory: 4 · d_in bytes each */
  maxActivations: number;
  /** cpu: in the processor's memory, as arrays (`activations`). device: where SAEs are computed (`onDevice`), so that rows
   *  of a model on the GPU never leave it; at most what one of its bindings holds. Default: cpu */
  storage?: 'cpu' | 'device';
};

/** Collects what a model computes at hook points. Special tokens are read and left out. Use `using`, or call `dispose`
 *  when done: it holds hooks · maxActivations · d_in floats. */
export class ActivationCollector {
  readonly #model: InterpretableModel;
  readonly #options: Required<CollectorOptions>;
  /** empty before the first batch and after `dispose` */
  #stores = new Map<HookPoint, RowStore>();
  #rows = 0;

  /** Throws ConfigError for a hook point that the model lacks, and for no room. */
  constructor(
    model: InterpretableModel,
    { hooks, maxActivations, storage = 'cpu' }: CollectorOptions,
  ) {
    const missing = hooks.find((hook) => !model.facts.hookPoints.includes(hook));
    if (missing !== undefined || hooks.length === 0) {
      throw new ConfigError(
        `hooks: ${missing ?? 'none'} was given, ${model.facts.name} has blocks 0 to ${model.facts.n_layer - 1}`,
        'hooks',
      );
    }
    if (!Number.isInteger(maxActivations) || maxActivations < 1) {
      throw new ConfigError(
        `maxActivations must be a whole number from 1: ${maxActivations}`,
        'maxActivations',
      );
    }
    this.#model = model;
    this.#options = { hooks: [...new Set(hooks)], maxActivations, storage };
  }

  /** Tokens collected so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether maxActivations are there; what is added then is left out. */
  get isFull(): boolean {
    return this.#rows >= this.#options.maxActivations;
  }

  /** Reads one batch; tokens beyond maxActivations are left out. Throws ShapeError for sequences of unequal length, and
   *  ConfigError where the device has no room for maxActivations. */
  async add(batch: TokenBatch): Promise<void> {
    const length = batch[0]?.length ?? 0;
    if (this.isFull || length === 0) return;
    const tokenIds = idsOf(batch, length);
    const { tokenizer, session } = this.#model;
    const { hooks, maxActivations } = this.#options;
    const isCounted = (i: number) => !tokenizer.isSpecial(tokenIds[i] ?? 0);
    const counted = Uint32Array.from([...tokenIds.keys()].filter(isCounted)).subarray(
      0,
      maxActivations - this.#rows,
    );
    const { modelHost } = session.hosts;
    const stores = await this.#prepared();
    const runtime = await modelHost.runtime();
    const capture = await runtime.capture(tokenIds, batch.length, hooks);
    try {
      for (const [hook, matrix] of capture.hooks) {
        await stores.get(hook)?.append(matrix, counted, this.#rows);
      }
      this.#rows += counted.length;
    } finally {
      capture.release();
    }
  }

  /** A view of what was collected at one hook point. Throws ConfigError for one that is not collected, and where the
   *  rows are stored on the device. */
  activations(hookPoint: HookPoint): Activations {
    const facts = this.#factsOf(hookPoint, 'cpu');
    const x = this.#stores.get(hookPoint)?.matrix;
    const data = x?.where === 'cpu' ? x.data : new Float32Array();
    return { ...facts, data: data.subarray(0, facts.rows * facts.d_in) };
  }

  /** What was collected at one hook point, left where it is. Throws ConfigError for one that is not collected, and where
   *  the rows are stored in the processor's memory. */
  onDevice(hookPoint: HookPoint): DeviceActivations {
    const facts = this.#factsOf(hookPoint, 'device');
    const store = this.#stores.get(hookPoint);
    return new DeviceActivations(facts, () => {
      if (store === undefined || this.#stores.get(hookPoint) !== store) {
        throw new ConfigError(`${hookPoint}: its collector holds no rows any more`, 'hook');
      }
      return {
        hosts: this.#model.session.hosts,
        x: firstRows(store.matrix, facts.rows),
      };
    });
  }

  /** Gives the memory back; arrays stay valid until they are dropped, rows on the device do not. */
  dispose(): void {
    for (const store of this.#stores.values()) store.dispose();
    this.#stores = new Map();
    this.#rows = 0;
  }

  /** As `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  async #prepared(): Promise<ReadonlyMap<HookPoint, RowStore>> {
    if (this.#stores.size > 0) return this.#stores;
    const { hooks, maxActivations: rows, storage } = this.#options;
    const backend = await this.#model.session.hosts.device.sae();
    const room = { rows, d: this.#model.facts.n_embd };
    const stores = new Map<HookPoint, RowStore>();
    try {
      for (const hook of hooks) {
        const store =
          storage === 'cpu'
            ? createCpuRowStore(room, backend.readMatrix)
            : backend.createRowStore(room);
        stores.set(hook, store);
      }
    } catch (cause) {
      for (const store of stores.values()) store.dispose();
      throw cause;
    }
    this.#stores = stores;
    return stores;
  }

  #factsOf(hookPoint: HookPoint, storage: 'cpu' | 'device'): Omit<Activations, 'data'> {
    const { hooks, storage: used } = this.#options;
    if (!hooks.includes(hookPoint)) {
      throw new ConfigError(`${hookPoint}: not collected here`, 'hook');
    }
    if (used !== storage) {
      throw new ConfigError(
        `storage: ${used}; its rows are given by ${used === 'cpu' ? 'activations' : 'onDevice'}`,
        'storage',
      );
    }
    return { hookPoint, rows: this.#rows, d_in: this.#model.facts.n_embd };
  }
}

/** [sequences, length]. Throws ShapeError where one is longer or shorter. */
function idsOf(batch: TokenBatch, length: number): Int32Array {
  const tokenIds = new Int32Array(batch.length * length);
  for (const [i, sequence] of batch.entries()) {
    if (sequence.length !== length) {
      throw new ShapeError(
        `sequence ${i} has ${sequence.length} tokens, the first of its batch ${length}`,
      );
    }
    tokenIds.set(Array.from(sequence), i * length);
  }
  return tokenIds;
}

function firstRows(x: Matrix, rows: number): Matrix {
  if (x.where === 'gpu') return { ...x, rows };
  return { ...x, rows, data: x.data.subarray(0, rows * x.cols) };
}

/** Collects until maxActivations, or the end of the loader, any (async) iterable of token batches: `textBatches`, or
 *  your own. */
export async function collectActivations(
  model: InterpretableModel,
  loader: AsyncIterable<TokenBatch> | Iterable<TokenBatch>,
  o: Omit<CollectorOptions, 'storage'> & { onProgress?: (rows: number, most: number) => void },
): Promise<Map<HookPoint, Activations>> {
  const collector = new ActivationCollector(model, o);
  for await (const batch of loader) {
    await collector.add(batch);
    o.onProgress?.(collector.rows, o.maxActivations);
    if (collector.isFull) break;
  }
  return new Map(o.hooks.map((hook) => [hook, collector.activations(hook)]));
}

/** The model's text as token batches: packed into sequences, each beginning with <|bos|>, in an order that `seed`
 *  decides. part: 'train' leaves out the tenth that evaluations read. Throws ConfigError for a text that is too short. */
export async function* textBatches(
  model: InterpretableModel,
  o: { part?: 'train' | 'heldOut'; contextSize?: number; batchSize?: number; seed?: number } = {},
): AsyncGenerator<TokenBatch> {
  const { corpusHost } = model.session.hosts;
  const { contextSize = Math.min(256, model.facts.sequence_len), batchSize = 4, seed = 0 } = o;
  const packed = await corpusHost.pack(model.tokenizer, o.part ?? 'train', {
    contextSize,
    seed,
    epoch: 0,
  });
  for (let first = 0; first < packed.count; first += batchSize) {
    const count = Math.min(batchSize, packed.count - first);
    yield Array.from({ length: count }, (_, i) => packed.sequence(first + i));
  }
}
