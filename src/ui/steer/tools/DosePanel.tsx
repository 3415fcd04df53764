// Dose and response of one slot: how far the text's distribution moves at each strength, and which tokens
// gain. Press a point to use its strength.
import { useCallback, useMemo, useState } from 'react';
import type { DosePoint, SampledSurprise } from '../../../core/steer/steeringReport';
import { doseChart, nearestDose, type DoseChartData } from '../../../charts/doseChart';
import { dosePoints, steeringBlock, targetName } from '../../../store/steer/steerSelectors';
import type { DoseState } from '../../../store/steer/steerState';
import type { SlotDraft } from '../../../store/steer/steerSetup';
import { measure, percent, signed, signedMeasure } from '../../parts/text/numberText';
import { ChartFigure, type DataTable } from '../../parts/ChartFigure';
import { Field, describedBy } from '../../parts/fields/Field';
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { SelectField } from '../../parts/fields/SelectField';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { progressOf } from '../../../store/progress';
import { useActions, useAppState } from '../../storeContext';
import { UNIT_WORDS } from '../slots/strengthText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './DosePanel.module.css';

const UNSTEERED = 'The unsteered model’s own';

export function DosePanel() {
  const dose = useAppState((state) => state.steer.dose);
  const slots = useAppState((state) => state.steer.setup.slots);
  return (
    <section className={layoutStyles.panel} aria-label="Dose and response">
      <h2>Dose and response</h2>
      {slots.length === 0 ? (
        <p className={wordStyles.muted}>Add a feature first: its strengths are tried here.</p>
      ) : (
        <DoseForm slots={slots} running={dose?.running === true} />
      )}
      {dose !== null && <DoseResult dose={dose} />}
    </section>
  );
}

function DoseForm({ slots, running }: { slots: readonly SlotDraft[]; running: boolean }) {
  const [slotId, setSlotId] = useState('');
  const [words, setWords] = useState('');
  const [withSurprise, setWithSurprise] = useState(false);
  const reason = useAppState(steeringBlock);
  const names = useAppState((state) =>
    slots.map((slot) => targetName(state, slot.target)).join('\n'),
  ).split('\n');
  const actions = useActions();
  const chosen = slots.some(({ id }) => id === slotId) ? slotId : (slots.at(-1)?.id ?? '');
  return (
    <>
      <div className={layoutStyles.formGrid}>
        {slots.length > 1 && (
          <SelectField
            id="dose-slot"
            label="Slot"
            value={chosen}
            options={slots.map(({ id }, i) => ({
              value: id,
              label: `Slot ${i + 1}: ${names[i] ?? ''}`,
            }))}
            onChange={setSlotId}
          />
        )}
        <Field id="dose-words" label="Words to follow" help="Empty: what the feature promotes most">
          <input
            id="dose-words"
            className={inputStyles.input}
            value={words}
            aria-describedby={describedBy('dose-words')}
            onChange={(event) => setWords(event.target.value)}
          />
        </Field>
      </div>
      <label className={classNames(controlStyles.check, wordStyles.small)}>
        <input
          type="checkbox"
          checked={withSurprise}
          onChange={(event) => setWithSurprise(event.target.checked)}
        />
        Sample 3 texts a strength (surprise)
      </label>
      <div className={layoutStyles.buttonRow}>
        {running ? (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.steer.dose.cancel()}
          >
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className={controlStyles.button}
            disabled={reason !== null}
            onClick={() => void actions.steer.dose.run(chosen, words, { withSurprise })}
          >
            Measure 13 strengths
          </button>
        )}
        <span className={wordStyles.reason}>
          Reads the prompt and 64 tokens of the baseline at each strength
          {withSurprise
            ? ', and writes 3 texts of 24 tokens by the seed and the next two: how unlikely the unsteered model finds them.'
            : '; nothing is sampled.'}
        </span>
      </div>
    </>
  );
}

function DoseResult({ dose }: { dose: DoseState }) {
  const progress = useAppState(progressOf('dose'));
  const slot = useAppState(({ steer }) => steer.setup.slots.find(({ id }) => id === dose.slotId));
  const name = useAppState((state) => (slot === undefined ? '' : targetName(state, slot.target)));
  const actions = useActions();
  const { length } = dosePoints(dose);
  return (
    <>
      <ProblemNote problem={dose.problem} />
      {dose.running && progress !== null && (
        <ProgressBar label="Dose and response" progress={progress} />
      )}
      {slot !== undefined && length > 0 && <DoseCharts dose={dose} slot={slot} />}
      {slot !== undefined && length > 1 && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          {name}. Press a point to take its strength; the table takes it by keyboard.
        </p>
      )}
      {slot !== undefined && length > 0 && <DoseSteps dose={dose} slot={slot} />}
      {!dose.running && (
        <button
          type="button"
          className={controlStyles.linkButton}
          onClick={actions.steer.dose.close}
        >
          Close the measurement
        </button>
      )}
    </>
  );
}

