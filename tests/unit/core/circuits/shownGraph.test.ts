import { describe, expect, it } from 'vitest';
import { circuitLayout, type CircuitData } from '../../../../src/charts/circuitLayout';
import { NOTHING_ARRANGED, shownGraph } from '../../../../src/core/circuits/shownGraph';
import { smallGraph } from '../../../helpers/circuits/smallCircuit';

const ALL = { nodeShare: 1, edgeShare: 1 };
const graph = smallGraph();
const [FIRST, SECOND] = ['0_3_1', '1_5_2'];

describe('what is shown of a graph', () => {
  it('is what pruning leaves, in its rows, with its share of the influence', () => {
    const shown = shownGraph(graph, ALL, NOTHING_ARRANGED);
    expect(shown.nodes.find(({ id }) => id === FIRST)).toMatchObject({ row: 1, position: 1 });
    expect(shown.nodes.filter(({ kind }) => kind === 'logit').map(({ row }) => row)).toEqual([
      3, 3,
    ]);
    expect(shown.shownInfluence).toBeCloseTo(1, 6);
    // An error that gives nothing is no node of it.
    expect(shown.shownCount).toBe(graph.nodes.length - 1);
    expect(shown.links[0]).toEqual({ source: SECOND, target: '3_7_2', weight: 3 });
  });

  it('joins a group: its links add up, those inside it are gone', () => {
    const groups = [{ name: 'names', nodes: [FIRST, SECOND] }];
    const shown = shownGraph(graph, ALL, { ...NOTHING_ARRANGED, groups });
    const group = shown.nodes.find((node) => node.group === 'names')!;
    expect(group).toMatchObject({ id: 'group:names', row: 2, members: [1, 0] });
    expect(shown.links.some(({ source, target }) => source === target)).toBe(false);
    const into = shown.links.filter(({ target }) => target === group.id);
    expect(into.map(({ source, weight }) => [source, Number(weight.toFixed(3))])).toEqual([
      ['E_1_1', 2],
      ['E_2_2', 0.1],
    ]);
  });

  it('keeps what is pinned when pruning would drop it, and leaves out what is hidden', () => {
    const few = { nodeShare: 0.05, edgeShare: 0.98 };
    expect(shownGraph(graph, few, NOTHING_ARRANGED).nodes.map(({ id }) => id)).not.toContain(FIRST);
    const pinned = shownGraph(graph, few, { ...NOTHING_ARRANGED, pinned: [FIRST] });
    expect(pinned.nodes.find(({ id }) => id === FIRST)?.isPinned).toBe(true);
    expect(pinned.links.some(({ target }) => target === FIRST)).toBe(true);
    const hidden = shownGraph(graph, ALL, { ...NOTHING_ARRANGED, hidden: [SECOND] });
    expect(hidden.links.some(({ source, target }) => [source, target].includes(SECOND))).toBe(
      false,
    );
  });
});

it('nothing of the layout moves while fewer nodes are shown', () => {
  const node = (id: string, influence: number) => {
    return { id, name: id, look: 'latent', row: 1, column: 0, influence, isPinned: false } as const;
  };
  const nodes = [node('a', 0.5), node('b', 0.3), node('c', 0.1), node('d', 0.05), node('e', 0.01)];
  const data: CircuitData = {
    columns: ['x', 'y'],
    rows: ['words', 'block', 'next'],
    crowd: [1, 5, 1],
    nodes,
    links: [],
    selected: null,
  };
  const whole = circuitLayout(data, 200);
  const fewer = circuitLayout({ ...data, nodes: nodes.slice(0, 3) }, 200);
  expect(fewer.height).toBe(whole.height);
  for (const { id, x, y } of fewer.nodes) {
    expect(whole.nodes.find((one) => one.id === id)).toMatchObject({ x, y });
  }
  // No two at one place.
  expect(new Set(whole.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(nodes.length);
});
