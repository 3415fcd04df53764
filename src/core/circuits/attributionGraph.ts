// An attribution graph as plain data: what it is made of, and what removing one of its nodes is predicted to do.
// Built in buildGraph.ts.
import type { ActiveLatent } from './frozenModel';

export type GraphNode =
  | ({ kind: 'latent' } & ActiveLatent)
  /** what the transcoder of a layer leaves over */
  | { kind: 'error'; layer: number; position: number }
  /** what a layer's value embedding of the token adds to the values */
  | { kind: 'valueEmbedding'; layer: number; position: number }
  | { kind: 'token'; position: number; tokenId: number }
  /** of one token, less the mean over the vocabulary; against another, less that one's */
  | { kind: 'logit'; tokenId: number; against: number | null; probability: number };

export type AttributionGraph = {
  tokenIds: Int32Array;
  /** latents by layer and position, errors, value embeddings, tokens, logits, in this order */
  nodes: readonly GraphNode[];
  /** the nodes that edges lead to, ascending: all latents, then all logits */
  targets: Uint32Array;
  /** row: target, column: source node, [targets, nodes]; to a latent in units of its pre-activation, to a logit in
   *  logits before the soft cap */
  edges: Float32Array;
  /** of each target: what biases give it, and what it was in the forward pass */
  biases: Float64Array;
  values: Float64Array;
  /** largest difference between a target's value and the sum of its edges and biases, over the value, or
   *  over 1 where that is smaller: 0 if attribution is exact */
  identityError: number;
  /** share of all influence that reaches latents without a row of their own, which the graph leaves out */
  leftOut: number;
};

/** The change that removing each node makes to one logit if everything else stays linear, negative where the node
 *  helps; [nodes]. Paths through latents that the graph leaves out are not in it.
 *  @param logit index among the graph's logits */
export function predictedChanges(graph: AttributionGraph, logit: number): Float64Array {
  const { nodes, targets, edges, values } = graph;
  const size = nodes.length;
  const latents = nodes.findIndex(({ kind }) => kind !== 'latent');
  const effects = new Float64Array(size);
  const add = (target: number, factor: number) => {
    if (factor === 0) return;
    for (let source = 0; source < size; source++) {
      effects[source]! += factor * edges[target * size + source]!;
    }
  };
  add(latents + logit, 1);
  // Edges lead from lower layers to higher ones, and latents stand by layer.
  for (let target = latents - 1; target >= 0; target--) {
    const value = values[target]!;
    if (targets[target] === target && value !== 0) add(target, effects[target]! / value);
  }
  return effects.map((effect) => -effect);
}

/** What influence starts from: each logit by its probability, a single one with all of it; [nodes]. */
export function logitWeights(nodes: readonly GraphNode[]): Float64Array {
  const isSingle = nodes.filter(({ kind }) => kind === 'logit').length === 1;
  return Float64Array.from(nodes, (node) =>
    node.kind === 'logit' ? (isSingle ? 1 : node.probability) : 0,
  );
}
