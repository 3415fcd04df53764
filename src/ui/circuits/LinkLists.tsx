// What gives to a node and what it gives to, strongest first: the graph as one reads it on a phone.
import { useState } from 'react';
import type { ShownGraph, ShownNode } from '../../core/circuits/shownGraph';
import type { Circuit } from '../../engine/circuits/api';
import { nodeName, shownOf, wordOf } from '../../store/circuits/circuitsSelectors';
import { signedMeasure } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './LinkLists.module.css';

/** Links at first. */
const FEW = 8;

type Side = 'in' | 'out';

export function LinkLists({ circuit, node }: { circuit: Circuit; node: ShownNode }) {
  const shown = useAppState(shownOf);
  if (shown === null) return null;
  return (
    <>
      <Links title="Takes from" side="in" circuit={circuit} node={node} shown={shown} />
      <Links title="Gives to" side="out" circuit={circuit} node={node} shown={shown} />
    </>
  );
}

type LinksProps = {
  title: string;
  side: Side;
  circuit: Circuit;
  node: ShownNode;
  shown: ShownGraph;
};

function Links({ title, side, circuit, node, shown }: LinksProps) {
  const [isWhole, setWhole] = useState(false);
  const links = shown.links.filter((one) => (side === 'in' ? one.target : one.source) === node.id);
  if (links.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ol className={styles.list} aria-label={title}>
        {links.slice(0, isWhole ? links.length : FEW).map(({ source, target, weight }) => (
          <LinkRow
            key={`${source}>${target}`}
            circuit={circuit}
            other={shown.nodes.find(({ id }) => id === (side === 'in' ? source : target)) ?? null}
            weight={weight}
          />
        ))}
      </ol>
      {links.length > FEW && !isWhole && (
        <button type="button" className={controlStyles.linkButton} onClick={() => setWhole(true)}>
          All {links.length}
        </button>
      )}
    </div>
  );
}

type LinkRowProps = { circuit: Circuit; other: ShownNode | null; weight: number };

function LinkRow({ circuit, other, weight }: LinkRowProps) {
  const name = useAppState((state) => (other === null ? '' : nodeName(state, circuit, other)));
  const actions = useActions();
  if (other === null) return null;
  const token = wordOf(circuit.tokens[other.position]?.text ?? '');
  return (
    <li className={styles.row}>
      <span className={weight < 0 ? styles.against : styles.for}>{signedMeasure(weight)}</span>
      <button
        type="button"
        className={classNames(controlStyles.linkButton, styles.name)}
        onClick={() => actions.circuits.select(other)}
      >
        {name}
      </button>
      <span className={classNames(wordStyles.muted, wordStyles.small, styles.token)}>
        “{token}”
      </span>
    </li>
  );
}
