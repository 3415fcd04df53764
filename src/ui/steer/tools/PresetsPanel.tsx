// Setups that open with one press: of the features chosen for the demo (docs/demo.md), and the user's own.
import { useState } from 'react';
import { ConfirmButton } from '../../parts/buttons/ConfirmButton';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import stored from './demoPresets.json';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import rowStyles from './fieldRow.module.css';
import styles from './PresetsPanel.module.css';

/** Of the features that were chosen for the demo, those that a text shows; the bake writes them. */
type DemoPreset = { name: string; hash: string; why: string };

const demoPresets: readonly DemoPreset[] = stored;

export function PresetsPanel() {
  return (
    <section className={layoutStyles.panel} aria-label="Presets">
      <h2>Presets</h2>
      <DemoPresets />
      <OwnPresets />
    </section>
  );
}

/** A press sets everything up and begins to write. */
export function DemoPresets() {
  if (demoPresets.length === 0) return null;
  return (
    <ul className={styles.presets} aria-label="Presets of the demo">
      {demoPresets.map((preset) => (
        <DemoPresetItem key={preset.hash} preset={preset} />
      ))}
    </ul>
  );
}

function DemoPresetItem({ preset }: { preset: DemoPreset }) {
  const actions = useActions();
  return (
    <li className={styles.preset}>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => actions.steer.presets.open(preset.hash)}
      >
        {preset.name}
      </button>
      <p className={wordStyles.small}>{preset.why}</p>
    </li>
  );
}

function OwnPresets() {
  const presets = useAppState((state) => state.steer.presets);
  const problem = useAppState((state) => state.steer.presetProblem);
  const hasSlots = useAppState((state) => state.steer.setup.slots.length > 0);
  const actions = useActions();
  const [name, setName] = useState('');
  return (
    <>
      <ProblemNote problem={problem} />
      {(presets ?? []).length > 0 && (
        <ul className={styles.presets} aria-label="Own presets">
          {(presets ?? []).map((preset) => (
            <OwnPreset key={preset.id} {...preset} />
          ))}
        </ul>
      )}
      <div className={rowStyles.row}>
        <label className={classNames(wordStyles.small, wordStyles.muted)} htmlFor="preset-name">
          Keep what is set up now
        </label>
        <input
          id="preset-name"
          className={inputStyles.input}
          placeholder="Name"
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button
          type="button"
          className={controlStyles.button}
          disabled={!hasSlots || name.trim() === ''}
          onClick={() => {
            void actions.steer.presets.save(name, actions.share.write().hash);
            setName('');
          }}
        >
          Save preset
        </button>
        <span className={wordStyles.reason}>Copy link shares it with anybody.</span>
      </div>
    </>
  );
}

function OwnPreset({ id, name, hash }: { id: string; name: string; hash: string }) {
  const actions = useActions();
  const [typed, setTyped] = useState<string | null>(null);
  if (typed !== null) {
    const commit = () => {
      if (typed.trim() !== '') void actions.steer.presets.rename(id, typed.trim());
      setTyped(null);
    };
    return (
      <li className={styles.preset}>
        <input
          className={inputStyles.input}
          aria-label={`New name of ${name}`}
          autoFocus
          maxLength={80}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit();
            if (event.key === 'Escape') setTyped(null);
          }}
        />
      </li>
    );
  }
  return (
    <li className={styles.preset}>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => actions.steer.presets.open(hash)}
        >
          {name}
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          aria-label={`Rename ${name}`}
          onClick={() => setTyped(name)}
        >
          Rename
        </button>
        <ConfirmButton
          label="Delete"
          subject={name}
          question={`Delete ${name}?`}
          onConfirm={() => void actions.steer.presets.deletePreset(id)}
        />
      </div>
    </li>
  );
}
