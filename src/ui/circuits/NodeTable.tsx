// Every shown node as a table, the equal of the drawing: by influence, each with its place and its links.
import { useState } from 'react';
import type { ShownNode } from '../../core/circuits/shownGraph';
import type { Circuit } from '../../engine/circuits/api';
import { nodeName, shownOf, wordOf } from '../../store/circuits/circuitsSelectors';
import { percent } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import styles from './NodeTable.module.css';

/** Rows at first: what matters is on top. */
const FEW = 25;

export function NodeTable() {
  const circuit = useAppState(({ circuits }) =>
    circuits.circuit.status === 'ready' ? circuits.circuit.value : null,
  );
  const shown = useAppState(shownOf);
  const [isWhole, setWhole] = useState(false);
  if (circuit === null || shown === null) return null;
  const nodes = [...shown.nodes].sort((a, b) => b.influence - a.influence);
  const counts = new Map<string, { takes: number; gives: number }>();
  const countOf = (id: string) => counts.get(id) ?? { takes: 0, gives: 0 };
  for (const { source, target } of shown.links) {
    counts.set(source, { ...countOf(source), gives: countOf(source).gives + 1 });
    counts.set(target, { ...countOf(target), takes: countOf(target).takes + 1 });
  }
  return (
    <section className={layoutStyles.panel} aria-labelledby="circuit-nodes">
      <h2 id="circuit-nodes">Nodes</h2>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Nodes of the graph">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">At</th>
              <th scope="col" className={styles.number}>
                Influence
              </th>
              <th scope="col" className={classNames(styles.number, styles.wide)}>
                Takes
              </th>
              <th scope="col" className={classNames(styles.number, styles.wide)}>
                Gives
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.slice(0, isWhole ? nodes.length : FEW).map((node) => (
              <NodeRow key={node.id} circuit={circuit} node={node} {...countOf(node.id)} />
            ))}
          </tbody>
        </table>
      </div>
      {nodes.length > FEW && !isWhole && (
        <div>
          <button type="button" className={controlStyles.button} onClick={() => setWhole(true)}>
            All {nodes.length} nodes
          </button>
        </div>
      )}
    </section>
  );
}

type NodeRowProps = { circuit: Circuit; node: ShownNode; takes: number; gives: number };

function NodeRow({ circuit, node, takes, gives }: NodeRowProps) {
  const name = useAppState((state) => nodeName(state, circuit, node));
  const isChosen = useAppState((state) => state.circuits.selected === node.id);
  const actions = useActions();
  return (
    <tr className={isChosen ? styles.chosen : undefined}>
      <th scope="row">
        <button
          type="button"
          className={classNames(controlStyles.linkButton, styles.name)}
          aria-current={isChosen ? true : undefined}
          onClick={() => actions.circuits.select(node)}
        >
          {node.isPinned && 'pinned · '}
          {name}
        </button>
      </th>
      <td>{placeText(node)}</td>
      <td className={styles.token}>“{wordOf(circuit.tokens[node.position]?.text ?? '')}”</td>
      <td className={styles.number}>{percent(node.influence)}</td>
      <td className={classNames(styles.number, styles.wide)}>{takes}</td>
      <td className={classNames(styles.number, styles.wide)}>{gives}</td>
    </tr>
  );
}

function placeText({ kind, row }: ShownNode): string {
  if (kind === 'token') return 'word';
  return kind === 'logit' ? 'next word' : `block ${row - 1}`;
}
