// A graph small enough to be followed by hand: the word at 1 feeds a latent of block 0, which feeds one of block 1, which
// speaks for the likelier of two next words; what the transcoder of block 1 leaves out speaks against it.
import type { AttributionGraph, GraphNode } from '../../../src/core/circuits/attributionGraph';
import { GRAPH_OPTIONS } from '../../../src/core/circuits/buildGraph';
import type { Circuit } from '../../../src/engine/circuits/api';

const TOKENS = ['<|bos|>', 'Lily', ' saw'];

const NODES: GraphNode[] = [
  { kind: 'latent', layer: 0, position: 1, latentIndex: 3, act: 2 },
  { kind: 'latent', layer: 1, position: 2, latentIndex: 5, act: 1 },
  { kind: 'error', layer: 0, position: 1 },
  { kind: 'error', layer: 1, position: 2 },
  { kind: 'token', position: 0, tokenId: 0 },
  { kind: 'token', position: 1, tokenId: 1 },
  { kind: 'token', position: 2, tokenId: 2 },
  { kind: 'logit', tokenId: 7, against: null, probability: 0.75 },
  { kind: 'logit', tokenId: 8, against: null, probability: 0.25 },
];

/** [target, source, weight] */
const EDGES: readonly [number, number, number][] = [
  [0, 5, 2],
  [1, 0, 0.9],
  [1, 6, 0.1],
  [7, 1, 3],
  [7, 3, -1],
  [8, 1, -1],
  [8, 6, 0.5],
];

/** latentIndex: of the feature in block 1 */
export function smallGraph(latentIndex = 5): AttributionGraph {
  const targets = [0, 1, 7, 8];
  const edges = new Float32Array(targets.length * NODES.length);
  for (const [target, source, weight] of EDGES) {
    edges[targets.indexOf(target) * NODES.length + source] = weight;
  }
  return {
    tokenIds: Int32Array.of(0, 1, 2),
    nodes: NODES.map((node) =>
      node.kind === 'latent' && node.layer === 1 ? { ...node, latentIndex } : node,
    ),
    targets: Uint32Array.from(targets),
    edges,
    biases: new Float64Array(4),
    values: Float64Array.of(2, 1, 2, -0.5),
    identityError: 0,
    leftOut: 0,
  };
}

export function smallCircuit(saeIds: string[], modelId: string, latentIndex = 5): Circuit {
  const view = (tokenId: number, text: string) => ({ tokenId, text, isSpecial: tokenId === 0 });
  return {
    graph: smallGraph(latentIndex),
    scores: { replacement: 0.625, completeness: 0.8125 },
    tokens: TOKENS.map((text, id) => view(id, text)),
    logits: [
      { token: view(7, ' a'), against: null },
      { token: view(8, ' the'), against: null },
    ],
    saeIds,
    modelId,
    options: GRAPH_OPTIONS,
  };
}
