// Questions that the Circuits screen asks of the state. Pure.
import { counted } from '../../core/text/counted';
import { isTranscoderPoint, parseHookPoint } from '../../core/activations/hookPoint';
import { predictedChanges } from '../../core/circuits/attributionGraph';
import { elementAt } from '../../core/elementAt';
import type { PruneOptions } from '../../core/circuits/graphScores';
import {
  nodesOf,
  sharedFeatures,
  type DrawnGraph,
  type SharedFeature,
} from '../../core/circuits/sharedFeatures';
import {
  NOTHING_ARRANGED,
  shownGraph,
  type ShownGraph,
  type ShownNode,
} from '../../core/circuits/shownGraph';
import { memoLast } from '../../core/memoLast';
import { featureName } from '../../core/statistics/featureName';
import type { Circuit } from '../../engine/circuits/api';
import type { SaeFacts } from '../../engine/sae/api';
import { guessOf, labelOf, latentRowOf } from '../featureNames';
import { saesOfModel } from '../sae/saeSelectors';
import type { AppState } from '../state';
import type { OtherText } from './circuitsState';

/** The transcoder of each block of the open model, the newest where there are several; null: one has none, or no model
 *  is open. */
export function transcodersOfModel(state: AppState): SaeFacts[] | null {
  const layers = state.model.open?.n_layer ?? 0;
  const byLayer = new Map<number, SaeFacts>();
  for (const sae of saesOfModel(state)) {
    if (!isTranscoderPoint(sae.hookPoint)) continue;
    byLayer.set(parseHookPoint(sae.hookPoint).layer, sae);
  }
  const found = Array.from({ length: layers }, (_, layer) => byLayer.get(layer));
  const all = found.flatMap((sae) => sae ?? []);
  return layers > 0 && all.length === layers ? all : null;
}

/** How many blocks of the open model have a transcoder. */
export function transcoderCount(state: AppState): number {
  const points = saesOfModel(state)
    .map(({ hookPoint }) => hookPoint)
    .filter(isTranscoderPoint);
  return new Set(points).size;
}

/** Why nothing can be traced now, as a sentence; null if Trace works. */
export function tracingBlock(state: AppState): string | null {
  const { model, circuits } = state;
  if (model.open === null) {
    return model.opening ? 'Waits for the model to load.' : 'Open a model first.';
  }
  if (state.sae.list === null) return 'Waits for the list of SAEs.';
  if (circuits.prompt.trim() === '') return 'Write a text first.';
  if (circuits.target !== 'likeliest' && circuits.token === '') return 'Name the token to explain.';
  if (circuits.target === 'difference' && circuits.against === '') return 'Name the other token.';
  return null;
}

const arranged = memoLast(shownGraph);

/** The graph as it is drawn; the same object while nothing of it changes. */
export function shownOf({ circuits }: Pick<AppState, 'circuits'>): ShownGraph | null {
  const { circuit, prune, arrangement } = circuits;
  return circuit.status === 'ready' ? arranged(circuit.value.graph, prune, arrangement) : null;
}

/** The graph and the one beside it, each as it is drawn; null: nothing is beside. */
export function besideOf({ circuits }: Pick<AppState, 'circuits'>): Beside | null {
  const { circuit, others, beside, of } = circuits;
  if (circuit.status !== 'ready' || others.status !== 'ready' || beside === null) return null;
  const other = others.value[beside];
  return other === undefined ? null : paired(circuit.value, of, other, circuits.prune);
}

export type Beside = { sides: readonly [BesideGraph, BesideGraph]; shared: SharedFeature[] };
type BesideGraph = { text: string; circuit: Circuit; shown: ShownGraph; marked: string[] };

const paired = memoLast(
  (own: Circuit, text: string, other: OtherText, prune: PruneOptions): Beside => {
    const drawn = ({ graph }: Circuit) => ({
      graph,
      shown: shownGraph(graph, prune, NOTHING_ARRANGED),
    });
    const [here, there] = [drawn(own), drawn(other.circuit)];
    const shared = sharedFeatures(here, there);
    const side = (name: string, circuit: Circuit, graph: DrawnGraph): BesideGraph => {
      return { text: name, circuit, shown: graph.shown, marked: nodesOf(graph, shared) };
    };
    return { sides: [side(text, own, here), side(other.text, other.circuit, there)], shared };
  },
);

/** How many features of the graph every other text has; null: nothing is compared. */
export function stableCount({ circuits: { others } }: Pick<AppState, 'circuits'>): number | null {
  if (others.status !== 'ready') return null;
  const [first, ...rest] = others.value.map(({ kept }) => kept);
  return first === undefined
    ? null
    : first.filter((feature) => rest.every((kept) => kept.includes(feature))).length;
}

/** A node in words, by all that is known of its feature. */
export function nodeName(
  state: AppState,
  circuit: Circuit,
  { group, members }: Pick<ShownNode, 'group' | 'members'>,
): string {
  if (group !== null) return `${group} (${counted(members.length, 'node')})`;
  return nameAt(state, circuit, elementAt(members, 0));
}

export function nameAt(state: AppState, circuit: Circuit, at: number): string {
  const node = elementAt(circuit.graph.nodes, at);
  switch (node.kind) {
    case 'latent': {
      const saeId = elementAt(circuit.saeIds, node.layer);
      const { latentIndex } = node;
      return featureName({
        latentIndex,
        label: labelOf(state, saeId, latentIndex),
        guess: state.circuits.guesses[saeId]?.[latentIndex] ?? guessOf(state, saeId, latentIndex),
        firesOn: latentRowOf(state, saeId, latentIndex)?.firesOn,
      }).text;
    }
    case 'error':
      return `what transcoder ${node.layer} leaves out`;
    case 'valueEmbedding':
      return `value embedding of block ${node.layer}`;
    case 'token':
      return `the word “${wordOf(elementAt(circuit.tokens, node.position).text)}”`;
    case 'logit': {
      const first = circuit.graph.nodes.findIndex(({ kind }) => kind === 'logit');
      const { token, against } = elementAt(circuit.logits, at - first);
      const chance = `${(100 * node.probability).toFixed(1)} %`;
      return against === null
        ? `predicts “${wordOf(token.text)}”, ${chance}`
        : `“${wordOf(token.text)}” rather than “${wordOf(against.text)}”`;
    }
    default:
      return node satisfies never;
  }
}

/** A token without the space that belongs to it, unless it is nothing else. */
export function wordOf(text: string): string {
  return text.trim() === '' ? text : text.trim();
}

const predicted = memoLast((circuit: Circuit) =>
  circuit.logits.map((_, logit) => predictedChanges(circuit.graph, logit)),
);

/** What switching a node off should do to each logit, by the graph. */
export function predictedOf(circuit: Circuit, at: number): number[] {
  return predicted(circuit).map((changes) => elementAt(changes, at));
}
