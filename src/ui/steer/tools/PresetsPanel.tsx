// Setups to open with one press: three of the demo, found and measured by bench/presets.ts, and the visitor's own.
import { useState } from 'react';
import { measure, percent } from '../../parts/numberText';
import { ConfirmButton } from '../../parts/ConfirmButton';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useFacts } from '../../storeContext';
import stored from './demoPresets.json';

type DemoPreset = {
  name: string;
  hash: string;
  seed: number;
  effect: {
    /** "Words of girls: she, her, girl" */
    what: string;
    baseline: number;
    steered: number;
    seeds: number;
    tokens: number;
    /** nats; null where the engine told none */
    meanKl: number | null;
  };
};

const demoPresets: { method: string; presets: readonly DemoPreset[] } = stored;

export function PresetsPanel() {
  return (
    <section className="panel" aria-label="Presets">
      <h2>Presets</h2>
      {demoPresets.presets.length > 0 && (
        <>
          <ul className="presets" aria-label="Presets of the demo">
            {demoPresets.presets.map((preset) => (
              <DemoPresetItem key={preset.hash} preset={preset} />
            ))}
          </ul>
          <p className="muted small">{demoPresets.method}</p>
        </>
      )}
      <OwnPresets />
    </section>
  );
}

function DemoPresetItem({ preset }: { preset: DemoPreset }) {
  const { openPreset } = useActions();
  const { effect } = preset;
  return (
    <li className="preset">
      <button type="button" className="button" onClick={() => openPreset(preset.hash)}>
        {preset.name}
      </button>
      <p className="small">
        {effect.what}: {percent(effect.baseline)} → {percent(effect.steered)} of words over{' '}
        {effect.seeds} seeds, {effect.tokens} tokens each
        {effect.meanKl !== null && `; mean KL ${measure(effect.meanKl)} nats`}. Shown with seed{' '}
        {preset.seed}.
      </p>
    </li>
  );
}

function OwnPresets() {
  const presets = useFacts((facts) => facts.steer.presets);
  const problem = useFacts((facts) => facts.steer.presetProblem);
  const hasSlots = useFacts((facts) => facts.steer.setup.slots.length > 0);
  const { savePreset, shareHash } = useActions();
  const [name, setName] = useState('');
  return (
    <>
      <ProblemNote problem={problem} />
      {(presets ?? []).length > 0 && (
        <ul className="presets" aria-label="Own presets">
          {(presets ?? []).map((preset) => (
            <OwnPreset key={preset.id} {...preset} />
          ))}
        </ul>
      )}
      <div className="curve-row">
        <label className="small muted" htmlFor="preset-name">
          Keep what is set up now
        </label>
        <input
          id="preset-name"
          className="input"
          placeholder="Name"
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button
          type="button"
          className="button"
          disabled={!hasSlots || name.trim() === ''}
          onClick={() => {
            void savePreset(name, shareHash());
            setName('');
          }}
        >
          Save preset
        </button>
        <span className="reason">Copy link shares it with anybody.</span>
      </div>
    </>
  );
}

function OwnPreset({ id, name, hash }: { id: string; name: string; hash: string }) {
  const { openPreset, renamePreset, deletePreset } = useActions();
  const [typed, setTyped] = useState<string | null>(null);
  if (typed !== null) {
    const commit = () => {
      if (typed.trim() !== '') void renamePreset(id, typed.trim());
      setTyped(null);
    };
    return (
      <li className="preset">
        <input
          className="input"
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
    <li className="preset">
      <div className="button-row">
        <button type="button" className="button" onClick={() => openPreset(hash)}>
          {name}
        </button>
        <button
          type="button"
          className="button quiet"
          aria-label={`Rename ${name}`}
          onClick={() => setTyped(name)}
        >
          Rename
        </button>
        <ConfirmButton
          label="Delete"
          subject={name}
          question={`Delete ${name}?`}
          onConfirm={() => void deletePreset(id)}
        />
      </div>
    </li>
  );
}
