// Everything that depends on the position alone: rotary tables and attention masks, sliced from constants
// by the cache's length, so that the graph needs no position input and no integer arithmetic. All of it is
// replicable: segments recompute it.
import { roundToBf16 } from '../core/numeric/float16';
import type { NanochatConfig, NanochatRevision } from '../core/model/nanochat';
import type { EmitContext } from './nanochatEmit';

/** cos and sin for the T new positions, [T, 1, d_head] each; sin carries the sign of its half. */
export type Rotary = { cos: string; sin: string };

/** Times a distance of at least 1, so that exp underflows to 0; finite, so that no NaN can arise. */
const BLOCKED = -1e30;

/** Tables over all positions, [n_ctx, 1, d_head]. Angles are rounded to f32 where nanochat rounds them; cos
 *  and sin are not computed in the graph because WGSL guarantees them to 2⁻¹¹ only. */
function rotaryTables(n_ctx: number, d_head: number, base: number) {
  const cos = new Float32Array(n_ctx * d_head);
  const sin = new Float32Array(n_ctx * d_head);
  const half = d_head / 2;
  const frequencies = Array.from({ length: half }, (_, j) =>
    Math.fround(1 / Math.fround(base ** Math.fround((2 * j) / d_head))),
  );
  for (let position = 0; position < n_ctx; position++) {
    for (let j = 0; j < half; j++) {
      const angle = Math.fround(position * frequencies[j]!);
      const index = position * d_head + j;
      cos[index] = cos[index + half] = Math.cos(angle);
      sin[index] = Math.sin(angle);
      sin[index + half] = -sin[index];
    }
  }
  return { cos, sin };
}

export function emitRotary(c: EmitContext): Rotary {
  const { b, d_head } = c;
  const n_ctx = c.config.sequence_len;
  const tables = rotaryTables(n_ctx, d_head, c.revision.rotaryBase);
  const isBf16 = c.revision.rotaryDtype === 'bf16';
  const ofNew = (values: Float32Array, name: string) => {
    const rounded = isBf16 ? roundToBf16(values) : values;
    const table = b.table(`${name} table`, [n_ctx, 1, d_head], rounded);
    return b.op('Slice', [table, c.inputs.past, c.inputs.total, b.integers([0])], {}, name);
  };
  return b.replicable(() => ({ cos: ofNew(tables.cos, 'cos'), sin: ofNew(tables.sin, 'sin') }));
}

/** Keys before the query's own that layer `layer` sees (nanochat.md 3: the pattern is tiled over the
 *  layers, the last one is always long). */
function windowOf(config: NanochatConfig, revision: NanochatRevision, layer: number): number {
  const letter = config.window_pattern[layer % config.window_pattern.length];
  const isShort = letter === 'S' && layer < config.n_layer - 1;
  return isShort ? revision.shortWindow(config.sequence_len) : config.sequence_len;
}

/** Additive masks [T, P + T], one per distinct window; returns each layer's. Key j is visible to query t
 *  iff t − window ≤ j ≤ t: BLOCKED · (relu(j − t) + relu(t − j − window)). */
export function emitMasks(c: EmitContext): (layer: number) => string {
  const { b, config } = c;
  const n_ctx = config.sequence_len;
  const counting = Float32Array.from({ length: n_ctx }, (_, position) => position);
  const row = b.table('key positions', [1, n_ctx], counting);
  const column = b.table('query positions', [n_ctx, 1], counting);
  return b.replicable(() => {
    const { past, total } = c.inputs;
    const keys = b.op('Slice', [row, b.integers([0]), total, b.integers([1])]);
    const queries = b.op('Slice', [column, past, total, b.integers([0])]);
    const ahead = b.op('Sub', [keys, queries]);
    const future = b.op('Relu', [ahead]);
    const masks = new Map<number, string>();
    const windows = Array.from({ length: config.n_layer }, (_, layer) =>
      windowOf(config, c.revision, layer),
    );
    for (const window of new Set(windows)) {
      let distance = future;
      if (window < n_ctx - 1) {
        const behind = b.op('Sub', [b.constant(-window), ahead]);
        distance = b.op('Add', [future, b.op('Relu', [behind])]);
      }
      masks.set(window, b.op('Mul', [distance, b.constant(BLOCKED)], {}, `mask ${window}`));
    }
    return (layer: number) => masks.get(windows[layer]!)!;
  });
}
