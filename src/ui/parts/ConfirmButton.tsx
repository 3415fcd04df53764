// A button for what cannot be undone: it asks once more, in place.
import { useState } from 'react';

type ConfirmButtonProps = {
  /** what it does: "Delete" */
  label: string;
  /** what it would be done to, for the accessible name */
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
        className="button quiet"
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
      className="button-row"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        setAsking(false);
      }}
    >
      <span className="small">{question}</span>
      <button
        type="button"
        className="button danger"
        autoFocus
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {label}
      </button>
      <button type="button" className="button quiet" onClick={() => setAsking(false)}>
        Keep
      </button>
    </span>
  );
}
