// "Train elsewhere": the run of the form as a folder that other machines train, and what to do with it there.
import { useState } from 'react';
import { canSaveFolder } from '../files';
import { useSaving, type SaveAs } from '../hooks/useSaving';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { count } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import styles from './HandoffDialog.module.css';

export function HandoffDialog({ onClose }: { onClose: () => void }) {
  const actions = useActions();
  const text = useAppState((state) => state.text.corpus);
  const [done, setDone] = useState(false);
  const make = ({ as }: { as: SaveAs }) => actions.train.handoff(as);
  const { save, problem, isBusy } = useSaving(make, () => setDone(true));
  return (
    <Dialog title="Train elsewhere" onClose={onClose}>
      <div className={layoutStyles.stack}>
        <p>
          A folder with which a larger machine, or many, train this run on your model: a Python
          script that uses SAELens, your settings, and the text
          {text !== null && ` (${text.name}, ${count(text.documents)} documents)`}. Nothing is sent
          anywhere: you take it there.
        </p>
        <div className={layoutStyles.buttonRow}>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.primary)}
            disabled={isBusy}
            onClick={() => void save({ as: 'zip' })}
          >
            <Icon name="download" />
            Save as a zip
          </button>
          {canSaveFolder() && (
            <button
              type="button"
              className={controlStyles.button}
              disabled={isBusy}
              onClick={() => void save({ as: 'files' })}
            >
              Write into a folder…
            </button>
          )}
        </div>
        {isBusy && <p role="status">Writing…</p>}
        <ProblemNote problem={problem} />
        {done && <Next />}
      </div>
    </Dialog>
  );
}

function Next() {
  return (
    <div role="status">
      <p>Saved. There, with nanochat beside it:</p>
      <pre className={styles.command}>
        uv run train_sae.py --nanochat ~/nanochat --checkpoint FOLDER
      </pre>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Then drop the folder <code>saes</code> that it wrote anywhere on this page. README.md has
        the commands for several GPUs and for the cloud.
      </p>
    </div>
  );
}
