// What is drawn of an attribution graph: what pruning leaves, as a person arranged it. Pinned nodes stay, hidden ones go,
// grouped ones are one node with the sum of their edges. Knows no picture.
import { elementAt } from '../elementAt';
import type { AttributionGraph, GraphNode } from './attributionGraph';
import { nodeIds } from './graphJson';
import { nodeInfluence, pruneGraph, type PrunedGraph, type PruneOptions } from './graphScores';

/** By ids of nodes (`nodeIds`), which are the same in every graph of the same prompt. */
export type Arrangement = {
  /** in sight whatever is pruned */
  pinned: readonly string[];
  hidden: readonly string[];
  groups: readonly NodeGroup[];
};
export type NodeGroup = { name: string; nodes: readonly string[] };

export const NOTHING_ARRANGED: Arrangement = { pinned: [], hidden: [], groups: [] };

export type ShownNode = {
  /** the node's, or `group:` and the group's name */
  id: string;
  /** of a group; null: a single node */
  group: string | null;
  /** indices in the graph, the most influential first */
  members: readonly number[];
  kind: GraphNode['kind'];
  /** 0: tokens; 1 + layer; above the last layer: logits */
  row: number;
  position: number;
  /** share of the influence of all nodes */
  influence: number;
  isPinned: boolean;
};

type ShownLink = { source: string; target: string; weight: number };

export type ShownGraph = {
  nodes: readonly ShownNode[];
  /** strongest first */
  links: readonly ShownLink[];
  /** nodes of the graph that are shown, alone or in a group, and how many there are */
  shownCount: number;
  totalCount: number;
  /** share of all influence that passes what is shown */
  shownInfluence: number;
};

export function shownGraph(
  graph: AttributionGraph,
  prune: PruneOptions,
  arrangement: Arrangement,
): ShownGraph {
  const ids = nodeIds(graph);
  const influence = nodeInfluence(graph);
  const total = influence.reduce((sum, value) => sum + value, 0) || 1;
  const pruned = pruneGraph(graph, prune);
  const pinned = new Set(arrangement.pinned);
  const hidden = new Set(arrangement.hidden);
  const kept = new Set(pruned.nodes);
  for (const [at, id] of ids.entries()) {
    if (pinned.has(id)) kept.add(at);
    if (hidden.has(id)) kept.delete(at);
  }
  const nodes = groupNodes(graph, { ids, influence, total, kept, arrangement, pinned });
  const idOf = new Map(nodes.flatMap(({ id, members }) => members.map((at) => [at, id] as const)));
  return {
    nodes,
    links: joinLinks(
      [...pruned.edges, ...edgesOfPinned(graph, { ids, pinned, pruned, kept })],
      idOf,
    ),
    shownCount: kept.size,
    totalCount: graph.nodes.length,
    shownInfluence: [...kept].reduce((sum, at) => sum + elementAt(influence, at), 0) / total,
  };
}

type Kept = {
  ids: readonly string[];
  influence: Float64Array;
  total: number;
  kept: ReadonlySet<number>;
  arrangement: Arrangement;
  pinned: ReadonlySet<string>;
};

/** A group stands where its most influential node does. */
function groupNodes(graph: AttributionGraph, o: Kept): ShownNode[] {
  const groupOf = new Map(
    o.arrangement.groups.flatMap(({ name, nodes }) => nodes.map((id) => [id, name] as const)),
  );
  const top = topRow(graph);
  const members = new Map<string, number[]>();
  for (const at of [...o.kept].sort((a, b) => a - b)) {
    const id = elementAt(o.ids, at);
    const group = groupOf.get(id);
    const key = group === undefined ? id : `group:${group}`;
    members.set(key, [...(members.get(key) ?? []), at]);
  }
  return [...members].map(([id, own]) => {
    const ordered = own.sort((a, b) => elementAt(o.influence, b) - elementAt(o.influence, a));
    const node = elementAt(graph.nodes, elementAt(ordered, 0));
    return {
      id,
      group: id.startsWith('group:') ? id.slice('group:'.length) : null,
      members: ordered,
      kind: node.kind,
      row: rowOf(node, top),
      position: node.kind === 'logit' ? graph.tokenIds.length - 1 : node.position,
      influence: ordered.reduce((sum, at) => sum + elementAt(o.influence, at), 0) / o.total,
      isPinned: ordered.some((at) => o.pinned.has(elementAt(o.ids, at))),
    };
  });
}

/** The row of the logits: the number of layers and 1. */
export function topRow({ nodes }: Pick<AttributionGraph, 'nodes'>): number {
  return nodes.reduce((most, node) => ('layer' in node ? Math.max(most, node.layer + 2) : most), 1);
}

function rowOf(node: GraphNode, top: number): number {
  if (node.kind === 'token') return 0;
  return node.kind === 'logit' ? top : 1 + node.layer;
}

/** Of nodes that only a pin keeps: edges to what is shown, as strong as the weakest that pruning left. */
function edgesOfPinned(
  { targets, edges, nodes }: AttributionGraph,
  o: Pick<Kept, 'ids' | 'pinned' | 'kept'> & { pruned: PrunedGraph },
) {
  const isOnlyPinned = (at: number) => o.pinned.has(elementAt(o.ids, at)) && !byPruning.has(at);
  const byPruning = new Set(o.pruned.nodes);
  const least = Math.abs(o.pruned.edges.at(-1)?.weight ?? 0);
  const found: { source: number; target: number; weight: number }[] = [];
  targets.forEach((target, row) => {
    if (!o.kept.has(target)) return;
    for (const source of o.kept) {
      const weight = elementAt(edges, row * nodes.length + source);
      if (weight === 0 || Math.abs(weight) < least) continue;
      if (isOnlyPinned(source) || isOnlyPinned(target)) found.push({ source, target, weight });
    }
  });
  return found;
}

/** Edges between what is shown; those inside a group are not. */
function joinLinks(
  edges: readonly { source: number; target: number; weight: number }[],
  idOf: ReadonlyMap<number, string>,
): ShownLink[] {
  const sums = new Map<string, ShownLink>();
  for (const { source, target, weight } of edges) {
    const [from, to] = [idOf.get(source), idOf.get(target)];
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from}>${to}`;
    const known = sums.get(key);
    sums.set(key, { source: from, target: to, weight: (known?.weight ?? 0) + weight });
  }
  return [...sums.values()].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}
