// The fields of the chosen architecture besides the form's own: folded, each with the recipe's default
// and a way to reset to it.
import { useState } from 'react';
import type { SaeConfig } from '../../core/sae/sae';
import type { Problem } from '../../engine/shared/api';
import { advancedFields, type AdvancedField } from '../../store/train/architectureForm';
import { Field, describedBy } from '../parts/fields/Field';
import { NumberField } from '../parts/fields/NumberField';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useAppState } from '../storeContext';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';

type Value = number | string | readonly number[];

export function AdvancedFields({
  config,
  problem,
}: {
  config: SaeConfig | null;
  problem: Problem | null;
}) {
  const architecture = useAppState((state) => state.train.form.architecture ?? 'topk');
  const advanced = useAppState((state) => state.train.form.advanced);
  const fields = advancedFields(architecture);
  const seeds = useAppState((state) => state.train.form.seeds);
  const changed =
    fields.filter(({ name }) => advanced?.[name] !== undefined).length + ((seeds ?? 1) > 1 ? 1 : 0);
  const actions = useActions();
  const isConcerned = [...fields.map(({ name }) => name), 'seeds'].some(
    (name) => name === problem?.field,
  );
  return (
    <details className={dataStyles.details} open={isConcerned || undefined}>
      <summary>Recipe{changed === 0 ? '' : ` · ${changed} changed`}</summary>
      <div className={layoutStyles.formGrid}>
        {fields.map((field) => (
          <AdvancedRow
            key={`${architecture} ${field.name}`}
            field={field}
            taken={takenBy(config, field.name)}
            problem={problem?.field === field.name ? problem : null}
          />
        ))}
        <NumberField
          id="seeds"
          label="Runs of other seeds"
          help="equal except for the initial weights; they share every forward pass"
          value={(seeds ?? 1) - 1}
          min={0}
          problem={problem?.field === 'seeds' ? problem : null}
          onChange={(others) => actions.train.form.set({ seeds: others + 1 })}
        />
      </div>
    </details>
  );
}

/** The checked config's value of the field; null if there is no config. */
function takenBy(config: SaeConfig | null, name: string): Value | null {
  const value = (config as Record<string, unknown> | null)?.[name];
  if (typeof value === 'number' || typeof value === 'string') return value;
  return Array.isArray(value) ? (value as number[]) : null;
}

function AdvancedRow(props: {
  field: AdvancedField;
  taken: Value | null;
  problem: Problem | null;
}) {
  const { field, taken, problem } = props;
  const chosen = useAppState((state) => state.train.form.advanced?.[field.name]);
  const actions = useActions();
  const shared = {
    id: `advanced-${field.name}`,
    label: field.label,
    problem,
    help: (
      <>
        {field.help}
        {chosen !== undefined && (
          <>
            {' · '}
            <button
              type="button"
              className={controlStyles.linkButton}
              aria-label={`Reset ${field.label}`}
              onClick={() => actions.train.form.setAdvanced(field.name, undefined)}
            >
              ● Reset
            </button>
          </>
        )}
      </>
    ),
  };
  const value: Value | undefined = chosen ?? taken ?? undefined;
  switch (field.kind) {
    case 'number':
      return (
        <NumberField
          {...shared}
          value={typeof value === 'number' ? value : NaN}
          {...(field.step === undefined ? {} : { step: field.step })}
          onChange={(number) => actions.train.form.setAdvanced(field.name, number)}
        />
      );
    case 'choice':
      return (
        <SelectField
          {...shared}
          value={typeof value === 'string' ? value : ''}
          options={field.options}
          onChange={(option) => actions.train.form.setAdvanced(field.name, option)}
        />
      );
    case 'list':
      return (
        <ListField
          {...shared}
          value={Array.isArray(value) ? (value as number[]) : []}
          onChange={(numbers) => actions.train.form.setAdvanced(field.name, numbers)}
        />
      );
    default:
      return field satisfies never;
  }
}

function ListField(props: {
  id: string;
  label: string;
  help: React.ReactNode;
  problem: Problem | null;
  value: readonly number[];
  onChange: (value: number[]) => void;
}) {
  const { id, label, help, problem, value, onChange } = props;
  const [typed, setTyped] = useState('');
  const text = listOf(typed).join() === value.join() ? typed : value.join(', ');
  return (
    <Field id={id} label={label} help={help} problem={problem}>
      <input
        id={id}
        className={inputStyles.input}
        type="text"
        value={text}
        aria-invalid={problem ? true : undefined}
        aria-describedby={describedBy(id)}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(listOf(event.target.value));
        }}
      />
    </Field>
  );
}

/** "16, 64, 256" → numbers; anything else becomes NaN, which the check refuses. */
function listOf(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
}
