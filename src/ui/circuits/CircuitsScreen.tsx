// The Circuits screen: a text, the graph of what made the model go on as it does, one of its nodes beside it.
import { transcoderCount, transcodersOfModel } from '../../store/circuits/circuitsSelectors';
import { ProblemNote } from '../parts/Messages';
import { ScreenHead } from '../parts/ScreenHead';
import { useActions, useAppState } from '../storeContext';
import { BesideGraphs } from './compare/Beside';
import { CompareTexts } from './compare/CompareTexts';
import { GraphPanel } from './GraphPanel';
import { NodePanel } from './NodePanel';
import { NodeTable } from './NodeTable';
import { TraceForm } from './TraceForm';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import { classNames } from '../parts/look/classNames';
import styles from './CircuitsScreen.module.css';

export function CircuitsScreen() {
  const isMissing = useAppState(
    (state) =>
      state.model.open !== null &&
      !state.model.open.isDemo &&
      state.sae.list !== null &&
      transcodersOfModel(state) === null,
  );
  return (
    <>
      <ScreenHead
        name="Circuits"
        purpose="Which features led the model to its next word, and through which others."
      />
      {isMissing ? <NoTranscoders /> : <Workbench />}
    </>
  );
}

function Workbench() {
  const problem = useAppState((state) => state.circuits.problem);
  const hasGraph = useAppState((state) => state.circuits.circuit.status === 'ready');
  return (
    <>
      <ProblemNote problem={problem} />
      <TraceForm />
      {hasGraph && (
        <div className={styles.screen}>
          <div className={styles.graph}>
            <GraphPanel />
            <NodeTable />
            <CompareTexts />
          </div>
          <NodePanel />
        </div>
      )}
      <BesideGraphs />
    </>
  );
}

/** A graph is made of transcoders, one for each block. */
function NoTranscoders() {
  const model = useAppState((state) => state.model.open);
  const count = useAppState(transcoderCount);
  const actions = useActions();
  const layers = model?.n_layer ?? 0;
  return (
    <section
      className={classNames(layoutStyles.panel, layoutStyles.empty)}
      aria-label="No transcoders"
    >
      <strong>
        {count === 0
          ? `${model?.name ?? 'This model'} has no transcoders yet`
          : `${count} of the ${layers} blocks have a transcoder`}
      </strong>
      <p>
        A circuit is drawn through transcoders: each rewrites what one block’s MLP does as features.
        It takes one for every block, trained from the same passes over your text.
      </p>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          onClick={() => actions.circuits.trainTranscoders()}
        >
          Train a transcoder for every layer
        </button>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => void actions.model.openDemo()}
        >
          Look at the demo’s circuits
        </button>
      </div>
    </section>
  );
}
