// Two prompts' graphs side by side, on one scale: features that both have are ringed in the drawings, and listed.
import { useLayoutEffect, useMemo, useRef } from 'react';
import { counted } from '../../../core/text/counted';
import { circuitChart, mostWeight, PAGE_COLOURS } from '../../../charts/circuitChart';
import { mostInfluence, type CircuitData } from '../../../charts/circuitLayout';
import { elementAt } from '../../../core/elementAt';
import type { Circuit } from '../../../engine/circuits/api';
import { besideOf, nameAt, type Beside } from '../../../store/circuits/circuitsSelectors';
import { useWidth } from '../../hooks/useWidth';
import { percent } from '../../parts/text/numberText';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import { dataOf, useNodeNames } from '../useCircuitData';
import styles from './Beside.module.css';

export function BesideGraphs() {
  const beside = useAppState(besideOf);
  const actions = useActions();
  const sides = useSides(beside);
  if (beside === null || sides === null) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="circuit-beside">
      <div className={layoutStyles.panelHead}>
        <h2 id="circuit-beside">Side by side</h2>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={() => actions.circuits.check.putBeside(null)}
        >
          Close
        </button>
      </div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Both on one scale: a node of the same size has the same share of influence, a link of the
        same width the same weight. Ringed features are in both graphs, wherever they fire.
      </p>
      <div className={styles.sides}>
        {sides.map((data, i) => (
          <Side key={i} text={elementAt(beside.sides, i).text} data={data} />
        ))}
      </div>
      <SharedTable beside={beside} />
    </section>
  );
}

function useSides(beside: Beside | null): CircuitData[] | null {
  const name = useNodeNames();
  return useMemo(() => {
    if (beside === null) return null;
    const plain = beside.sides.map(({ circuit, shown, marked }) => {
      const data = dataOf({ circuit, shown, selected: null, name });
      const nodes = data.nodes.map((node) => ({ ...node, isShared: marked.includes(node.id) }));
      return { ...data, nodes };
    });
    const scale = {
      influence: Math.max(...plain.map(mostInfluence)),
      weight: Math.max(...plain.map(mostWeight)),
    };
    return plain.map((data) => ({ ...data, scale }));
  }, [beside, name]);
}

function Side({ text, data }: { text: string; data: CircuitData }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  useLayoutEffect(() => {
    const { svg } = circuitChart(data, width, document, { colours: PAGE_COLOURS, hasLinks: true });
    box.current?.replaceChildren(svg);
  }, [data, width]);
  return (
    <figure className={styles.side}>
      <figcaption className={wordStyles.small}>“{text}”</figcaption>
      <div
        ref={box}
        className={styles.chart}
        tabIndex={0}
        role="group"
        aria-label={`Graph of “${text}”`}
      />
    </figure>
  );
}

function SharedTable({ beside: { sides, shared } }: { beside: Beside }) {
  const [own] = sides;
  if (shared.length === 0) {
    return <p className={wordStyles.muted}>No feature that is shown is in both graphs.</p>;
  }
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Features of both graphs">
      <table className={classNames(dataStyles.table, styles.words)}>
        <caption className={wordStyles.small}>
          {counted(shared.length, 'feature')} in both; shares of all influence
        </caption>
        <thead>
          <tr>
            <th scope="col">Feature</th>
            <th scope="col">Block</th>
            <th scope="col">here</th>
            <th scope="col">beside</th>
          </tr>
        </thead>
        <tbody>
          {shared.map(({ layer, latentIndex, at, influence: [here, there] }) => (
            <tr key={`${layer}/${latentIndex}`}>
              <th scope="row">
                <Name circuit={own.circuit} at={at} />
              </th>
              <td>{layer}</td>
              <td>{percent(here)}</td>
              <td>{percent(there)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ circuit, at }: { circuit: Circuit; at: number }) {
  return <>{useAppState((state) => nameAt(state, circuit, at))}</>;
}
