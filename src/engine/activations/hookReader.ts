// Rows of a hook point read to the CPU, for means and norms of a few texts, never of a corpus.
import { elementAt } from '../../core/elementAt';
import { norm } from '../../core/numeric/vectors';
import type { Matrix } from '../../core/handles';
import type { HookPoint } from '../../core/activations/hookPoint';
import { readF32 } from '../../gpu/device/buffers';
import { bufferOf } from '../../gpu/device/handles';
import type { EngineHosts } from '../hosts';

type Hosts = Pick<EngineHosts, 'device' | 'modelHost' | 'corpusHost'>;

export type HookReader = {
  /** [tokens, d_model] of one text */
  rows: (tokenIds: Int32Array, hook: HookPoint) => Promise<Float32Array>;
  /** R_L: median ‖h‖ of non-special tokens of the open text; kept for the open model. */
  medianNorm: (hook: HookPoint) => Promise<number>;
};

const SEQUENCES = 8;
const SEQUENCE_TOKENS = 128;

/** Rows of a capture as numbers, copied. */
export function matrixReader({ device }: Pick<Hosts, 'device'>) {
  return async (x: Matrix): Promise<Float32Array> => {
    if (x.where === 'cpu') return x.data.slice();
    const context = await device.acquire();
    return readF32(context, bufferOf(x.buffer), x.rows * x.cols);
  };
}

export function createHookReader({ device, modelHost, corpusHost }: Hosts): HookReader {
  const medians = new Map<string, Promise<number>>();
  const toCpu = matrixReader({ device });

  async function rows(tokenIds: Int32Array, hook: HookPoint): Promise<Float32Array> {
    const runtime = await modelHost.runtime();
    const capture = await runtime.capture(tokenIds, 1, [hook]);
    try {
      const x = capture.hooks.get(hook);
      return x === undefined ? new Float32Array(0) : await toCpu(x);
    } finally {
      capture.release();
    }
  }

  async function measureMedian(hook: HookPoint): Promise<number> {
    const { tokenizer, facts } = modelHost.current();
    const contextSize = Math.min(SEQUENCE_TOKENS, facts.sequence_len);
    const o = { contextSize, seed: 0, epoch: 0 };
    const corpus = await corpusHost.current().pack(tokenizer, 'all', o);
    const norms: number[] = [];
    for (let i = 0; i < Math.min(SEQUENCES, corpus.count); i++) {
      const values = await rows(corpus.sequence(i), hook);
      for (const position of corpus.countedPositions(i)) {
        const h = values.subarray(position * facts.n_embd, (position + 1) * facts.n_embd);
        norms.push(norm(h));
      }
    }
    norms.sort((a, b) => a - b);
    return norms.length === 0 ? 0 : elementAt(norms, Math.floor(norms.length / 2));
  }

  return {
    rows,
    medianNorm(hook) {
      const key = `${modelHost.current().facts.id} ${hook}`;
      const known =
        medians.get(key) ??
        measureMedian(hook).catch((cause: unknown) => {
          medians.delete(key);
          throw cause;
        });
      medians.set(key, known);
      return known;
    },
  };
}
