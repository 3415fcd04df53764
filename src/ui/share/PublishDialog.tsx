// Writes SAEs as a folder for any static host: which ones, with or without what holds text, as a zip or right into a
// folder.
import { useState } from 'react';
import { saeName } from '../../core/sae/saeName';
import { progressOf } from '../../store/progress';
import { useSaving } from '../hooks/useSaving';
import { Dialog } from '../parts/Dialog';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { SaveButtons } from '../parts/buttons/SaveButtons';
import { count } from '../parts/text/numberText';
import { ProgressBar } from '../parts/ProgressBar';
import { hookText } from '../parts/text/hookText';
import { useActions, useAppState } from '../storeContext';
import styles from './PublishDialog.module.css';

export function PublishDialog({ first }: { first: readonly string[] }) {
  const actions = useActions();
  const list = useAppState((state) => state.sae.list) ?? [];
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(first));
  const [withText, setWithText] = useState(true);
  const [done, setDone] = useState(false);
  const { save, problem, isBusy } = useSaving(actions.share.give.publish, () => setDone(true));
  const saeIds = list.map(({ saeId }) => saeId).filter((saeId) => chosen.has(saeId));
  const toggle = (saeId: string) => {
    const next = new Set(chosen);
    if (!next.delete(saeId)) next.add(saeId);
    setChosen(next);
    setDone(false);
  };
  return (
    <Dialog title="Publish a folder" onClose={() => actions.share.give.choosePublished(null)}>
      <div className={layoutStyles.stack}>
        <p>
          A folder to put on the web, at GitHub Pages, Hugging Face or any other host of files: the
          SAEs as SAELens reads them, what is known of their features, and a README. A link to it
          opens it here.
        </p>
        <ul className={styles.list} aria-label="SAEs to publish">
          {list.map((sae) => (
            <li key={sae.saeId}>
              <label className={styles.choice}>
                <input
                  type="checkbox"
                  checked={chosen.has(sae.saeId)}
                  onChange={() => toggle(sae.saeId)}
                />
                <span>
                  {saeName(sae)}{' '}
                  <span className={classNames(wordStyles.muted, wordStyles.small)}>
                    {hookText(sae.hookPoint)}, {count(sae.d_sae)} features
                  </span>
                </span>
              </label>
            </li>
          ))}
        </ul>
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={!withText}
            onChange={(event) => {
              setWithText(!event.target.checked);
              setDone(false);
            }}
          />
          <span>
            Weights only: no statistics (their examples are passages of your text), no notes, no
            guessed names.
          </span>
        </label>
        <SaveButtons
          isDisabled={saeIds.length === 0 || isBusy}
          onSave={(as) => void save({ saeIds, withText, as })}
        />
        {isBusy && <Working />}
        <ProblemNote problem={problem} />
        {done && <Next />}
      </div>
    </Dialog>
  );
}

function Working() {
  const progress = useAppState(progressOf('publishing'));
  const actions = useActions();
  if (progress === null) return <p role="status">Writing…</p>;
  return (
    <ProgressBar
      label="Publishing"
      progress={progress}
      onCancel={() => void actions.share.give.cancelPublishing()}
    />
  );
}

/** What is left to do: this page uploads nothing. */
function Next() {
  const base = window.location.href.replace(/#.*$/s, '');
  return (
    <div role="status">
      <p>
        Saved. Put its content on a host that lets other pages read it, then share this link with
        the folder’s https address in it:
      </p>
      <p className={styles.link}>{base}#src=https://HOST/FOLDER/</p>
    </div>
  );
}