type MeasureOf = {
  name: string;
  within: number[];
  of: (i: number) => number;
  /** for averages over several texts: lowest, highest, and the unsteered model's own value once known */
  rangeOf?: (i: number) => readonly [number, number] | undefined;
  own?: SampledSurprise | null;
};

function DoseCharts({ dose, slot }: { dose: DoseState; slot: SlotDraft }) {
  const { watched } = dose;
  const points = dosePoints(dose);
  const own = dose.response?.ownSurprise ?? null;
  const measures = useMemo((): MeasureOf[] => {
    const at = (i: number) => points[i];
    return [
      { name: 'Mean KL, nats', within: [0], of: (i) => at(i)?.meanKl ?? NaN },
      {
        name: 'Same likeliest token, share',
        within: [0, 1],
        of: (i) => at(i)?.top1Agreement ?? NaN,
      },
      ...watched.map((token, w) => ({
        name: `Δ log-probability of ${chipGlyphs(token)}, nats`,
        within: [0],
        of: (i: number) => at(i)?.deltaLogProb[w] ?? NaN,
      })),
      ...(points.some(({ surprise }) => surprise !== null) ? [surpriseOf(points, own)] : []),
    ];
  }, [points, watched, own]);
  return (
    <div className={styles.charts}>
      {measures.map((one) => (
        <DoseFigure key={one.name} measured={one} dose={dose} slot={slot} />
      ))}
    </div>
  );
}

function surpriseOf(points: readonly DosePoint[], own: SampledSurprise | null): MeasureOf {
  const at = (i: number) => points[i]?.surprise ?? null;
  return {
    name: 'Surprise of 3 texts, nats a token',
    within: [0],
    of: (i) => at(i)?.mean ?? NaN,
    rangeOf: (i) => {
      const surprise = at(i);
      return surprise === null ? undefined : [surprise.lowest, surprise.highest];
    },
    own,
  };
}

type DoseFigureProps = { measured: MeasureOf; dose: DoseState; slot: SlotDraft };

function DoseFigure({ measured, dose, slot }: DoseFigureProps) {
  const actions = useActions();
  const { mode, unit, value } = slot.dial;
  const points = dosePoints(dose);
  const data = useMemo(
    (): DoseChartData => ({
      name: measured.name,
      unit: mode === 'scale' ? 'times its activation' : UNIT_WORDS[unit],
      points: points.map((point, i) => ({
        dose: point.value,
        value: measured.of(i),
        range: measured.rangeOf?.(i),
      })),
      within: measured.within,
      current: value,
      reference: measured.own ? { name: UNSTEERED, value: measured.own.mean } : undefined,
    }),
    [measured, mode, unit, value, points],
  );
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      doseChart(data, size, document),
    [data],
  );
  return (
    <ChartFigure
      title={measured.name}
      value={measured.own ? `unsteered ${measure(measured.own.mean)}` : undefined}
      height={150}
      draw={draw}
      onPress={(at, size) => {
        const taken = nearestDose(data, size, at.x);
        if (taken !== null) actions.steer.slots.setValue(slot.id, taken);
      }}
      table={() => doseTable(measured, points)}
    />
  );
}

function doseTable(measured: MeasureOf, points: readonly DosePoint[]): DataTable {
  const { name, of, rangeOf, own } = measured;
  const ends = (range: readonly [number, number] | undefined) =>
    rangeOf === undefined ? [] : [measure(range?.[0] ?? null), measure(range?.[1] ?? null)];
  const rows = points.map((point, i) => [
    ...[signed(point.value), measure(of(i)), ...ends(rangeOf?.(i)), percent(point.relativeNorm)],
  ]);
  if (own) {
    rows.push(['unsteered', measure(own.mean), ...ends([own.lowest, own.highest]), percent(0)]);
  }
  const endNames = rangeOf === undefined ? [] : ['lowest text', 'highest text'];
  return { columns: ['strength', name, ...endNames, '‖Δ‖/‖h‖'], rows };
}

/** The points as buttons, so that the keyboard can do what a press on the chart does. */
function DoseSteps({ dose, slot }: { dose: DoseState; slot: SlotDraft }) {
  const actions = useActions();
  return (
    <div className={layoutStyles.buttonRow} role="group" aria-label="Take a strength">
      {dosePoints(dose).map(({ value, meanKl, deltaLogProb, surprise }) => (
        <button
          key={value}
          type="button"
          className={classNames(controlStyles.button, controlStyles.toggle)}
          aria-pressed={Math.abs(value - slot.dial.value) < 1e-9}
          aria-label={`Take ${signed(value)}: mean KL ${measure(meanKl)} nats${
            deltaLogProb[0] === undefined ? '' : `, ${signedMeasure(deltaLogProb[0])} nats`
          }${surprise === null ? '' : `, surprise ${measure(surprise.mean)} nats`}`}
          onClick={() => actions.steer.slots.setValue(slot.id, value)}
        >
          {signed(value)}
        </button>
      ))}
    </div>
  );
}
