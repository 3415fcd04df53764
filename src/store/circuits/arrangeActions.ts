// Intents that arrange the graph, each of which can be undone: pin, hide, group.
import { NOTHING_ARRANGED, type Arrangement, type ShownNode } from '../../core/circuits/shownGraph';
import { nodeIds } from '../../core/circuits/graphJson';
import { elementAt } from '../../core/elementAt';
import type { StoreContext } from '../context';

/** Longest name of a group. */
const MAX_NAME = 60;

export function makeArrangeActions({ get, patch }: StoreContext) {
  function change(next: Arrangement): void {
    const { arrangement, past } = get().circuits;
    patch('circuits', { arrangement: next, past: [...past, arrangement], future: [] });
  }

  /** Ids of the graph's nodes that a shown one stands for. */
  function idsOf({ members }: ShownNode): string[] {
    const { circuit } = get().circuits;
    if (circuit.status !== 'ready') return [];
    const ids = nodeIds(circuit.value.graph);
    return members.map((at) => elementAt(ids, at));
  }

  const without = (list: readonly string[], ids: readonly string[]) =>
    list.filter((id) => !ids.includes(id));

  return {
    togglePin: (node: ShownNode) => {
      const { arrangement } = get().circuits;
      const ids = idsOf(node);
      const others = without(arrangement.pinned, ids);
      change({ ...arrangement, pinned: node.isPinned ? others : [...others, ...ids] });
    },
    hide: (node: ShownNode) => {
      const { arrangement } = get().circuits;
      const ids = idsOf(node);
      change({
        ...arrangement,
        pinned: without(arrangement.pinned, ids),
        hidden: [...without(arrangement.hidden, ids), ...ids],
      });
      patch('circuits', { selected: null });
    },
    showHidden: () => change({ ...get().circuits.arrangement, hidden: [] }),
    /** Into the group of that name, which is made if there is none. */
    group: (node: ShownNode, wanted: string) => {
      const name = wanted.trim().slice(0, MAX_NAME);
      if (name === '') return;
      const { arrangement } = get().circuits;
      const ids = idsOf(node);
      const rest = arrangement.groups.map((one) => ({ ...one, nodes: without(one.nodes, ids) }));
      const known = rest.find((one) => one.name === name);
      const groups = [
        ...rest.filter((one) => one !== known && one.nodes.length > 0),
        { name, nodes: [...(known?.nodes ?? []), ...ids] },
      ];
      change({ ...arrangement, groups });
      patch('circuits', { selected: `group:${name}` });
    },
    ungroup: (name: string) => {
      const { arrangement } = get().circuits;
      change({ ...arrangement, groups: arrangement.groups.filter((one) => one.name !== name) });
      patch('circuits', { selected: null });
    },
    reset: () => change(NOTHING_ARRANGED),
    undo: () => {
      const { arrangement, past, future } = get().circuits;
      const before = past.at(-1);
      if (before === undefined) return;
      patch('circuits', {
        arrangement: before,
        past: past.slice(0, -1),
        future: [...future, arrangement],
      });
    },
    redo: () => {
      const { arrangement, past, future } = get().circuits;
      const after = future.at(-1);
      if (after === undefined) return;
      patch('circuits', {
        arrangement: after,
        past: [...past, arrangement],
        future: future.slice(0, -1),
      });
    },
  };
}
