// What an export of the graph asks of the engine: names of features, pins and groups by index. Pure.
import { nodeIds } from '../../core/circuits/graphJson';
import type { Circuit, GraphExport } from '../../engine/circuits/api';
import type { AppState } from '../state';
import { nameAt } from './circuitsSelectors';

export function circuitJson(state: AppState, circuit: Circuit): GraphExport {
  const { prune, arrangement } = state.circuits;
  const at = new Map(nodeIds(circuit.graph).map((id, index) => [id, index] as const));
  const indices = (ids: readonly string[]) => ids.flatMap((id) => at.get(id) ?? []);
  return {
    circuit,
    prune,
    labels: circuit.graph.nodes.map((node, index) =>
      node.kind === 'latent' ? nameAt(state, circuit, index) : '',
    ),
    pinned: indices(arrangement.pinned),
    supernodes: arrangement.groups.map(({ name, nodes }) => ({ name, nodes: indices(nodes) })),
  };
}
