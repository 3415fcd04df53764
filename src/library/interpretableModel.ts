// A nanochat model that can be read: activations at every hook point, features of SAEs, and steering by them.
import { machine } from '#machine';
import { HOOK_SITES, type HookPoint } from '../core/activations/hookPoint';
import type { ActiveLatent } from '../core/explore/activeText';
import { activePerToken } from '../core/explore/activeText';
import { ConfigError, invariant } from '../core/errors';
import { maskClassOf } from '../core/steer/steerMask';
import { DEFAULT_MASK, type Steering } from '../core/steer/steering';
import type { FilePlace } from '../engine/machine';
import type { ModelFacts } from '../engine/model/api';
import type { SaeFacts } from '../engine/sae/api';
import { prepareSteering } from '../engine/steer/preparedSteering';
import type { Tokenizer } from '../model/tokenizer';
import type { MachineChoice, Session } from '../engine/session';
import type { Sae } from './sae';

/** Token ids, or a text, which gets <|bos|> before it. */
export type TextInput = string | ArrayLike<number>;

/** What one forward pass computed for a text of T tokens. */
export type Interpretation = {
  /** [T], with <|bos|> first where a text was given */
  tokenIds: Int32Array;
  /** each token as it is printed, [T] */
  tokens: string[];
  /** [T, vocab_size], row-major, after the soft cap */
  logits: Float32Array;
  /** by hook point, [T, d_model] each, row-major, model units; names as in TransformerLens */
  activations: Map<HookPoint, Float32Array>;
};

/** What one SAE finds in the text that was interpreted. */
export type ActiveFeatures = {
  /** its name */
  sae: string;
  /** where it reads */
  hookPoint: HookPoint;
  /** [T], strongest first; of <|bos|> and other special tokens, too */
  perToken: ActiveLatent[][];
};

/** What a model is opened with besides its files, and where it runs. */
export type OpenOptions = MachineChoice & {
  /** of several model_<step>.pt; default: the latest */
  step?: number;
  /** tokenizer.pkl or .json, taken where none lies near the checkpoint */
  tokenizer?: FilePlace;
  /** text to train and measure on: a file or folder; default: corpus.jsonl beside the checkpoint, if there is one */
  data?: FilePlace;
  /** key of .jsonl, column of .parquet; default: text */
  dataField?: string;
};

/** A checkpoint with SAEs on it. Use `await using`, or call `dispose` when done. */
export class InterpretableModel {
  /** name, sizes, hook points, revision, where it runs */
  readonly facts: ModelFacts;
  /** the engine underneath, for what has no word here */
  readonly session: Session;
  #saes: { sae: Sae; known: SaeFacts }[] = [];
  #last: Interpretation | null = null;

  private constructor(session: Session, facts: ModelFacts) {
    this.session = session;
    this.facts = facts;
  }

  /** Opens nanochat's or transformers' files. place: their folder, one with such folders in it, or model_<step>.pt; an
   *  address is a Hugging Face repository, a folder whose page lists its files, or model_<step>.pt.
   *  Throws ConfigError for a place where nothing is, ProblemError with what is wrong with its files. */
  static async open(place: FilePlace, o: OpenOptions = {}): Promise<InterpretableModel> {
    const { device, threads, step, tokenizer, data, dataField: field } = o;
    const session = await machine.openSession({ device, threads });
    const facts = await machine.openCheckpoint(session, {
      place,
      ...(step !== undefined && { step }),
      ...(tokenizer !== undefined && { tokenizer }),
    });
    await machine.openText(session, { data, field, beside: place });
    return new InterpretableModel(session, facts);
  }

  /** The checkpoint's own. */
  get tokenizer(): Tokenizer {
    return this.session.hosts.modelHost.current().tokenizer;
  }

  /** Adds an SAE to those that `activeFeatures` and `steer` know. Throws ConfigError where it does not fit the model,
   *  with the field and both values. */
  async addSae(sae: Sae): Promise<SaeFacts> {
    const { d_in, hookPoint } = sae.facts;
    if (d_in !== this.facts.n_embd) {
      throw new ConfigError(
        `d_in: ${sae.name} has ${d_in}, ${this.facts.name} has n_embd ${this.facts.n_embd}`,
        'd_in',
      );
    }
    this.#checkHook(hookPoint);
    const before = this.#saes.find((one) => one.sae === sae);
    if (before !== undefined) return before.known;
    const known = await sae.openIn(this.session);
    this.#saes.push({ sae, known });
    return known;
  }

  /** Token ids of a text, with <|bos|> first; typed special tokens stay plain text. */
  tokenize(text: string): Int32Array {
    return Int32Array.of(
      this.tokenizer.specialTokenId('<|bos|>'),
      ...this.tokenizer.encodeOrdinary(text),
    );
  }

  /** One forward pass. hooks: which activations to keep; default: every hook point of every block.
   *  Throws ConfigError for a hook point that the model lacks, ModelError for a text longer than its context. */
  async interpret(
    input: TextInput,
    hooks: readonly HookPoint[] = this.facts.hookPoints,
  ): Promise<Interpretation> {
    for (const hook of hooks) this.#checkHook(hook);
    const tokenIds = this.#idsOf(input);
    const runtime = await this.session.hosts.modelHost.runtime();
    const logits = Float32Array.from(await runtime.logits(tokenIds, 1));
    const activations =
      hooks.length === 0 ? new Map<HookPoint, Float32Array>() : await this.#read(tokenIds, hooks);
    const tokens = Array.from(tokenIds, (id) => this.tokenizer.tokenText(id));
    this.#last = { tokenIds, tokens, logits, activations };
    return this.#last;
  }

