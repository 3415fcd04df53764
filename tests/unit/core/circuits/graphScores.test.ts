// Influence, scores, pruning and predictions: a graph that can be computed by hand, and one of a random model.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  predictedChanges,
  type AttributionGraph,
} from '../../../../src/core/circuits/attributionGraph';
import { buildGraph, GRAPH_OPTIONS } from '../../../../src/core/circuits/buildGraph';
import { graphScores, nodeInfluence, pruneGraph } from '../../../../src/core/circuits/graphScores';
import { NANOCHAT_REVISIONS } from '../../../../src/formats/model/nanochatRevision';
import { frozenCase } from '../../../helpers/circuits/frozenCase';
import '../../../helpers/matchers';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../../../helpers/model/modelRandom';

/** A latent of 3 from its token and 1 from an error; a logit of 2 from the latent, 1 from each of the others. */
const SMALL: AttributionGraph = {
  tokenIds: Int32Array.of(4),
  nodes: [
    { kind: 'latent', layer: 0, position: 0, latentIndex: 9, act: 4 },
    { kind: 'error', layer: 0, position: 0 },
    { kind: 'token', position: 0, tokenId: 4 },
    { kind: 'logit', tokenId: 7, against: null, probability: 0.9 },
  ],
  targets: Uint32Array.of(0, 3),
  edges: Float32Array.of(0, 1, 3, 0, 2, 1, 1, 0),
  biases: new Float64Array(2),
  values: Float64Array.of(4, 4),
  identityError: 0,
  leftOut: 0,
};

describe('by hand', () => {
  it('influence is the share of all paths that a node is on', () => {
    expect([...nodeInfluence(SMALL)]).toEqual([0.5, 0.375, 0.625, 0]);
  });

  it('scores are those of circuit-tracer', () => {
    // Inputs 0.625 of 1; of 2.5 that enters nodes, a quarter of the latent's 0.5 and of the logit's 1 are errors.
    expect(graphScores(SMALL)).toEqual({ replacement: 0.625, completeness: 0.85 });
  });

  it('a removed node takes its own edge with it and what it gives through others', () => {
    expect([...predictedChanges(SMALL, 0)]).toEqual([-2, -1.5, -2.5, -0]);
  });
});

describe.each(NANOCHAT_REVISIONS)('a graph of a random model of $name', (revision) => {
  let graph: AttributionGraph;
  let influence: Float64Array;
  const share = (nodes: readonly number[]) =>
    nodes.reduce((sum, at) => sum + influence[at]!, 0) /
    influence.reduce((sum, value) => sum + value);
  beforeAll(async () => {
    const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, revision, 3);
    const frozen = await frozenCase(checkpoint, randomTokens(8, FOUR_LAYERS.vocab_size, 2));
    graph = await buildGraph(frozen, { ...GRAPH_OPTIONS, maxLogits: 3, maxLatents: 40 });
    influence = nodeInfluence(graph);
  });

  it('has the influence of the sum over all paths', () => {
    const size = graph.nodes.length;
    const total = new Float64Array(size);
    let current = Float64Array.from(graph.nodes, (node) =>
      node.kind === 'logit' ? node.probability : 0,
    );
    // One more than the longest path has edges.
    for (let length = 0; length < 6; length++) {
      const next = new Float64Array(size);
      graph.targets.forEach((target, row) => {
        const edges = graph.edges.subarray(row * size, (row + 1) * size);
        const sum = edges.reduce((all, edge) => all + Math.abs(edge), 0);
        edges.forEach(
          (edge, source) => (next[source]! += (current[target]! * Math.abs(edge)) / sum),
        );
      });
      next.forEach((value, at) => (total[at]! += value));
      current = next;
    }
    expect(current.every((value) => value === 0)).toBe(true);
    expect(influence).toBeAllclose(total, { rtol: 1e-5, atol: 1e-7 });
  });

  it('keeps the fewest nodes that hold the share asked for, and no orphan', () => {
    const isAlways = (at: number) => ['token', 'logit'].includes(graph.nodes[at]!.kind);
    for (const nodeShare of [0.5, 0.8]) {
      const { nodes, edges, cumulative } = pruneGraph(graph, { nodeShare, edgeShare: 1 });
      const chosen = [...graph.nodes.keys()].filter((at) => cumulative[at]! <= nodeShare);
      expect(share(chosen)).toBeLessThanOrEqual(nodeShare);
      // The next one passes the threshold.
      const next = [...graph.nodes.keys()].find(
        (at) => cumulative[at]! > nodeShare && !chosen.includes(at),
      )!;
      expect(Math.min(...cumulative.filter((value) => value > nodeShare))).toBeGreaterThan(
        nodeShare,
      );
      expect(influence[next]).toBeLessThanOrEqual(Math.min(...chosen.map((at) => influence[at]!)));
      const gives = new Set(edges.map(({ source }) => source));
      const takes = new Set(edges.map(({ target }) => target));
      for (const at of nodes) {
        if (isAlways(at)) continue;
        expect(gives.has(at)).toBe(true);
        if (graph.nodes[at]!.kind === 'latent') expect(takes.has(at)).toBe(true);
      }
      expect(
        edges.every(({ source, target }) => nodes.includes(source) && nodes.includes(target)),
      ).toBe(true);
    }
  });

  it('only adds nodes and edges as the sliders go up', () => {
    const steps = [0.3, 0.6, 0.9].map((nodeShare) =>
      pruneGraph(graph, { nodeShare, edgeShare: 1 }),
    );
    const edgeSteps = [0.5, 0.8, 0.98].map((edgeShare) =>
      pruneGraph(graph, { nodeShare: 0.8, edgeShare }),
    );
    const nameOf = ({ source, target }: { source: number; target: number }) =>
      `${source} ${target}`;
    for (const [less, more] of [
      steps.slice(0, 2),
      steps.slice(1),
      edgeSteps.slice(0, 2),
      edgeSteps.slice(1),
    ]) {
      const there = new Set(more!.nodes);
      expect(less!.nodes.every((at) => there.has(at))).toBe(true);
      expect(more!.nodes.length + more!.edges.length).toBeGreaterThan(
        less!.nodes.length + less!.edges.length,
      );
    }
    const all = new Set(edgeSteps[2]!.edges.map(nameOf));
    expect(edgeSteps[0]!.edges.every((edge) => all.has(nameOf(edge)))).toBe(true);
  });

  it('explains first what has most influence, and says what it leaves out', async () => {
    const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, NANOCHAT_REVISIONS[0]!, 3);
    const frozen = await frozenCase(checkpoint, randomTokens(8, FOUR_LAYERS.vocab_size, 2));
    const left: number[] = [];
    for (const maxLatents of [0, 10, 40, 1000]) {
      const part = await buildGraph(frozen, { ...GRAPH_OPTIONS, maxLatents });
      expect(part.nodes.filter(({ kind }) => kind === 'latent')).toHaveLength(
        Math.min(maxLatents, frozen.latents.length),
      );
      left.push(part.leftOut);
    }
    expect(left[0]).toBeGreaterThan(0.1);
    expect(left.toSorted((a, b) => b - a)).toEqual(left);
    expect(left.at(-1)).toBe(0);
    // A quarter of the latents hold more than a quarter of what there is to explain.
    expect(left[2]! / left[0]!).toBeLessThan(1 - 40 / frozen.latents.length);
  });
});
