// Intents that hold the graph against the model: one feature switched off, the order of many, other texts.
import type { AttributionGraph, GraphNode } from '../../core/circuits/attributionGraph';
import { nodeInfluence, pruneGraph, type PruneOptions } from '../../core/circuits/graphScores';
import { rankCorrelation } from '../../core/numeric/rankCorrelation';
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import type { Circuit, NodeEffect, NodeEffectsRequest } from '../../engine/circuits/api';
import type { Outcome } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { loadableOf, type Loadable } from '../loadable';
import { settle } from '../problems';
import { predictedOf } from './circuitsSelectors';
import type { ChangeOrder, EffectCheck, OtherText } from './circuitsState';

/** Features of each side of the check. */
const CHECKED = 50;
/** Other texts at once. */
export const MOST_TEXTS = 6;

type LatentNode = Extract<GraphNode, { kind: 'latent' }>;

export function makeCheckActions(
  { api, get, patch, jobs }: StoreContext,
  traceText: (text: string) => Promise<Outcome<Circuit> | null>,
) {
  const circuitNow = (): Circuit | null => {
    const { circuit } = get().circuits;
    return circuit.status === 'ready' ? circuit.value : null;
  };
  const isShown = (circuit: Circuit) => circuitNow() === circuit;

  return {
    /** Switches one feature off where it fires, in the real model. */
    ablate: async (id: string, at: number) => {
      const circuit = circuitNow();
      if (circuit === null) return;
      const tell = (effect: Loadable<NodeEffect>) => {
        if (!isShown(circuit)) return;
        patch('circuits', { effects: { ...get().circuits.effects, [id]: effect } });
      };
      tell({ status: 'loading' });
      const outcome = await jobs.run('circuit', (jobId) =>
        settle(api.circuits.effects(requestOf(circuit, [at]), jobId)),
      );
      tell(loadableOf(outcome.ok ? { ok: true, value: elementAt(outcome.value, 0) } : outcome));
    },
    /** The order of predictions against what happens: of the top features, and of others as active as they. */
    checkOrder: async () => {
      const circuit = circuitNow();
      if (circuit === null) return;
      patch('circuits', { check: { status: 'loading' } });
      const { top, others } = chooseChecked(circuit.graph);
      const outcome = await jobs.run('circuit', (jobId) =>
        settle(api.circuits.effects(requestOf(circuit, [...top, ...others]), jobId)),
      );
      if (!isShown(circuit)) return;
      if (!outcome.ok) {
        patch('circuits', { check: loadableOf(outcome) });
        return;
      }
      const order = (nodes: readonly number[], effects: readonly NodeEffect[]): ChangeOrder => {
        const expected = nodes.map((at) => elementAt(predictedOf(circuit, at), 0));
        const against = (real: (effect: NodeEffect) => readonly number[]) =>
          rankCorrelation(
            expected,
            effects.map((effect) => elementAt(real(effect), 0)),
          );
        const [frozen, free] = [against((one) => one.frozen), against((one) => one.free)];
        return { frozen, free, count: nodes.length };
      };
      const value: EffectCheck = {
        top: order(top, outcome.value.slice(0, top.length)),
        others: order(others, outcome.value.slice(top.length)),
      };
      patch('circuits', { check: { status: 'ready', value } });
    },
    /** Traces other texts, one a line, and counts which features stay. */
    compare: async (lines: string) => {
      const circuit = circuitNow();
      if (circuit === null) return;
      const texts = lines.split('\n').map((line) => line.trim());
      const wanted = texts.filter((line) => line !== '').slice(0, MOST_TEXTS);
      if (wanted.length === 0) return;
      patch('circuits', { others: { status: 'loading' }, beside: null });
      const own = keptFeatures(circuit, get().circuits.prune);
      const found: OtherText[] = [];
      for (const text of wanted) {
        const outcome = await traceText(text);
        if (!isShown(circuit)) return;
        if (outcome?.ok !== true) {
          const others =
            outcome === null ? ({ status: 'empty' } as const) : loadableOf<OtherText[]>(outcome);
          patch('circuits', { others });
          return;
        }
        const theirs = new Set(keptFeatures(outcome.value, get().circuits.prune));
        const kept = own.filter((feature) => theirs.has(feature));
        found.push({ text, circuit: outcome.value, kept, shared: kept.length, own: own.length });
      }
      const beside = found.length === 1 ? 0 : null;
      patch('circuits', { others: { status: 'ready', value: found }, beside });
    },
    /** Draws one of the other texts beside the graph; null: none. */
    putBeside: (index: number | null) => patch('circuits', { beside: index }),
  };
}

function latentAt({ nodes }: AttributionGraph, at: number): LatentNode {
  const node = elementAt(nodes, at);
  invariant(node.kind === 'latent', 'only features are switched off');
  return node;
}

function requestOf(circuit: Circuit, indices: readonly number[]): NodeEffectsRequest {
  const { graph, saeIds } = circuit;
  return {
    tokenIds: [...graph.tokenIds],
    latents: indices.map((at) => {
      const { layer, latentIndex, position } = latentAt(graph, at);
      return { saeId: elementAt(saeIds, layer), latentIndex, position };
    }),
    logits: graph.nodes
      .filter((node) => node.kind === 'logit')
      .map(({ tokenId, against }) => ({ tokenId, against })),
  };
}

/** The most influential latents, and for each another of the graph, none of them, whose activation is the closest. */
function chooseChecked(graph: AttributionGraph): { top: number[]; others: number[] } {
  const influence = nodeInfluence(graph);
  const latents = [...graph.nodes.keys()].filter((at) => graph.nodes[at]?.kind === 'latent');
  const order = latents.sort((a, b) => elementAt(influence, b) - elementAt(influence, a));
  const top = order.slice(0, Math.min(CHECKED, Math.floor(order.length / 2)));
  const left = new Set(order.slice(top.length));
  const act = (at: number) => latentAt(graph, at).act;
  const others = top.flatMap((at) => {
    const closest = [...left].sort(
      (a, b) => Math.abs(act(a) - act(at)) - Math.abs(act(b) - act(at)),
    )[0];
    if (closest === undefined) return [];
    left.delete(closest);
    return [closest];
  });
  return { top, others };
}

/** `layer/latent` of the features that pruning leaves, wherever they fire. */
function keptFeatures({ graph }: Circuit, prune: PruneOptions): string[] {
  const features = pruneGraph(graph, prune).nodes.flatMap((at) => {
    const node = elementAt(graph.nodes, at);
    return node.kind === 'latent' ? [`${node.layer}/${node.latentIndex}`] : [];
  });
  return [...new Set(features)];
}