  /** What the SAEs find in the text that was interpreted last. top: features kept per token; default: all.
   *  Throws ConfigError before anything was interpreted, and without SAEs. */
  async activeFeatures(o: { top?: number } = {}): Promise<ActiveFeatures[]> {
    if (this.#last === null) throw new ConfigError('activeFeatures: call interpret first', 'text');
    if (this.#saes.length === 0) throw new ConfigError('activeFeatures: add an SAE first', 'sae');
    const { tokenIds, activations } = this.#last;
    const backend = await this.session.hosts.device.sae();
    const found: ActiveFeatures[] = [];
    for (const { sae } of this.#saes) {
      const { hookPoint, d_in } = sae.facts;
      const data =
        activations.get(hookPoint) ?? (await this.#read(tokenIds, [hookPoint])).get(hookPoint);
      invariant(data !== undefined, `${hookPoint} was not read`);
      const encoder = await backend.createEncoder(sae.params);
      try {
        const x = { where: 'cpu', rows: tokenIds.length, cols: d_in, data } as const;
        const rows = Uint32Array.from(tokenIds, (_, i) => i);
        const perToken = activePerToken(await encoder.encode(x, rows));
        found.push({
          sae: sae.name,
          hookPoint,
          perToken: perToken.map((active) => active.slice(0, o.top ?? Infinity)),
        });
      } finally {
        encoder.dispose();
      }
    }
    return found;
  }

  /** Logits with one feature multiplied at every token but the special ones, [T, vocab_size].
   *  strength: 0 switches it off, 1 leaves it as it is, 2 doubles it. hook: the SAE's; it chooses among the SAEs.
   *  Throws ConfigError where no SAE of that hook point was added, or it has no such feature. */
  async steer(
    input: TextInput,
    { hook, latent, strength }: { hook: HookPoint; latent: number; strength: number },
  ): Promise<Pick<Interpretation, 'tokenIds' | 'logits'>> {
    const one = this.#saes.find(({ sae }) => sae.facts.hookPoint === hook);
    if (one === undefined) throw new ConfigError(`steer: no SAE at ${hook}; add one first`, 'hook');
    const tokenIds = this.#idsOf(input);
    const { hosts } = this.session;
    const edits = await prepareSteering(
      { ...hosts, vectors: { get: () => Promise.reject(new Error('invariant: no vectors here')) } },
      scaling(one.known.saeId, latent, strength),
      { lanes: ['steered'], maxRows: tokenIds.length, breathe: hosts.parts.breathe },
    );
    try {
      const bos = this.tokenizer.specialTokenId('<|bos|>');
      edits.prepare({
        lane: 0,
        position: 0,
        classes: Array.from(tokenIds, (id) =>
          maskClassOf({
            isBos: id === bos,
            isSpecial: this.tokenizer.isSpecial(id),
            isForced: false,
            isPrompt: true,
          }),
        ),
        values: () => [strength],
      });
      const runtime = await hosts.modelHost.runtime();
      const logits = Float32Array.from(await runtime.logits(tokenIds, 1, edits.edits));
      await edits.read();
      return { tokenIds, logits };
    } finally {
      edits.dispose();
    }
  }

  /** Frees the model's memory. */
  dispose(): Promise<void> {
    return this.session.close();
  }

  /** As `dispose`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #idsOf(input: TextInput): Int32Array {
    return typeof input === 'string' ? this.tokenize(input) : Int32Array.from(input);
  }

  #checkHook(hook: HookPoint): void {
    if (this.facts.hookPoints.includes(hook)) return;
    throw new ConfigError(
      `hook: ${hook} was given, ${this.facts.name} has blocks 0 to ${this.facts.n_layer - 1} with ${HOOK_SITES.join(', ')}`,
      'hook',
    );
  }

  async #read(
    tokenIds: Int32Array,
    hooks: readonly HookPoint[],
  ): Promise<Map<HookPoint, Float32Array>> {
    const { modelHost, device } = this.session.hosts;
    const backend = await device.sae();
    const capture = await (await modelHost.runtime()).capture(tokenIds, 1, hooks);
    try {
      const found = new Map<HookPoint, Float32Array>();
      for (const [hook, matrix] of capture.hooks) {
        found.set(hook, Float32Array.from(await backend.readMatrix(matrix)));
      }
      return found;
    } finally {
      capture.release();
    }
  }
}

function scaling(saeId: string, latentIndex: number, value: number): Steering {
  return {
    slots: [
      {
        id: 'slot-1',
        target: { kind: 'latent', saeId, latentIndex },
        hook: null,
        mode: 'scale',
        unit: 'max',
        value,
        isMuted: false,
        isSolo: false,
      },
    ],
    mask: DEFAULT_MASK,
    clip: null,
    automation: null,
    lanes: 'steered',
    streamLatents: 0,
  };
}
