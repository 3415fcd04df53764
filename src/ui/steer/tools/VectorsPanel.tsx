// Custom directions: the difference of two prompts, a file, a decoder row of any SAE here.
import { useState } from 'react';
import type { HookPoint } from '../../../core/activations/hookPoint';
import type { VectorSource } from '../../../engine/steer/api';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { measure } from '../../parts/text/numberText';
import { hookOptions } from '../../parts/text/hookText';
import { ConfirmButton } from '../../parts/buttons/ConfirmButton';
import { DropZone } from '../../parts/DropZone';
import { describedBy, Field } from '../../parts/fields/Field';
import { ProblemNote } from '../../parts/Messages';
import { NumberField } from '../../parts/fields/NumberField';
import { saeOption } from '../../parts/saeOption';
import { Segmented } from '../../parts/fields/Segmented';
import { SelectField } from '../../parts/fields/SelectField';
import { TextAreaField } from '../../parts/fields/TextAreaField';
import { useActions, useAppState } from '../../storeContext';
import { ORIGIN_WORDS } from '../slots/LatentCard';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './VectorsPanel.module.css';

type Origin = VectorSource['kind'];
const ORIGINS: readonly { value: Origin; label: string }[] = [
  { value: 'prompts', label: 'Two prompts' },
  { value: 'file', label: 'File' },
  { value: 'decoder', label: 'Decoder row' },
];

export function VectorsPanel() {
  const [origin, setOrigin] = useState<Origin>('prompts');
  const [name, setName] = useState('');
  const problem = useAppState((state) => state.steer.vectorProblem);
  const hooks = useAppState((state) => state.model.open?.hookPoints) ?? [];
  const [chosenHook, setHook] = useState<HookPoint | null>(null);
  const hook = chosenHook ?? hooks.at(-1) ?? null;
  return (
    <section className={layoutStyles.panel} aria-label="Own vectors">
      <h2>Own vectors</h2>
      <VectorList />
      <details className={dataStyles.details} open>
        <summary>Make one</summary>
        <div className={styles.more}>
          <Segmented
            label="Where it comes from"
            value={origin}
            options={ORIGINS}
            onChange={setOrigin}
          />
          <div className={layoutStyles.formGrid}>
            <Field id="vector-name" label="Name">
              <input
                id="vector-name"
                className={inputStyles.input}
                maxLength={60}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
            <SelectField
              id="vector-hook"
              label="Where"
              value={hook ?? ''}
              options={hookOptions(hooks)}
              onChange={(next) => setHook(next as HookPoint)}
            />
          </div>
          {hook === null ? (
            <p className={classNames(wordStyles.muted, wordStyles.small)}>Waits for the model.</p>
          ) : (
            <VectorForm origin={origin} name={name.trim()} hook={hook} />
          )}
          <ProblemNote problem={problem} />
        </div>
      </details>
    </section>
  );
}

function VectorList() {
  const vectors = useAppState((state) => state.steer.vectors);
  const actions = useActions();
  if (vectors.length === 0) return null;
  return (
    <ul className={styles.vectors} aria-label="Vectors in this browser">
      {vectors.map(({ vectorId, name, origin, norm, hook }) => (
        <li key={vectorId} className={styles.vector}>
          <div className={layoutStyles.buttonRow}>
            <button
              type="button"
              className={controlStyles.button}
              onClick={() => actions.steer.slots.add({ kind: 'vector', vectorId })}
            >
              Steer with {name}
            </button>
            <ConfirmButton
              label="Delete"
              subject={name}
              question={`Delete ${name}?`}
              onConfirm={() => void actions.steer.vectors.deleteVector(vectorId)}
            />
          </div>
          <p className={classNames(wordStyles.small, wordStyles.muted)}>
            {vectorId}, {ORIGIN_WORDS[origin]}, {hook ?? 'no hook named'}, norm {measure(norm)}
          </p>
        </li>
      ))}
    </ul>
  );
}

