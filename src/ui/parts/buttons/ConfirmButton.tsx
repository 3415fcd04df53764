// A button for an action that cannot be undone: it asks for confirmation in place.
import { useState } from 'react';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import layoutStyles from '../look/layout.module.css';
import wordStyles from '../look/words.module.css';

type ConfirmButtonProps = {
  /** what it does: "Delete" */
  label: string;
  /** the object of the action, for the accessible name */
  subject: string;
  question: string;
  onConfirm: () => void;
  disabled?: boolean;
};

export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, subject, question, onConfirm, disabled = false } = props;
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet)}
        aria-label={`${label} ${subject}`}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <span
      className={layoutStyles.buttonRow}
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        setAsking(false);
      }}
    >
      <span className={wordStyles.small}>{question}</span>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.danger)}
        autoFocus
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {label}
      </button>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet)}
        onClick={() => setAsking(false)}
      >
        Keep
      </button>
    </span>
  );
}
