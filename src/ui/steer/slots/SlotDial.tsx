// One slot's dial: native slider with its zones, number box, unit. Live while text streams.
import type { CSSProperties } from 'react';
import { dialRange, zoneEdges, type DialScale, type Zone } from '../../../core/steer/steerDial';
import { neutralValue, STEER_UNITS, type SteerUnit } from '../../../core/steer/steering';
import type { SlotDraft } from '../../../store/steer/steerSetup';
import { useNumberDraft } from '../../parts/fields/NumberField';
import { Term } from '../../parts/text/Term';
import { useActions } from '../../storeContext';
import { besideNorm, spokenDial, UNIT_WORDS, ZONE_WORDS } from './strengthText';
import { classNames } from '../../parts/look/classNames';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './SlotDial.module.css';

/** Of the zones of the dial; the gentle one has no mark. */
const ZONE_STYLES: Readonly<Record<Zone, string | undefined>> = {
  plain: undefined,
  caution: styles.caution,
  beyond: styles.beyond,
};

type DialProps = { slot: SlotDraft; name: string; scale: DialScale };

export function SlotDial({ slot, name, scale }: DialProps) {
  const beside = besideNorm(slot.dial, scale);
  if (slot.dial.mode === 'ablate') {
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Takes the feature out wherever it fires. {beside?.text}
        {beside !== null && '.'}
      </p>
    );
  }
  return (
    <>
      <div className={styles.dial}>
        <DialSlider slot={slot} name={name} scale={scale} id={`dial-${slot.id}`} />
        <DialBox slot={slot} name={name} scale={scale} />
        <UnitChoice slot={slot} name={name} scale={scale} />
      </div>
      {beside !== null && (
        <p className={classNames(styles.line, ZONE_STYLES[beside.zone])}>
          <Term of="Size of the edit">{beside.text}</Term>: {ZONE_WORDS[beside.zone]}
        </p>
      )}
    </>
  );
}

export function DialSlider({ slot, name, scale, id }: DialProps & { id: string }) {
  const actions = useActions();
  const { low, high, step } = dialRange(slot.dial, scale);
  const { value, isMuted } = slot.dial;
  return (
    <div className={classNames(styles.track, isMuted && styles.muted)}>
      <ZoneBar slot={slot} scale={scale} low={low} high={high} />
      <input
        id={id}
        className={inputStyles.slider}
        type="range"
        aria-label={`Strength of ${name}`}
        min={low}
        max={high}
        step={step}
        value={value}
        aria-valuetext={spokenDial(slot.dial, scale)}
        style={fillStyle(slot, low, high)}
        onFocus={() => actions.steer.slots.choose(slot.id)}
        onKeyDown={(event) => {
          // Page keys move ten steps; the browser's default would be a tenth of the whole dial.
          const sign = event.key === 'PageUp' ? 1 : event.key === 'PageDown' ? -1 : 0;
          if (sign === 0) return;
          event.preventDefault();
          actions.steer.slots.setValue(slot.id, value + 10 * sign * step);
        }}
        onChange={(event) => actions.steer.slots.setValue(slot.id, Number(event.target.value))}
      />
    </div>
  );
}

type ZoneBarProps = { slot: SlotDraft; scale: DialScale; low: number; high: number };

/** Plain, caution, hatched beyond: on both sides of neutral. Decoration only: the value's text says it
 *  too. */
function ZoneBar({ slot, scale, low, high }: ZoneBarProps) {
  const edges = zoneEdges(slot.dial, scale);
  if (edges === null) return null;
  const { centre, caution, beyond } = edges;
  const bands = [
    { zone: 'beyond' as const, from: low, to: centre - beyond },
    { zone: 'caution' as const, from: centre - beyond, to: centre - caution },
    { zone: 'caution' as const, from: centre + caution, to: centre + beyond },
    { zone: 'beyond' as const, from: centre + beyond, to: high },
  ];
  const percent = (value: number) =>
    (100 * (Math.max(low, Math.min(high, value)) - low)) / (high - low);
  return (
    <div className={styles.bar} aria-hidden="true">
      {bands.map(({ zone, from, to }, i) => {
        const [left, right] = [percent(from), percent(to)];
        if (right <= left) return null;
        return (
          <span
            key={i}
            className={classNames(styles.zone, ZONE_STYLES[zone])}
            style={{ left: `${left}%`, width: `${right - left}%` }}
          />
        );
      })}
    </div>
  );
}

function DialBox({ slot, name, scale }: DialProps) {
  const actions = useActions();
  const draft = useNumberDraft(slot.dial.value, (value) =>
    actions.steer.slots.setValue(slot.id, value),
  );
  const { low, high, step } = dialRange(slot.dial, scale);
  return (
    <input
      className={classNames(inputStyles.input, styles.box)}
      type="number"
      aria-label={`Strength of ${name}, number`}
      min={low}
      max={high}
      step={step}
      value={draft.text}
      onFocus={() => actions.steer.slots.choose(slot.id)}
      onChange={(event) => draft.type(event.target.value)}
    />
  );
}

function UnitChoice({ slot, name, scale }: DialProps) {
  const actions = useActions();
  if (slot.dial.mode === 'scale')
    return (
      <span className={classNames(wordStyles.muted, wordStyles.small, styles.word)}>
        × its activation
      </span>
    );
  const isMaxKnown = scale.maxAct !== null && scale.maxAct > 0;
  return (
    <span className={classNames(inputStyles.select, styles.unit)}>
      <select
        className={inputStyles.input}
        aria-label={`Unit of ${name}`}
        value={slot.dial.unit}
        onChange={(event) => actions.steer.slots.setUnit(slot.id, event.target.value as SteerUnit)}
      >
        {STEER_UNITS.map((unit) => (
          <option key={unit} value={unit} disabled={unit === 'max' && !isMaxKnown}>
            {UNIT_WORDS[unit]}
            {unit === 'max' && !isMaxKnown ? ' (no max activation known)' : ''}
          </option>
        ))}
      </select>
    </span>
  );
}

/** The coloured part of the track runs from neutral to the thumb. */
function fillStyle({ dial }: SlotDraft, low: number, high: number): CSSProperties {
  const percent = (value: number) => (100 * (value - low)) / (high - low);
  const centre = percent(neutralValue(dial.mode) ?? 0);
  const at = percent(dial.value);
  return {
    '--from': `${Math.min(centre, at)}%`,
    '--to': `${Math.max(centre, at)}%`,
    '--fill': dial.isMuted ? 'var(--muted)' : at < centre ? 'var(--negative)' : 'var(--positive)',
  } as CSSProperties;
}
