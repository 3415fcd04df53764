// A labelled box for several lines of text, with its help beneath.
import type { KeyboardEvent, ReactNode } from 'react';
import { describedBy, Field } from './Field';
import inputStyles from '../look/inputs.module.css';

type TextAreaFieldProps = {
  id: string;
  label: string;
  help?: ReactNode;
  rows?: number;
  value: string;
  spellCheck?: boolean;
  onChange: (value: string) => void;
  onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
};

export function TextAreaField(props: TextAreaFieldProps) {
  const { id, label, help, rows = 2, value, spellCheck, onChange, onKeyDown } = props;
  return (
    <Field id={id} label={label} help={help}>
      <textarea
        id={id}
        className={inputStyles.input}
        rows={rows}
        value={value}
        spellCheck={spellCheck}
        aria-describedby={describedBy(id)}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </Field>
  );
}
