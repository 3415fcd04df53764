// Which features two drawn graphs have in common, wherever in their texts they fire: what a comparison of two prompts is
// about. Knows no picture.
import { elementAt } from '../elementAt';
import type { AttributionGraph } from './attributionGraph';
import type { ShownGraph, ShownNode } from './shownGraph';

/** A graph, and what of it is drawn. */
export type DrawnGraph = { graph: AttributionGraph; shown: ShownGraph };

export type SharedFeature = {
  layer: number;
  latentIndex: number;
  /** a node of the first graph where it fires */
  at: number;
  /** share of all influence, over all positions, in the one graph and in the other */
  influence: readonly [number, number];
};

/** The most influential in both first. */
export function sharedFeatures(one: DrawnGraph, other: DrawnGraph): SharedFeature[] {
  const [here, there] = [influenceByFeature(one), influenceByFeature(other)];
  const found = [...here].flatMap(([key, own]): SharedFeature[] => {
    const theirs = there.get(key);
    if (theirs === undefined) return [];
    return [{ ...own, influence: [own.influence, theirs.influence] }];
  });
  const least = ({ influence }: SharedFeature) => Math.min(...influence);
  return found.sort((a, b) => least(b) - least(a));
}

/** Ids of the drawn nodes that stand for one of the features. */
export function nodesOf(
  { graph, shown }: DrawnGraph,
  features: readonly SharedFeature[],
): string[] {
  const keys = new Set(features.map(keyOf));
  const isMeant = ({ members }: ShownNode) =>
    members.some((at) => {
      const node = elementAt(graph.nodes, at);
      return node.kind === 'latent' && keys.has(keyOf(node));
    });
  return shown.nodes.filter(isMeant).map(({ id }) => id);
}

function keyOf({ layer, latentIndex }: { layer: number; latentIndex: number }): string {
  return `${layer}/${latentIndex}`;
}

type OneGraphs = Omit<SharedFeature, 'influence'> & { influence: number };

function influenceByFeature({ graph, shown }: DrawnGraph): Map<string, OneGraphs> {
  const found = new Map<string, OneGraphs>();
  for (const { members, influence } of shown.nodes) {
    for (const at of members) {
      const node = elementAt(graph.nodes, at);
      if (node.kind !== 'latent') continue;
      const key = keyOf(node);
      const { layer, latentIndex } = node;
      const before = found.get(key) ?? { layer, latentIndex, at, influence: 0 };
      // Of a group, each member counts the same: only its sum is drawn.
      found.set(key, { ...before, influence: before.influence + influence / members.length });
    }
  }
  return found;
}
