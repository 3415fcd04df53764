// What two graphs have in common: features, wherever they fire, with their influence in each.
import { expect, it } from 'vitest';
import {
  nodesOf,
  sharedFeatures,
  type DrawnGraph,
} from '../../../../src/core/circuits/sharedFeatures';
import { NOTHING_ARRANGED, shownGraph } from '../../../../src/core/circuits/shownGraph';
import { smallGraph } from '../../../helpers/circuits/smallCircuit';

function drawn(latentIndex: number): DrawnGraph {
  const graph = smallGraph(latentIndex);
  return { graph, shown: shownGraph(graph, { nodeShare: 1, edgeShare: 1 }, NOTHING_ARRANGED) };
}

it('names features of both, not those of one', () => {
  const [one, other] = [drawn(5), drawn(6)];
  const [feature, ...rest] = sharedFeatures(one, other);
  expect(rest).toEqual([]);
  expect(feature).toMatchObject({ layer: 0, latentIndex: 3, at: 0 });
  const own = one.shown.nodes.find(({ id }) => id === '0_3_1')!.influence;
  expect(feature!.influence).toEqual([own, own]);
  expect(nodesOf(other, [feature!])).toEqual(['0_3_1']);
  expect(sharedFeatures(one, drawn(5))).toHaveLength(2);
});
