// Bring your own nanochat: drop its folder or choose its files.
import { useState } from 'react';
import { bugProblem } from '../../store/problems';
import type { Problem } from '../../engine/api';
import { DropZone } from '../parts/DropZone';
import { ProblemNote } from '../parts/Messages';
import { useActions, useFacts } from '../storeContext';

export function OwnModelPanel() {
  const { openFiles, openDemo } = useActions();
  const opened = useFacts(({ model }) => (model.lastSource === 'files' ? model.problem : null));
  const hasModel = useFacts((facts) => facts.model.facts !== null);
  const [unread, setUnread] = useState<Problem | null>(null);
  return (
    <section className="panel own-model" aria-labelledby="own-model">
      <h2 id="own-model">Your own nanochat</h2>
      <ProblemNote problem={unread ?? opened}>
        {!hasModel && (
          <button type="button" className="button" onClick={() => void openDemo()}>
            Load the demo
          </button>
        )}
      </ProblemNote>
      <DropZone
        label="Your own nanochat"
        offersFolder
        onFiles={(files) => {
          setUnread(null);
          void openFiles(files);
        }}
        onFailure={(cause) => setUnread(bugProblem(cause))}
      >
        <p>
          Drop a checkpoint folder here: <code>model_*.pt</code>, <code>meta_*.json</code> and{' '}
          <code>tokenizer.pkl</code>.
        </p>
        <p className="muted small">
          Files are read in place, in ranges, and stay on this device. Optimiser files are ignored,
          and pickles are read without running anything.
        </p>
      </DropZone>
    </section>
  );
}
