// One steering slot: its target, mode, dial, mute, solo, remove.
import { useState } from 'react';
import { writePoint, type HookPoint } from '../../../core/activations/hookPoint';
import type { SaeFacts } from '../../../engine/sae/api';
import { STEER_MODES, type SteerMode } from '../../../core/steer/steering';
import { dialScale, targetName } from '../../../store/steer/steerSelectors';
import { saeOf } from '../../../store/sae/saeSelectors';
import { isHeard, type SlotDraft } from '../../../store/steer/steerSetup';
import { SelectField } from '../../parts/fields/SelectField';
import { hookOptions, hookText } from '../../parts/text/hookText';
import { useActions, useAppState } from '../../storeContext';
import { LatentCard } from './LatentCard';
import { SlotDial } from './SlotDial';
import { TargetPicker } from './TargetPicker';
import { MODE_WORDS } from './strengthText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './SlotCard.module.css';

type SlotCardProps = { slot: SlotDraft; place: number };

export function SlotCard({ slot, place }: SlotCardProps) {
  const name = useAppState((state) => targetName(state, slot.target));
  const isChosen = useAppState(
    ({ steer }) => (steer.chosenSlotId ?? steer.setup.slots.at(-1)?.id) === slot.id,
  );
  const isSilent = useAppState(({ steer }) => !isHeard(steer.setup, slot));
  const scale = useDialScale(slot);
  const actions = useActions();
  const label = `slot ${place + 1}, ${name}`;
  return (
    <li
      className={classNames(styles.slot, isChosen && styles.chosen, isSilent && styles.silent)}
      onPointerDown={() => actions.steer.slots.choose(slot.id)}
    >
      <div role="group" aria-label={`Slot ${place + 1}: ${name}`} className={styles.body}>
        <SlotHead slot={slot} name={name} place={place} />
        <SlotDial slot={slot} name={label} scale={scale} />
        {slot.note !== null && (
          <p className={classNames(styles.note, wordStyles.small)} role="status">
            {slot.note}
          </p>
        )}
        <SlotMore slot={slot} place={place} />
      </div>
    </li>
  );
}

function SlotHead({ slot, name, place }: { slot: SlotDraft; name: string; place: number }) {
  const actions = useActions();
  const { isMuted } = slot.dial;
  const label = `slot ${place + 1}`;
  return (
    <div className={styles.head}>
      <h3 title={name}>{name}</h3>
      {slot.target.kind === 'latent' && (
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {slot.target.latentIndex}
        </span>
      )}
      <span className={classNames(inputStyles.select, styles.mode)}>
        <select
          className={inputStyles.input}
          aria-label={`Mode of ${label}`}
          value={slot.dial.mode}
          onChange={(event) =>
            actions.steer.slots.setMode(slot.id, event.target.value as SteerMode)
          }
        >
          {STEER_MODES.map((mode) => {
            const reason = modeBlock(slot, mode);
            return (
              <option key={mode} value={mode} disabled={reason !== null}>
                {MODE_WORDS[mode]}
                {reason === null ? '' : ` (${reason})`}
              </option>
            );
          })}
        </select>
      </span>
      <div className={styles.buttons}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.toggle)}
          aria-pressed={isMuted}
          aria-label={`Mute ${label}`}
          onClick={() => actions.steer.slots.mute(slot.id, !isMuted)}
        >
          Mute
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.toggle)}
          aria-pressed={slot.isSolo}
          aria-label={`Solo ${label}`}
          onClick={() => actions.steer.slots.solo(slot.id, !slot.isSolo)}
        >
          Solo
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.toggle)}
          aria-label={`Remove ${label}`}
          onClick={() => actions.steer.slots.remove(slot.id)}
        >
          Remove
        </button>
      </div>
    </div>
  );
}

/** Why a mode is not available here; null if it is. */
function modeBlock(slot: SlotDraft, mode: SteerMode): string | null {
  if (slot.target.kind === 'latent' && slot.hook !== null && mode !== 'add') {
    return 'a feature’s activation is only known at its own hook';
  }
  return null;
}

function SlotMore({ slot, place }: SlotCardProps) {
  const [open, setOpen] = useState(false);
  const actions = useActions();
  const busy = useAppState(({ steer }) => steer.dose?.running === true);
  return (
    <details className={dataStyles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        What it is, where it acts
        <span className={wordStyles.visuallyHidden}> of slot {place + 1}</span>
      </summary>
      {open && (
        <div className={styles.more}>
          <LatentCard target={slot.target} />
          <HookChoice slot={slot} place={place} />
          <TargetPicker
            idPrefix={`target-${slot.id}`}
            label={`Another target for slot ${place + 1}`}
            onPick={(target) => actions.steer.slots.setTarget(slot.id, target)}
          />
          <button
            type="button"
            className={controlStyles.button}
            disabled={busy}
            onClick={() => void actions.steer.dose.run(slot.id, '', { withSurprise: false })}
          >
            Dose and response of slot {place + 1}
          </button>
        </div>
      )}
    </details>
  );
}

function writtenBy(sae: SaeFacts | null): HookPoint | null {
  return sae === null ? null : writePoint(sae.hookPoint);
}

function HookChoice({ slot, place }: SlotCardProps) {
  const hooks = useAppState((state) => state.model.open?.hookPoints) ?? [];
  const own = useAppState((state) =>
    slot.target.kind === 'latent'
      ? writtenBy(saeOf(state, slot.target.saeId))
      : (state.steer.vectors.find(
          ({ vectorId }) => slot.target.kind === 'vector' && vectorId === slot.target.vectorId,
        )?.hook ?? null),
  );
  const isReading = slot.dial.mode !== 'add' && slot.target.kind === 'latent';
  const actions = useActions();
  return (
    <SelectField
      id={`hook-${slot.id}`}
      label={`Where slot ${place + 1} acts`}
      value={slot.hook ?? ''}
      options={[
        { value: '', label: own === null ? 'Its own' : `Its own: ${hookText(own)}` },
        ...hookOptions(hooks.filter((hook) => hook !== own)),
      ]}
      disabled={isReading}
      help={
        isReading
          ? 'This mode reads the feature’s activation, which is only known at its own place.'
          : undefined
      }
      onChange={(hook) =>
        actions.steer.slots.setHook(slot.id, hook === '' ? null : (hook as HookPoint))
      }
    />
  );
}

/** Plain numbers, so that a render only follows when one of them changes. */
export function useDialScale(slot: SlotDraft) {
  const maxAct = useAppState((state) => dialScale(state, slot).maxAct);
  const medianNorm = useAppState((state) => dialScale(state, slot).medianNorm);
  return { maxAct, medianNorm };
}
