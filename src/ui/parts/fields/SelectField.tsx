// A styled native select: phones and screen readers support it best.
import type { ReactNode } from 'react';
import type { Problem } from '../../../engine/shared/api';
import { Field, describedBy } from './Field';
import inputStyles from '../look/inputs.module.css';

type SelectOption = { value: string; label: string };

type SelectFieldProps = {
  id: string;
  label: string;
  value: string;
  options: readonly SelectOption[];
  onChange: (value: string) => void;
  help?: ReactNode;
  problem?: Problem | null;
  disabled?: boolean;
};

export function SelectField(props: SelectFieldProps) {
  const { id, label, value, options, onChange, help, problem = null, disabled = false } = props;
  return (
    <Field id={id} label={label} help={help} problem={problem}>
      <span className={inputStyles.select}>
        <select
          id={id}
          className={inputStyles.input}
          value={value}
          disabled={disabled}
          aria-invalid={problem ? true : undefined}
          aria-describedby={describedBy(id)}
          onChange={(event) => onChange(event.target.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      </span>
    </Field>
  );
}
