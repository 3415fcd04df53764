// A number field: keeps the typed text (even if empty) and reports the number it means.
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../../engine/shared/api';
import { Field, describedBy } from './Field';
import inputStyles from '../look/inputs.module.css';
import styles from './NumberField.module.css';

type NumberFieldProps = {
  id: string;
  label: string;
  value: number;
  /** NaN if the field is empty or not a number */
  onChange: (value: number) => void;
  unit?: string;
  help?: ReactNode;
  problem?: Problem | null;
  min?: number;
  max?: number;
  step?: number;
  /** something after the box, on its line */
  after?: ReactNode;
};

export function NumberField(props: NumberFieldProps) {
  const { id, label, help, problem = null, after } = props;
  return (
    <Field id={id} label={label} help={help} problem={problem}>
      {after === undefined ? (
        <NumberBox {...props} />
      ) : (
        <div className={styles.seedRow}>
          <NumberBox {...props} />
          {after}
        </div>
      )}
    </Field>
  );
}

function NumberBox({ id, value, onChange, unit, problem, min, max, step }: NumberFieldProps) {
  const draft = useNumberDraft(value, onChange);
  return (
    <span className={styles.withUnit} style={{ flex: 1, minWidth: 0 }}>
      <input
        id={id}
        className={inputStyles.input}
        type="number"
        inputMode="decimal"
        value={draft.text}
        min={min}
        max={max}
        step={step ?? 1}
        aria-invalid={problem ? true : undefined}
        aria-describedby={describedBy(id)}
        onChange={(event) => draft.type(event.target.value)}
      />
      {unit !== undefined && <span className={styles.unit}>{unit}</span>}
    </span>
  );
}

/** Typed text that follows the value unless it already means it ("1." and "1.0" mean 1). */
export function useNumberDraft(value: number, onChange: (value: number) => void) {
  const [typed, setTyped] = useState(textOf(value));
  const means = parse(typed);
  const isCurrent = Object.is(means, value) || means === value;
  return {
    text: isCurrent ? typed : textOf(value),
    type: (text: string) => {
      setTyped(text);
      onChange(parse(text));
    },
  };
}

function parse(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

function textOf(value: number): string {
  return Number.isFinite(value) ? String(value) : '';
}
