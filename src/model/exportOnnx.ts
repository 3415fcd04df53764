// A whole checkpoint as one ONNX model with its weights beside it, for other programs: the graph that runs here, uncut.
import type { HookPoint } from '../core/activations/hookPoint';
import { MAX_BLOCK_VALUES, type WeightPrecision } from '../core/model/weightPrecision';
import type { NanochatCheckpoint } from '../core/model/nanochat';
import { makeNanochatGraph } from './nanochatGraph';
import { planSegments } from './planSegments';
import { formatSegment, type OnnxFiles } from './preparedPlan';

/** Reads a sequence without a cache. Outputs: the logits, [B·T, vocab_size], then hooks by name, [B·T, d_model] each.
 *  onProgress: how many initialisers were read. */
export async function exportOnnx(
  checkpoint: NanochatCheckpoint,
  o: {
    precision: WeightPrecision;
    hooks: readonly HookPoint[];
    onProgress: (done: number) => void;
  },
): Promise<OnnxFiles & { inputs: string[]; outputs: readonly string[] }> {
  const graph = makeNanochatGraph(checkpoint.config, checkpoint.revision, {
    hasCache: false,
    isLastRowOnly: false,
    precision: o.precision,
    maxBlockValues: MAX_BLOCK_VALUES,
  });
  const request = { captures: o.hooks, edits: [], outputs: [graph.logits] };
  const [segment, ...more] = planSegments(graph, request);
  if (segment === undefined || more.length > 0) throw new Error('invariant: an uncut graph is one');
  let done = 0;
  const files = await formatSegment({ graph, checkpoint }, segment, () => o.onProgress(++done));
  return { ...files, inputs: [...segment.inputs], outputs: segment.outputs };
}
