// The shown graph in the form that the chart draws.
import { useMemo } from 'react';
import { topRow, type ShownGraph, type ShownNode } from '../../core/circuits/shownGraph';
import type { CircuitData, CircuitNode } from '../../charts/circuitLayout';
import type { Circuit } from '../../engine/circuits/api';
import { nodeName, shownOf } from '../../store/circuits/circuitsSelectors';
import { visibleText } from '../../core/text/visibleText';
import { useAppState, useReadState } from '../storeContext';

/** null without a graph */
export function useCircuitData(): CircuitData | null {
  const circuit = useAppState(({ circuits }) =>
    circuits.circuit.status === 'ready' ? circuits.circuit.value : null,
  );
  const shown = useAppState(shownOf);
  const selected = useAppState((state) => state.circuits.selected);
  const name = useNodeNames();
  return useMemo(
    () => (circuit === null || shown === null ? null : dataOf({ circuit, shown, selected, name })),
    [circuit, shown, selected, name],
  );
}

/** Names of nodes, which change as cards, guesses and labels arrive. */
export function useNodeNames(): (circuit: Circuit, node: ShownNode) => string {
  const cards = useAppState((state) => state.statistics.cards);
  const guesses = useAppState((state) => state.circuits.guesses);
  const notes = useAppState((state) => state.statistics.notes);
  const readState = useReadState();
  return useMemo(() => {
    const known = { ...readState(), statistics: { ...readState().statistics, cards, notes } };
    const state = { ...known, circuits: { ...known.circuits, guesses } };
    return (circuit, node) => nodeName(state, circuit, node);
  }, [cards, guesses, notes, readState]);
}

export function dataOf(o: {
  circuit: Circuit;
  shown: ShownGraph;
  selected: string | null;
  name: ReturnType<typeof useNodeNames>;
}): CircuitData {
  const { circuit, shown, selected } = o;
  return {
    columns: circuit.tokens.map(({ text }) => visibleText(text)),
    rows: rowNames(circuit),
    crowd: crowdOf(circuit),
    nodes: shown.nodes.map((node): CircuitNode => ({
      id: node.id,
      name: o.name(circuit, node),
      look: node.group === null ? node.kind : 'group',
      row: node.row,
      column: node.position,
      influence: node.influence,
      isPinned: node.isPinned,
    })),
    links: shown.links,
    selected,
  };
}

function rowNames({ graph }: Circuit): string[] {
  const top = topRow(graph);
  return Array.from({ length: top + 1 }, (_, row) =>
    row === 0 ? 'Words' : row === top ? 'Next word' : `Block ${row - 1}`,
  );
}

/** Most nodes of a cell of each row, in the whole graph. */
function crowdOf({ graph }: Circuit): number[] {
  const top = topRow(graph);
  const cells = new Map<string, number>();
  const crowd = new Array<number>(top + 1).fill(1);
  for (const node of graph.nodes) {
    const row = node.kind === 'token' ? 0 : node.kind === 'logit' ? top : node.layer + 1;
    const cell = `${row} ${node.kind === 'logit' ? 'last' : node.position}`;
    const count = (cells.get(cell) ?? 0) + 1;
    cells.set(cell, count);
    crowd[row] = Math.max(crowd[row] ?? 1, count);
  }
  return crowd;
}
