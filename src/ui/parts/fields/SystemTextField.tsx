// The system text of a conversation, folded away.
import dataStyles from '../look/data.module.css';
import { TextAreaField } from './TextAreaField';

type SystemTextFieldProps = {
  id: string;
  help: string;
  value: string;
  onChange: (value: string) => void;
};

export function SystemTextField({ id, help, value, onChange }: SystemTextFieldProps) {
  return (
    <details className={dataStyles.details}>
      <summary>System text{value === '' ? '' : ' (set)'}</summary>
      <TextAreaField id={id} label="System text" help={help} value={value} onChange={onChange} />
    </details>
  );
}
