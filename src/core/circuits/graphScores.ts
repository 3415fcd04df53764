// How much of a graph is explained, and what of it is worth showing. Definitions of circuit-tracer (graph.py:
// compute_graph_scores, prune_graph); value embeddings, which only nanochat has, count as tokens do.
import { logitWeights, type AttributionGraph, type GraphNode } from './attributionGraph';
import { influence, normaliseRows, type EdgeRows } from './influence';

export type GraphScores = {
  /** share of what flows from the inputs to the logits that passes latents rather than errors */
  replacement: number;
  /** share of what enters nodes, by their influence, that does not come from errors */
  completeness: number;
};

export function graphScores(graph: AttributionGraph): GraphScores {
  const { nodes } = graph;
  const size = nodes.length;
  const shares = normaliseRows(graph);
  const weights = logitWeights(nodes);
  const reached = influence(shares, weights);
  const ofErrors = new Float64Array(size);
  graph.targets.forEach((target, row) => {
    nodes.forEach((source, column) => {
      if (source.kind === 'error') ofErrors[target]! += shares.edges[row * size + column]!;
    });
  });
  let [fromInputs, fromErrors, entered, explained] = [0, 0, 0, 0];
  nodes.forEach((node, at) => {
    if (isInput(node)) fromInputs += reached[at]!;
    if (node.kind === 'error') fromErrors += reached[at]!;
    const output = reached[at]! + weights[at]!;
    entered += output;
    explained += (1 - ofErrors[at]!) * output;
  });
  const replacement = fromInputs / (fromInputs + fromErrors);
  return { replacement, completeness: explained / entered };
}

/** Each node's influence on the logits, [nodes]. */
export function nodeInfluence(graph: AttributionGraph): Float64Array {
  return influence(normaliseRows(graph), logitWeights(graph.nodes));
}

function isInput({ kind }: GraphNode): boolean {
  return kind === 'token' || kind === 'valueEmbedding';
}

type GraphEdge = { source: number; target: number; weight: number };

export type PruneOptions = {
  /** of the influence of all nodes, and then of all edges, 0 to 1 */
  nodeShare: number;
  edgeShare: number;
};

/** circuit-tracer's own. */
export const PRUNE_OPTIONS: PruneOptions = { nodeShare: 0.8, edgeShare: 0.98 };

export type PrunedGraph = {
  /** indices of the nodes kept, ascending */
  nodes: readonly number[];
  /** kept edges, strongest share of influence first */
  edges: readonly GraphEdge[];
  /** of every node: the share of all influence that nodes at least as influential hold */
  cumulative: Float64Array;
};

/** Nodes that hold `nodeShare` of the influence, tokens and logits always; of their edges those that hold
 *  `edgeShare`; then, until nothing changes, without latents and errors that lead nowhere and latents that nothing
 *  leads to. */
export function pruneGraph(graph: AttributionGraph, o: PruneOptions): PrunedGraph {
  const { nodes, targets } = graph;
  const size = nodes.length;
  const scores = nodeInfluence(graph);
  const least = thresholdOf(scores, o.nodeShare);
  const isKept = nodes.map(
    ({ kind }, at) => kind === 'token' || kind === 'logit' || scores[at]! >= least,
  );
  const edges = graph.edges.map((weight, at) =>
    isKept[targets[Math.floor(at / size)]!] && isKept[at % size] ? weight : 0,
  );
  const edgeScores = scoreEdges({ targets, edges }, logitWeights(nodes));
  const leastEdge = thresholdOf(edgeScores, o.edgeShare);
  const strong: { edge: GraphEdge; score: number }[] = [];
  edgeScores.forEach((score, at) => {
    if (!(score > 0 && score >= leastEdge)) return;
    const target = targets[Math.floor(at / size)]!;
    strong.push({ edge: { source: at % size, target, weight: graph.edges[at]! }, score });
  });
  strong.sort((a, b) => b.score - a.score);
  const kept = dropDangling(
    nodes,
    isKept,
    strong.map(({ edge }) => edge),
  );
  return {
    nodes: [...nodes.keys()].filter((at) => isKept[at]),
    edges: kept,
    cumulative: cumulativeOf(scores),
  };
}

/** Each edge's share of its target, by that target's influence. */
function scoreEdges(rows: EdgeRows, weights: Float64Array): Float64Array {
  const shares = normaliseRows(rows);
  const reached = influence(shares, weights);
  const size = weights.length;
  return Float64Array.from(shares.edges, (share, at) => {
    if (share === 0) return 0;
    const target = rows.targets[Math.floor(at / size)]!;
    return share * (reached[target]! + weights[target]!);
  });
}

/** Changes `isKept`; returns the edges that stay. */
function dropDangling(
  nodes: readonly GraphNode[],
  isKept: boolean[],
  edges: GraphEdge[],
): GraphEdge[] {
  let kept = edges;
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    const gives = new Set(kept.map(({ source }) => source));
    const takes = new Set(kept.map(({ target }) => target));
    nodes.forEach(({ kind }, at) => {
      if (!isKept[at] || kind === 'token' || kind === 'logit') return;
      if (gives.has(at) && (kind !== 'latent' || takes.has(at))) return;
      isKept[at] = false;
      isChanged = true;
    });
    kept = kept.filter(({ source, target }) => isKept[source] && isKept[target]);
  }
  return kept;
}

/** The score down to which the largest ones hold `share` of the sum. */
function thresholdOf(scores: Float64Array, share: number): number {
  const sorted = scores.slice().sort().reverse();
  const sum = sorted.reduce((total, score) => total + score, 0);
  let held = 0;
  for (const score of sorted) {
    held += score;
    if (held >= share * sum) return score;
  }
  return sorted.at(-1) ?? 0;
}

function cumulativeOf(scores: Float64Array): Float64Array {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const sum = scores.reduce((total, score) => total + score, 0);
  const out = new Float64Array(scores.length);
  let held = 0;
  for (const at of order) {
    held += scores[at]!;
    out[at] = sum === 0 ? 1 : held / sum;
  }
  return out;
}
