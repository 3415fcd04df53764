// The model of tests on streaming text: the demo's by default; with STREAM_TOKEN_MS a stub that takes so many
// milliseconds a token (0: none), so that the same tests show that they depend on no speed. `npm run test:stress` sets it.
import {
  HOOK_SITES,
  parseHookPoint,
  type HookPoint,
} from '../../../src/core/activations/hookPoint';
import type { CpuMatrix } from '../../../src/core/handles';
import { makeRng } from '../../../src/core/numeric/rng';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type {
  Edit,
  EditPlace,
  ModelRuntime,
  ModelRuntimeOptions,
  Watcher,
} from '../../../src/model/modelTypes';

const setting = process.env['STREAM_TOKEN_MS'];
const TOKEN_MS = setting === undefined || setting === '' ? null : Number(setting);

/** Takes as long as a token of the chosen model beside its computing. */
export async function tokenPause(): Promise<void> {
  if (TOKEN_MS !== null && TOKEN_MS > 0) await sleep(TOKEN_MS);
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What EngineParts.createRuntime is in these tests. */
export function createStreamRuntime(o: ModelRuntimeOptions): Promise<ModelRuntime> {
  return TOKEN_MS === null ? createModelRuntime(o) : Promise.resolve(makeStub(o));
}

/** Size of a residual's entries, so that steering changes a text and does not drown it. */
const RESIDUAL_SIZE = 8;
/** Logits of order 2, as far apart as a trained model's. */
const LOGIT_SIZE = 2;
/** Logits are made of so many numbers of a residual: fast, whatever the vocabulary. */
const RANK = 8;

/** A model without layers: a token's residual is its embedding, which every hook point sees and edits change in the
 *  model's order; logits are products of a few mixtures of it with random rows. Computes a token in microseconds. */
function makeStub({ checkpoint, backend, weightPrecision }: ModelRuntimeOptions): ModelRuntime {
  const { n_embd: width, vocab_size: vocabSize } = checkpoint.config;
  const random = (stream: number, count: number, size: number) => {
    const rng = makeRng(20_261, stream);
    return Float32Array.from({ length: count }, () => size * rng.normal());
  };
  const embedding = random(0, vocabSize * width, RESIDUAL_SIZE);
  const mixing = random(1, RANK * width, 1 / (RESIDUAL_SIZE * Math.sqrt(width)));
  const unembedding = random(2, vocabSize * RANK, LOGIT_SIZE / Math.sqrt(RANK));

  /** The residual of each token after edits and watchers, [tokens, width]. */
  const run = async (
    tokenIds: Int32Array,
    place: EditPlace,
    edits: readonly Edit[],
    watchers: readonly Watcher[],
  ): Promise<CpuMatrix> => {
    const data = new Float32Array(tokenIds.length * width);
    tokenIds.forEach((id, row) => {
      data.set(embedding.subarray(id * width, (id + 1) * width), row * width);
    });
    let x: CpuMatrix = { where: 'cpu', rows: tokenIds.length, cols: width, data };
    const hooks = [...new Set([...edits, ...watchers].map(({ hook }) => hook))].sort(inModelOrder);
    for (const hook of hooks) {
      for (const edit of edits.filter((one) => one.hook === hook)) {
        const changed = await edit.apply(x, place);
        if (changed.where !== 'cpu') throw new Error('the stub computes on the CPU');
        x = changed;
      }
      for (const watcher of watchers.filter((one) => one.hook === hook)) watcher.see(x, place);
    }
    return x;
  };
  const logitsOf = ({ data }: CpuMatrix, rows: readonly number[]): Float32Array => {
    const logits = new Float32Array(rows.length * vocabSize);
    for (const [at, row] of rows.entries()) {
      const mixed = product(mixing, data.subarray(row * width, (row + 1) * width));
      logits.set(product(unembedding, mixed), at * vocabSize);
    }
    return logits;
  };
  return {
    checkpoint,
    backend,
    provider: () => backend,
    weightPrecision: weightPrecision ?? 'f32',
    async capture(tokenIds, count, hooks) {
      const place = { lanes: count, length: tokenIds.length / count, position: 0 };
      const x = await run(tokenIds, place, [], []);
      return { hooks: new Map(hooks.map((hook) => [hook, x])), release: () => undefined };
    },
    async logits(tokenIds, count, edits = []) {
      const place = { lanes: count, length: tokenIds.length / count, position: 0 };
      const x = await run(tokenIds, place, edits, []);
      return logitsOf(x, [...tokenIds.keys()]);
    },
    startDecode({ lanes: first, edits, watchers = [] }) {
      let [lanes, position] = [first, 0];
      return Promise.resolve({
        get lanes() {
          return lanes;
        },
        get position() {
          return position;
        },
        async step(tokenIds: Int32Array) {
          await tokenPause();
          const length = tokenIds.length / lanes;
          const x = await run(tokenIds, { lanes, length, position }, edits, watchers);
          position += length;
          return logitsOf(
            x,
            Array.from({ length: lanes }, (_, lane) => (lane + 1) * length - 1),
          );
        },
        pickLanes(sources: readonly number[]) {
          lanes = sources.length;
          return Promise.resolve();
        },
        dispose: () => undefined,
      });
    },
    dispose: () => Promise.resolve(),
  };
}

/** A row-major matrix times a vector. */
function product(matrix: Float32Array, vector: Float32Array): Float32Array {
  const cols = vector.length;
  return Float32Array.from({ length: matrix.length / cols }, (_, row) =>
    vector.reduce((sum, value, i) => sum + value * matrix[row * cols + i]!, 0),
  );
}

function inModelOrder(a: HookPoint, b: HookPoint): number {
  const place = (hook: HookPoint) => {
    const { layer, site } = parseHookPoint(hook);
    return layer * HOOK_SITES.length + HOOK_SITES.indexOf(site);
  };
  return place(a) - place(b);
}
