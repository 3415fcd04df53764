// Activations as data: collected from a model over batches of tokens, kept in memory.
import type { HookPoint } from '../core/activations/hookPoint';
import { ConfigError, ShapeError } from '../core/errors';
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

/** Sequences of equal length; of a loader, each batch may have another. */
export type TokenBatch = readonly ArrayLike<number>[];

/** What is collected, and how much of it. */
export type CollectorOptions = {
  /** from one forward pass of all of them */
  hooks: readonly HookPoint[];
  /** tokens kept per hook point; memory: 4 · d_in bytes each */
  maxActivations: number;
};

/** Collects what a model computes at hook points, in the processor's memory wherever the model runs. Special tokens are
 *  read and left out. Use `using`, or call `dispose` when done: it holds hooks · maxActivations · d_in floats. */
export class ActivationCollector {
  readonly #model: InterpretableModel;
  readonly #hooks: readonly HookPoint[];
  #data: Map<HookPoint, Float32Array>;
  readonly #most: number;
  #rows = 0;

  /** Throws ConfigError for a hook point that the model lacks, and for no room. */
  constructor(model: InterpretableModel, { hooks, maxActivations }: CollectorOptions) {
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
    this.#hooks = [...new Set(hooks)];
    this.#most = maxActivations;
    const size = maxActivations * model.facts.n_embd;
    this.#data = new Map(this.#hooks.map((hook) => [hook, new Float32Array(size)]));
  }

  /** Tokens collected so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether maxActivations are there; what is added then is left out. */
  get isFull(): boolean {
    return this.#rows >= this.#most;
  }

  /** Reads one batch; tokens beyond maxActivations are left out. Throws ShapeError for sequences of unequal length. */
  async add(batch: TokenBatch): Promise<void> {
    const length = batch[0]?.length ?? 0;
    if (this.isFull || length === 0) return;
    const tokenIds = new Int32Array(batch.length * length);
    for (const [i, sequence] of batch.entries()) {
      if (sequence.length !== length) {
        throw new ShapeError(
          `sequence ${i} has ${sequence.length} tokens, the first of its batch ${length}`,
        );
      }
      tokenIds.set(Array.from(sequence), i * length);
    }
    const { hosts } = this.#model.session;
    const { tokenizer } = this.#model;
    const counted = [...tokenIds.keys()]
      .filter((i) => !tokenizer.isSpecial(tokenIds[i] ?? 0))
      .slice(0, this.#most - this.#rows);
    const backend = await hosts.device.sae();
    const runtime = await hosts.modelHost.runtime();
    const capture = await runtime.capture(tokenIds, batch.length, this.#hooks);
    try {
      for (const [hook, matrix] of capture.hooks) {
        const all = await backend.readMatrix(matrix);
        const d = matrix.cols;
        for (const [i, row] of counted.entries()) {
          const values = all.subarray(row * d, (row + 1) * d);
          this.#data.get(hook)?.set(values, (this.#rows + i) * d);
        }
      }
      this.#rows += counted.length;
    } finally {
      capture.release();
    }
  }

  /** A view of what was collected at one hook point. Throws ConfigError for one that is not collected. */
  activations(hookPoint: HookPoint): Activations {
    const data = this.#data.get(hookPoint);
    if (data === undefined) throw new ConfigError(`${hookPoint}: not collected here`, 'hook');
    const d_in = this.#model.facts.n_embd;
    return { hookPoint, rows: this.#rows, d_in, data: data.subarray(0, this.#rows * d_in) };
  }

  /** Gives the memory back; views of it stay valid until they are dropped. */
  dispose(): void {
    this.#data = new Map();
    this.#rows = 0;
  }

  /** As `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Collects until maxActivations, or the end of the loader, any (async) iterable of token batches: `textBatches`, or
 *  your own. */
export async function collectActivations(
  model: InterpretableModel,
  loader: AsyncIterable<TokenBatch> | Iterable<TokenBatch>,
  o: CollectorOptions & { onProgress?: (rows: number, most: number) => void },
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