type VectorFormProps = { origin: Origin; name: string; hook: HookPoint };

function VectorForm({ origin, name, hook }: VectorFormProps) {
  switch (origin) {
    case 'prompts':
      return <PromptsForm name={name} hook={hook} />;
    case 'file':
      return <FileForm name={name} hook={hook} />;
    case 'decoder':
      return <DecoderForm name={name} hook={hook} />;
    default:
      return origin satisfies never;
  }
}

function MakeButton({ source, isReady }: { source: VectorSource; isReady: boolean }) {
  const blocked = useAppState(generationBlock);
  const busy = useAppState((state) => state.steer.vectorBusy);
  const actions = useActions();
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={controlStyles.button}
        disabled={blocked !== null || busy || !isReady}
        onClick={() => void actions.steer.vectors.make(source)}
      >
        {busy ? 'Making it…' : 'Make the vector'}
      </button>
      {blocked !== null && <span className={wordStyles.reason}>{blocked}</span>}
    </div>
  );
}

function PromptsForm({ name, hook }: Omit<VectorFormProps, 'origin'>) {
  const [positive, setPositive] = useState('');
  const [negative, setNegative] = useState('');
  return (
    <>
      <TextAreaField id="vector-towards" label="Towards" value={positive} onChange={setPositive} />
      <TextAreaField id="vector-away" label="Away from" value={negative} onChange={setNegative} />
      <MakeButton
        source={{ kind: 'prompts', name: name || 'two prompts', hook, positive, negative }}
        isReady={positive.trim() !== '' && negative.trim() !== ''}
      />
    </>
  );
}

function FileForm({ name, hook }: Omit<VectorFormProps, 'origin'>) {
  const [tensor, setTensor] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const actions = useActions();
  return (
    <>
      <Field id="vector-tensor" label="Tensor" help="Only where a .safetensors file has several.">
        <input
          id="vector-tensor"
          className={inputStyles.input}
          value={tensor}
          aria-describedby={describedBy('vector-tensor')}
          onChange={(event) => setTensor(event.target.value)}
        />
      </Field>
      <DropZone
        label="Vector file"
        accept=".json,.npy,.safetensors"
        onFiles={([file]) => {
          if (file === undefined) return;
          setFailure(null);
          const named = { kind: 'file', name: name || file.path, hook, file } as const;
          void actions.steer.vectors.make(
            tensor.trim() === '' ? named : { ...named, tensor: tensor.trim() },
          );
        }}
        onFailure={(cause) => setFailure(String(cause))}
      >
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          .json (numbers), .npy or .safetensors; it stays on this device.
        </p>
      </DropZone>
      {failure !== null && <p className={inputStyles.fieldError}>{failure}</p>}
    </>
  );
}

function DecoderForm({ name, hook }: Omit<VectorFormProps, 'origin'>) {
  const list = useAppState((state) => state.sae.list) ?? [];
  const [chosen, setChosen] = useState('');
  const [latentIndex, setLatentIndex] = useState(0);
  const sae = list.find(({ saeId }) => saeId === chosen) ?? list[0];
  if (sae === undefined)
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>There is no SAE here yet.</p>
    );
  return (
    <>
      <div className={layoutStyles.formGrid}>
        <SelectField
          id="vector-sae"
          label="SAE"
          value={sae.saeId}
          options={list.map(saeOption)}
          onChange={setChosen}
        />
        <NumberField
          id="vector-row"
          label="Row"
          help={`0 to ${sae.d_sae - 1}`}
          value={latentIndex}
          min={0}
          max={sae.d_sae - 1}
          onChange={setLatentIndex}
        />
      </div>
      <MakeButton
        source={{
          kind: 'decoder',
          name: name || `${sae.name} ${latentIndex}`,
          hook,
          saeId: sae.saeId,
          latentIndex,
        }}
        isReady={Number.isInteger(latentIndex) && latentIndex >= 0 && latentIndex < sae.d_sae}
      />
    </>
  );
}
