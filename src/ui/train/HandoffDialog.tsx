// "Train elsewhere": the run of the form as a folder that other machines train, and what to do with it there.
import { useState } from 'react';
import { counted } from '../../core/text/counted';
import { useSaving, type SaveAs } from '../hooks/useSaving';
import { Dialog } from '../parts/Dialog';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { SaveButtons } from '../parts/buttons/SaveButtons';
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
          {text !== null && ` (${text.name}, ${counted(text.documents, 'document')})`}. Nothing is
          sent anywhere: you take it there.
        </p>
        <SaveButtons isDisabled={isBusy} onSave={(as) => void save({ as })} />
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
