// The chosen node: its face, what can be done with it, what gives to it and what it gives to, and a feature's dashboard.
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { elementAt } from '../../core/elementAt';
import type { ShownNode } from '../../core/circuits/shownGraph';
import type { Circuit } from '../../engine/circuits/api';
import { nodeName, shownOf, wordOf } from '../../store/circuits/circuitsSelectors';
import { Dashboard } from '../explore/dashboard/Dashboard';
import { FeatureCardOf } from '../parts/feature/FeatureCardOf';
import { ProblemNote } from '../parts/Messages';
import { measure, percent } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { Ablation, OrderCheck } from './Ablation';
import { LinkLists } from './LinkLists';
import styles from './NodePanel.module.css';

export function NodePanel() {
  const circuit = useAppState(({ circuits }) =>
    circuits.circuit.status === 'ready' ? circuits.circuit.value : null,
  );
  const node = useAppState(
    (state) => shownOf(state)?.nodes.find(({ id }) => id === state.circuits.selected) ?? null,
  );
  if (circuit === null) return null;
  return (
    <section className={classNames(layoutStyles.panel, styles.panel)} aria-label="Chosen node">
      {node === null ? (
        <>
          <h2>No node chosen</h2>
          <p className={wordStyles.muted}>
            Point at a node to see what it gives to and takes from; click one, here or in the table,
            to see what it stands for and to switch it off.
          </p>
          <OrderCheck />
        </>
      ) : (
        <Chosen key={node.id} circuit={circuit} node={node} />
      )}
    </section>
  );
}

function Chosen({ circuit, node }: { circuit: Circuit; node: ShownNode }) {
  const first = elementAt(circuit.graph.nodes, elementAt(node.members, 0));
  const token = elementAt(circuit.tokens, node.position);
  const name = useAppState((state) => nodeName(state, circuit, node));
  const isLatent = node.group === null && first.kind === 'latent';
  const head = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In one column the list that it was chosen from lies below.
    head.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <>
      <div ref={head} className={classNames(layoutStyles.panelHead, styles.head)}>
        <h2 className={styles.name}>{name}</h2>
        <Close />
      </div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        at “{wordOf(token.text)}”, {percent(node.influence)} of all influence
        {isLatent && `, activation ${measure(first.act)}`}
      </p>
      {isLatent && (
        <FeatureCardOf
          saeId={elementAt(circuit.saeIds, first.layer)}
          latentIndex={first.latentIndex}
          note={`block ${first.layer}`}
        />
      )}
      <Arrange node={node} />
      {isLatent && <Ablation circuit={circuit} node={node} />}
      <LinkLists circuit={circuit} node={node} />
      {isLatent && <OpenDashboard saeId={elementAt(circuit.saeIds, first.layer)} {...first} />}
    </>
  );
}

function Close() {
  const actions = useActions();
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.quiet)}
      title="Esc"
      onClick={() => actions.circuits.select(null)}
    >
      Close
    </button>
  );
}

function Arrange({ node }: { node: ShownNode }) {
  const { arrange } = useActions().circuits;
  const [name, setName] = useState('');
  const group = (event: SubmitEvent) => {
    event.preventDefault();
    arrange.group(node, name);
  };
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={controlStyles.button}
        aria-pressed={node.isPinned}
        onClick={() => arrange.togglePin(node)}
      >
        Pin
      </button>
      <button type="button" className={controlStyles.button} onClick={() => arrange.hide(node)}>
        Hide
      </button>
      {node.group === null ? (
        <form className={styles.group} onSubmit={group}>
          <input
            className={inputStyles.input}
            aria-label="Name of the group"
            placeholder="group name"
            size={12}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className={controlStyles.button} disabled={name.trim() === ''}>
            Group
          </button>
        </form>
      ) : (
        <Ungroup name={node.group} />
      )}
    </div>
  );
}

function Ungroup({ name }: { name: string }) {
  const { arrange } = useActions().circuits;
  return (
    <button type="button" className={controlStyles.button} onClick={() => arrange.ungroup(name)}>
      Ungroup
    </button>
  );
}

/** Explore's own, for the feature that was chosen with the node. */
function OpenDashboard({ saeId, latentIndex }: { saeId: string; latentIndex: number }) {
  const dashboard = useAppState((state) =>
    state.sae.selectedId === saeId && state.explore.latentIndex === latentIndex
      ? state.explore.dashboard
      : null,
  );
  const [isOpen, setOpen] = useState(false);
  if (dashboard === null) return null;
  return (
    <details
      className={dataStyles.details}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>Its dashboard</summary>
      {isOpen && (
        <div className={layoutStyles.stack}>
          {dashboard.status === 'ready' && <Dashboard dashboard={dashboard.value} />}
          {dashboard.status === 'failed' && <ProblemNote problem={dashboard.problem} />}
          {dashboard.status === 'empty' && (
            <p className={wordStyles.muted}>
              It appears once its statistics are computed, on Explore.
            </p>
          )}
        </div>
      )}
    </details>
  );
}
