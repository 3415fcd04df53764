// A model runtime for evaluating many SAEs on the same text: what repeats from one to the next, the untouched
// pass with its value at the hook and the ablated pass, is computed once. Exact: what is handed out again is
// what was computed. For evaluateSae's kind of edits on the wasm backend only.
import { createHash } from 'node:crypto';
import { invariant } from '../../src/core/errors';
import type { CpuMatrix, Matrix } from '../../src/core/handles';
import type { Edit, ModelRuntime } from '../../src/model/modelTypes';

type Kept = { x: CpuMatrix; clean: Float32Array; ablated: Map<string, Float32Array> };

/** `logits` with edits at one hook: those that return their argument are taken to leave it as it is, those that return
 *  mostly zeros to be an ablation that comes again. */
export function memoRuntime(runtime: ModelRuntime): ModelRuntime {
  const kept = new Map<string, Kept>();
  return {
    ...runtime,
    async logits(tokenIds, count, edits = []) {
      const edit = inTurn(edits);
      const key = `${edit.hook} ${digest(tokenIds)}`;
      const known = kept.get(key);
      if (known === undefined) {
        const seen: CpuMatrix[] = [];
        const apply: typeof edit.apply = async (x, at) => {
          seen.push(copyOf(x));
          const y = await edit.apply(x, at);
          invariant(y === x, 'memoRuntime: the first pass over a batch is the untouched one');
          return y;
        };
        const clean = await runtime.logits(tokenIds, count, [{ hook: edit.hook, apply }]);
        const [x] = seen;
        invariant(x !== undefined && seen.length === 1, 'memoRuntime: one value at the hook');
        kept.set(key, { x, clean, ablated: new Map() });
        return clean;
      }
      const { x } = known;
      const place = { lanes: count, length: tokenIds.length / count, position: 0 };
      const y = await edit.apply(x, place);
      if (y === x) return known.clean;
      const data = copyOf(y).data;
      const isAblation = data.filter((value) => value === 0).length > data.length / 2;
      const name = isAblation ? digest(data) : '';
      const held = known.ablated.get(name);
      if (held !== undefined) return held;
      const logits = await runtime.logits(tokenIds, count, [{ hook: edit.hook, apply: () => y }]);
      if (isAblation) known.ablated.set(name, logits);
      return logits;
    },
  };
}

/** Edits at one hook as one. */
function inTurn(edits: readonly Edit[]): Edit {
  const [first] = edits;
  invariant(first !== undefined, 'memoRuntime: at least one edit');
  invariant(
    edits.every(({ hook }) => hook === first.hook),
    'memoRuntime: edits at one hook',
  );
  return {
    hook: first.hook,
    async apply(x, at) {
      let y = x;
      for (const edit of edits) y = await edit.apply(y, at);
      return y;
    },
  };
}

function copyOf(x: Matrix): CpuMatrix {
  invariant(x.where === 'cpu', 'memoRuntime: the model must run on wasm');
  return { ...x, data: x.data.slice() };
}

function digest(values: Int32Array | Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha1').update(bytes).digest('hex');
}
