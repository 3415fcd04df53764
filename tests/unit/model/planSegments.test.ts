// The cut by itself: hand-made graphs with known answers, then nanochat's graph.
import { describe, expect, it } from 'vitest';
import type { HookPoint } from '../../../src/core/activations/hookPoint';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatConfig } from '../../../src/core/model/nanochat';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { makeNanochatGraph } from '../../../src/model/nanochatGraph';
import type { Graph } from '../../../src/model/onnx/graph';
import { makeGraphBuilder } from '../../../src/model/onnx/graph';
import type { Segment } from '../../../src/model/planSegments';
import { planSegments } from '../../../src/model/planSegments';

const A = hookPoint(0, 'hook_resid_pre');
const B = hookPoint(0, 'hook_resid_post');

/** in → early → A → B → end, with `early` read again at the end, `mask` replicable and read by A and end. */
function chain(): Graph {
  const b = makeGraphBuilder();
  const input = b.input({ name: 'in', type: 'float32', shape: null });
  const mask = b.replicable(() => b.op('Abs', [b.op('Neg', [input], {}, 'half')], {}, 'mask'));
  const early = b.op('Relu', [input], {}, 'early');
  const a = b.op('Add', [early, mask], {}, A);
  const b2 = b.op('Mul', [a, b.constant(2)], {}, B);
  b.op('Sub', [b.op('Add', [b2, early], {}, 'sum'), mask], {}, 'end');
  return b.finish();
}

const outputsOf = (segments: readonly Segment[]) => segments.map((s) => s.outputs);
const inputsOf = (segments: readonly Segment[]) => segments.map((s) => s.inputs);
const plan = (captures: HookPoint[], edits: HookPoint[], outputs: string[]) =>
  planSegments(chain(), { captures, edits, outputs });

describe('planSegments on a chain', () => {
  it('is one segment without edits', () => {
    const segments = plan([], [], ['end']);
    expect(outputsOf(segments)).toEqual([['end']]);
    expect(segments[0]!.edit).toBeNull();
  });

  it('captures as further outputs and drops what nothing wanted depends on', () => {
    const segments = plan([A], [], []);
    expect(outputsOf(segments)).toEqual([[A]]);
    expect(segments[0]!.nodes.flatMap((n) => n.outputs)).toEqual(['half', 'mask', 'early', A]);
  });

  it('carries across a cut what is read after it, and recomputes the replicable', () => {
    const segments = plan([], [A], ['end']);
    expect(outputsOf(segments)).toEqual([['early', A], ['end']]);
    expect(inputsOf(segments)).toEqual([['in'], ['in', A, 'early']]);
    expect(segments.map((s) => s.edit)).toEqual([A, null]);
    expect(segments[1]!.nodes.map((n) => n.outputs[0])).toEqual(['half', 'mask', B, 'sum', 'end']);
  });

  it('orders two edits by the graph, not by the caller, and counts equal ones once', () => {
    const segments = plan([], [B, A, B], ['end']);
    expect(segments.map((s) => s.edit)).toEqual([A, B, null]);
    // `early` skips the middle segment.
    expect(inputsOf(segments)).toEqual([['in'], [A], ['in', B, 'early']]);
    expect(outputsOf(segments)).toEqual([['early', A], [B], ['end']]);
  });

  it('ends with the edited segment when nothing is wanted after it', () => {
    const segments = plan([B], [B], []);
    expect(segments.map((s) => s.edit)).toEqual([B]);
    expect(outputsOf(segments)).toEqual([[B]]);
  });

  it('leaves out an edit that nothing wanted depends on', () => {
    expect(plan([A], [B], []).map((s) => s.edit)).toEqual([null]);
  });

  it('refuses a name that is no value of the graph', () => {
    expect(() => plan([hookPoint(7, 'hook_mlp_out')], [], [])).toThrow('blocks.7.hook_mlp_out');
    expect(() => plan([], ['blocks.9.hook_resid_post'], ['end'])).toThrow('blocks.9');
  });
});

const CONFIG: NanochatConfig = {
  sequence_len: 256,
  vocab_size: 50,
  n_layer: 4,
  n_head: 2,
  n_kv_head: 2,
  n_embd: 16,
  window_pattern: 'SSSL',
};

describe("planSegments on nanochat's graph", () => {
  const graph = makeNanochatGraph(CONFIG, NANOCHAT_REVISIONS[0]!, {
    hasCache: true,
    isLastRowOnly: true,
  });
  const outputs = [graph.logits, ...graph.caches.map((slot) => slot.present)];
  const planned = (edit: HookPoint) =>
    planSegments(graph, { captures: [], edits: [edit], outputs });
  const crossing = (segments: readonly Segment[]) =>
    segments[1]!.inputs.filter((name) => segments[0]!.outputs.includes(name)).sort();

  it('carries the stream and x0 over a cut before the backout layer', () => {
    expect(crossing(planned('blocks.1.hook_resid_post'))).toEqual([
      'blocks.1.hook_resid_post',
      'embed',
    ]);
  });

  it('carries one value as stream and as backout over a cut at the backout layer', () => {
    expect(crossing(planned('blocks.2.hook_resid_post'))).toEqual([
      'blocks.2.hook_resid_post',
      'embed',
    ]);
  });

  it('carries the backout layer besides the stream over a cut after it', () => {
    expect(crossing(planned('blocks.3.hook_resid_pre'))).toEqual([
      'blocks.2.hook_resid_post',
      'blocks.3.hook_resid_pre',
    ]);
  });

  it('carries the stream that the sublayer is added to over a cut at attn_out', () => {
    expect(crossing(planned('blocks.3.hook_attn_out'))).toEqual([
      'blocks.2.hook_resid_post',
      'blocks.3.hook_attn_out',
      'blocks.3.hook_resid_pre',
    ]);
  });

  it('leaves the cache of a layer in the segment of that layer', () => {
    const [first, second] = planned('blocks.1.hook_resid_post');
    const caches = (names: readonly string[]) => names.filter((n) => /^(past|present)_/.test(n));
    expect(caches(first!.inputs).sort()).toEqual(
      ['past_embed', 'past_k.0', 'past_k.1', 'past_length', 'past_v.0', 'past_v.1'].sort(),
    );
    expect(caches(first!.outputs)).toContain('present_k.1');
    expect(caches(second!.outputs)).toEqual(
      [2, 3].flatMap((i) => [`present_k.${i}`, `present_v.${i}`]),
    );
  });

  it('computes every node once, replicable ones apart', () => {
    const segments = planSegments(graph, {
      captures: [],
      edits: ['blocks.0.hook_attn_out', 'blocks.2.hook_mlp_out', 'blocks.3.hook_resid_mid'],
      outputs,
    });
    expect(segments).toHaveLength(4);
    const own = segments.flatMap((s) => s.nodes).filter((n) => !n.replicable);
    expect(own.map((n) => n.outputs[0])).toEqual(
      graph.nodes.filter((n) => !n.replicable).map((n) => n.outputs[0]),
    );
  });
});
