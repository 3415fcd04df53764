// The dial: strength in multiples of the latent's maximum activation, live while text streams.
import { type CSSProperties } from 'react';
import { STRENGTH_LIMIT, STRENGTH_STEP } from '../../store/steerActions';
import { measure, signed, signedMeasure } from '../numberText';
import { useNumberDraft } from '../parts/NumberField';
import { useActions, useFacts } from '../storeContext';
import { spokenStrength } from './strengthText';

export function StrengthDial() {
  const strength = useFacts((facts) => facts.steer.strength);
  const maxAct = useFacts((facts) =>
    facts.steer.latent.status === 'ready' ? facts.steer.latent.value.row.maxAct : null,
  );
  return (
    <div className="field">
      <div className="panel-head">
        <label className="field-label" htmlFor="strength">
          Strength
        </label>
        <span className="muted small">
          {signed(strength)} × max
          {maxAct !== null && maxAct > 0 && ` = ${signedMeasure(strength * maxAct)}`}
        </span>
      </div>
      <div className="dial">
        <StrengthSlider id="strength" />
        <StrengthBox strength={strength} />
      </div>
      <DialFoot maxAct={maxAct} />
    </div>
  );
}

/** label: only where no <label> names the id. */
export function StrengthSlider({ id, label }: { id: string; label?: string }) {
  const strength = useFacts((facts) => facts.steer.strength);
  const { setStrength } = useActions();
  return (
    <div>
      <input
        id={id}
        className="slider"
        type="range"
        aria-label={label}
        min={-STRENGTH_LIMIT}
        max={STRENGTH_LIMIT}
        step={STRENGTH_STEP}
        value={strength}
        aria-valuetext={spokenStrength(strength)}
        style={fillStyle(strength)}
        onChange={(event) => setStrength(Number(event.target.value))}
      />
      <div className="dial-scale" aria-hidden="true">
        <span>−{STRENGTH_LIMIT}</span>
        <span>0</span>
        <span>+{STRENGTH_LIMIT}</span>
      </div>
    </div>
  );
}

function StrengthBox({ strength }: { strength: number }) {
  const { setStrength } = useActions();
  const draft = useNumberDraft(strength, setStrength);
  return (
    <input
      className="input"
      type="number"
      aria-label="Strength, number"
      min={-STRENGTH_LIMIT}
      max={STRENGTH_LIMIT}
      step={STRENGTH_STEP}
      value={draft.text}
      onChange={(event) => draft.type(event.target.value)}
    />
  );
}

function DialFoot({ maxAct }: { maxAct: number | null }) {
  const strength = useFacts((facts) => facts.steer.strength);
  const prefill = useFacts((facts) => facts.steer.run?.prefillStrength ?? null);
  const { setStrength } = useActions();
  return (
    <div className="button-row">
      <button
        type="button"
        className="button"
        disabled={strength === 0}
        onClick={() => setStrength(0)}
      >
        Neutral
      </button>
      <span className="reason">
        {prefill !== null && prefill !== strength
          ? `The prompt was read at ${signed(prefill)}; Rerun reads it at ${signed(strength)}.`
          : `1 is the strongest firing seen${maxAct === null ? '' : `, ${measure(maxAct)}`}.`}
      </span>
    </div>
  );
}

/** The coloured part of the track runs from neutral to the thumb. */
function fillStyle(strength: number): CSSProperties {
  const at = (100 * (strength + STRENGTH_LIMIT)) / (2 * STRENGTH_LIMIT);
  return {
    '--from': `${Math.min(50, at)}%`,
    '--to': `${Math.max(50, at)}%`,
    '--fill': strength < 0 ? 'var(--negative)' : 'var(--positive)',
  } as CSSProperties;
}
