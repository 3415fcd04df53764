// Opens the user's own nanochat: drop its folder or choose its files.
import { useState } from 'react';
import { bugProblem } from '../../store/problems';
import type { Problem } from '../../engine/shared/api';
import { DropZone } from '../parts/DropZone';
import { ProblemNote } from '../parts/Messages';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useAppState } from '../storeContext';
import { choiceText, findChoice, keyOf } from './choiceText';
import { RemoteModel } from './RemoteModel';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

export function OwnModelPanel() {
  const actions = useActions();
  const opened = useAppState(({ model }) => (model.lastSource === 'demo' ? null : model.problem));
  const hasModel = useAppState((state) => state.model.open !== null);
  const [unread, setUnread] = useState<Problem | null>(null);
  return (
    <section className={layoutStyles.panel} aria-labelledby="own-model">
      <h2 id="own-model">Your own nanochat</h2>
      <ProblemNote problem={unread ?? opened}>
        {!hasModel && (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.model.openDemo()}
          >
            Load the demo
          </button>
        )}
      </ProblemNote>
      <DropZone
        label="Your own nanochat"
        offersFolder
        onFiles={(files) => {
          setUnread(null);
          void actions.model.openFiles(files);
        }}
        onFailure={(cause) => setUnread(bugProblem(cause))}
      >
        <p>
          Drop a checkpoint folder here: <code>model_*.pt</code>, <code>meta_*.json</code> and{' '}
          <code>tokenizer.pkl</code>, the whole <code>~/.cache/nanochat</code>, or the{' '}
          <code>safetensors</code> that transformers saved.
        </p>
        <p>
          Or activations that another tool computed: <code>.npy</code> or <code>.safetensors</code>,
          one row each, with <code>rows.jsonl</code> and pictures if you have them.
        </p>
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Files are read in place, in ranges, and stay on this device. Optimiser files are ignored,
          and pickles are read without running anything.
        </p>
      </DropZone>
      <DropChoice />
      <RemoteModel />
    </section>
  );
}

/** The latest is open; the others of the same drop can be chosen. */
function DropChoice() {
  const choices = useAppState((state) => state.model.choices);
  const chosen = useAppState((state) => state.model.chosen);
  const actions = useActions();
  if (choices.length < 2 || chosen === null) return null;
  return (
    <SelectField
      id="drop-choice"
      label={`Models in this drop: ${choices.length}`}
      value={keyOf(chosen)}
      options={choices.map((choice) => ({ value: keyOf(choice), label: choiceText(choice) }))}
      onChange={(key) => {
        const choice = findChoice(choices, key);
        if (choice !== null) void actions.model.openChoice(choice);
      }}
      help="Choosing one opens it."
    />
  );
}
