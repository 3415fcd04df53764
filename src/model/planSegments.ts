// Cuts an ordered graph where hook points are edited, and where a piece's weights would pass a limit. What
// crosses a cut follows from liveness alone: produced before it, read after it. Knows names and order,
// neither nanochat nor sessions.
import { ConfigError } from '../core/errors';
import type { HookPoint } from '../core/activations/hookPoint';
import type { Graph, GraphNode } from './onnx/graph';
import { initialiserBytes } from './onnx/graph';

export type Segment = {
  nodes: readonly GraphNode[];
  /** graph inputs and values of earlier segments that its nodes read */
  inputs: readonly string[];
  /** wanted values it produces, then values that later segments read */
  outputs: readonly string[];
  /** applied to the value of this name, one of `outputs`, before the next segment runs */
  edit: HookPoint | null;
};

export type PlanRequest = {
  /** hook values wanted as outputs; for an edited hook, the value after edits in place */
  captures: readonly HookPoint[];
  /** hooks to stop at; equal ones count once, and one that nothing wanted depends on is left out */
  edits: readonly HookPoint[];
  /** further wanted values: logits, present caches */
  outputs: readonly string[];
  /** bytes of weights that a segment should hold at most; one node's weights are never divided.
   *  Default: no limit */
  maxWeightBytes?: number;
};

/** Segments in running order, at least one; `edits` + 1 of them at most without a limit of weights.
 *  Nodes that nothing wanted depends on are dropped. Throws ConfigError if a name is not a value of the
 *  graph. */
export function planSegments(graph: Graph, request: PlanRequest): Segment[] {
  const producer = new Map(graph.nodes.flatMap((n, i) => n.outputs.map((o) => [o, i] as const)));
  const wanted = [...new Set([...request.captures, ...request.outputs])];
  for (const name of [...wanted, ...request.edits]) checkValue(producer, name);
  const needed = neededNodes(graph, wanted, producer);
  // Cut positions: one past the producer of each edited value.
  const cuts = [...new Set(request.edits)]
    .map((hook) => ({ hook, end: producer.get(hook)! + 1 }))
    .filter(({ end }) => needed.has(end - 1))
    .sort((a, b) => a.end - b.end);
  const pieces: { nodes: GraphNode[]; edit: HookPoint | null }[] = [];
  let start = 0;
  for (const { hook, end } of [...cuts, { hook: null, end: graph.nodes.length }]) {
    const isOwn = (node: GraphNode, i: number) => needed.has(start + i) && !node.replicable;
    const nodes = graph.nodes.slice(start, end).filter(isOwn);
    // Nothing remains after the last edit if only captures up to it are wanted.
    if (nodes.length > 0) {
      const parts = divide(graph, nodes, request.maxWeightBytes ?? Infinity);
      pieces.push(
        ...parts.map((part, i) => ({ nodes: part, edit: i + 1 < parts.length ? null : hook })),
      );
    }
    start = end;
  }
  return connect(graph, pieces, wanted);
}

/** Cuts before the node whose weights would bring a piece over the limit: what crosses there was computed
 *  with no weight in between, so it is f32 (nanochatWeights.ts). */
function divide(graph: Graph, nodes: readonly GraphNode[], maxBytes: number): GraphNode[][] {
  const pieces: GraphNode[][] = [[]];
  let held = new Set<string>();
  let bytes = 0;
  for (const node of nodes) {
    const isNew = (name: string) => graph.initialisers.has(name) && !held.has(name);
    const size = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + initialiserBytes(graph.initialisers.get(name)!), 0);
    let fresh = node.inputs.filter(isNew);
    if (bytes > 0 && bytes + size(fresh) > maxBytes) {
      pieces.push([]);
      held = new Set();
      bytes = 0;
      fresh = node.inputs.filter(isNew);
    }
    for (const name of fresh) held.add(name);
    bytes += size(fresh);
    pieces.at(-1)!.push(node);
  }
  return pieces;
}

function checkValue(producer: ReadonlyMap<string, number>, name: string): void {
  if (producer.has(name)) return;
  throw new ConfigError(
    `This model has no ${name}. Choose a hook point of a layer that the model has.`,
    'hook',
  );
}

function neededNodes(
  graph: Graph,
  wanted: readonly string[],
  producer: ReadonlyMap<string, number>,
): Set<number> {
  const needed = new Set<number>();
  const stack = wanted.map((name) => producer.get(name)!);
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const name of graph.nodes[index]!.inputs) {
      const from = producer.get(name);
      if (from !== undefined) stack.push(from);
    }
  }
  return needed;
}

/** Adds copies of replicable nodes to the pieces that read them, and each piece's inputs and outputs. */
function connect(
  graph: Graph,
  pieces: readonly { nodes: GraphNode[]; edit: HookPoint | null }[],
  wanted: readonly string[],
): Segment[] {
  const replicable = new Map(
    graph.nodes.filter((n) => n.replicable).flatMap((n) => n.outputs.map((o) => [o, n] as const)),
  );
  const filled = pieces.map(({ nodes, edit }) => ({
    nodes: [...replicasFor(nodes, replicable), ...nodes],
    edit,
  }));
  const produced = filled.map(({ nodes }) => new Set(nodes.flatMap((n) => n.outputs)));
  const read = filled.map(({ nodes }) => new Set(nodes.flatMap((n) => n.inputs)));
  return filled.map(({ nodes, edit }, index) => {
    const own = produced[index]!;
    const inputs = [...read[index]!].filter((v) => !own.has(v) && !graph.initialisers.has(v));
    const readLater = (v: string) =>
      read.some((names, later) => later > index && names.has(v) && !produced[later]!.has(v));
    const crossing = [...own].filter(readLater);
    const delivered = wanted.filter((v) => own.has(v) && !replicable.has(v));
    return { nodes, inputs, outputs: [...new Set([...delivered, ...crossing])], edit };
  });
}

/** The replicable nodes that `nodes` depend on, in running order. */
function replicasFor(
  nodes: readonly GraphNode[],
  replicable: ReadonlyMap<string, GraphNode>,
): GraphNode[] {
  const chosen = new Set<GraphNode>();
  const add = (name: string) => {
    const node = replicable.get(name);
    if (node === undefined || chosen.has(node)) return;
    node.inputs.forEach(add);
    chosen.add(node);
  };
  for (const node of nodes) node.inputs.forEach(add);
  return [...chosen];
}
