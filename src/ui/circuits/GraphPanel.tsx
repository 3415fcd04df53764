// The graph with what is said of it: how much it explains, how much of it is shown, what it cannot explain; thresholds,
// undo, exports.
import { useCallback } from 'react';
import { shownOf } from '../../store/circuits/circuitsSelectors';
import { percent } from '../parts/text/numberText';
import { Explained } from '../parts/Explained';
import { UndoButtons } from '../parts/buttons/UndoButtons';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ExportGraph } from './ExportGraph';
import { GraphView } from './GraphView';
import { useCircuitData } from './useCircuitData';
import styles from './GraphPanel.module.css';

export function GraphPanel() {
  const data = useCircuitData();
  const text = useAppState((state) => state.circuits.of);
  if (data === null) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="circuit-graph">
      <div className={layoutStyles.panelHead}>
        <h2 id="circuit-graph">What led there</h2>
        <ExportGraph data={data} name={text} />
      </div>
      <Scores />
      <Thresholds />
      <GraphView data={data} />
      <Legend />
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        A graph is a hypothesis: switch a feature off to test it. It does not explain why attention
        looks where it looks (its patterns are taken as they were), nor what the transcoders leave
        out (the hollow nodes).
      </p>
    </section>
  );
}

function Scores() {
  const scores = useAppState(({ circuits: { circuit } }) =>
    circuit.status === 'ready' ? circuit.value.scores : null,
  );
  const shown = useAppState(shownOf);
  if (scores === null || shown === null) return null;
  return (
    <p className={styles.scores}>
      <span>
        <Explained meaning="Replacement score, as circuit-tracer defines it: the share of what flows from the words to the prediction that passes features, not what transcoders leave out.">
          Through features
        </Explained>{' '}
        <strong>{percent(scores.replacement)}</strong>
      </span>
      <span>
        <Explained meaning="Completeness score, as circuit-tracer defines it: how much of what enters each node, by its influence, comes from features and words.">
          Of each node explained
        </Explained>{' '}
        <strong>{percent(scores.completeness)}</strong>
      </span>
      <span className={wordStyles.muted}>
        {shown.shownCount} of {shown.totalCount} nodes shown, {percent(shown.shownInfluence)} of the
        influence
      </span>
    </p>
  );
}

function Thresholds() {
  const prune = useAppState((state) => state.circuits.prune);
  const canUndo = useAppState((state) => state.circuits.past.length > 0);
  const canRedo = useAppState((state) => state.circuits.future.length > 0);
  const hidden = useAppState((state) => state.circuits.arrangement.hidden.length);
  const actions = useActions();
  const { undo, redo } = actions.circuits.arrange;
  return (
    <div className={styles.tools}>
      <ShareSlider
        id="node-share"
        label="Nodes"
        value={prune.nodeShare}
        onChange={(nodeShare) => actions.circuits.setPrune({ nodeShare })}
      />
      <ShareSlider
        id="edge-share"
        label="Links"
        value={prune.edgeShare}
        onChange={(edgeShare) => actions.circuits.setPrune({ edgeShare })}
      />
      <UndoButtons canUndo={canUndo} canRedo={canRedo} onUndo={undo} onRedo={redo} />
      {hidden > 0 && (
        <button
          type="button"
          className={controlStyles.button}
          onClick={actions.circuits.arrange.showHidden}
        >
          Show {hidden} hidden
        </button>
      )}
    </div>
  );
}

type ShareSliderProps = {
  id: string;
  label: string;
  value: number;
  onChange: (value: number) => void;
};

/** Of all influence, how much the kept ones hold. */
function ShareSlider({ id, label, value, onChange }: ShareSliderProps) {
  const change = useCallback(
    (text: string) => onChange(Math.max(0.05, Number(text) / 100)),
    [onChange],
  );
  return (
    <label className={styles.slider} htmlFor={id}>
      <span>
        {label} to {Math.round(100 * value)} %
      </span>
      <input
        id={id}
        type="range"
        min={5}
        max={100}
        step={1}
        value={Math.round(100 * value)}
        aria-valuetext={`${Math.round(100 * value)} percent of the influence`}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}

function Legend() {
  return (
    <ul className={styles.legend} aria-label="Legend">
      <li>
        <i className={styles.feature} /> feature
      </li>
      <li>
        <i className={styles.error} /> left out by a transcoder
      </li>
      <li>
        <i className={styles.input} /> word, prediction
      </li>
      <li>
        <i className={styles.value} /> value embedding
      </li>
      <li>
        <i className={styles.for} /> speaks for
      </li>
      <li>
        <i className={styles.against} /> speaks against
      </li>
    </ul>
  );
}
