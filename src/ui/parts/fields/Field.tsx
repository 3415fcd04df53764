// A labelled control with its help or its problem beneath, tied together for screen readers.
import type { ReactNode } from 'react';
import type { Problem } from '../../../engine/shared/api';
import { sentence } from '../text/sentence';
import inputStyles from '../look/inputs.module.css';

type FieldProps = {
  id: string;
  label: string;
  help?: ReactNode;
  /** shown instead of the help, as an error */
  problem?: Problem | null;
  children: ReactNode;
};

/** The control inside takes `id`, and `aria-describedby={describedBy(id)}`. */
export function Field({ id, label, help, problem, children }: FieldProps) {
  return (
    <div className={inputStyles.field}>
      <label className={inputStyles.fieldLabel} htmlFor={id}>
        {label}
      </label>
      {children}
      {problem ? (
        <p className={inputStyles.fieldError} id={describedBy(id)} role="alert">
          {sentence(problem.what)} {problem.wayOut}
        </p>
      ) : (
        <p className={inputStyles.fieldHelp} id={describedBy(id)}>
          {help}
        </p>
      )}
    </div>
  );
}

export function describedBy(id: string): string {
  return `${id}-help`;
}
