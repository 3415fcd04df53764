// Strength over tokens, a strip per slot: the values used, and the planned curve. Drawn with the
// pointer or typed as numbers; both edit the same list.
import { useCallback, useMemo, useRef, useState, type PointerEvent } from 'react';
import { strengthStrip, stripPlace, type StrengthStripData } from '../../../charts/strengthStrip';
import { dialRange } from '../../../core/steer/steerDial';
import { neutralValue } from '../../../core/steer/steering';
import { playedCurve } from '../../../store/steer/steerRequest';
import { curveOf, type CurvePoint, type SlotDraft } from '../../../store/steer/steerSetup';
import { targetName } from '../../../store/steer/steerSelectors';
import type { GenerationRun } from '../../../store/generate/generationRun';
import { count } from '../../parts/text/numberText';
import { ChartFigure } from '../../parts/ChartFigure';
import { useActions, useAppState } from '../../storeContext';
import { drawCurve, parseCurve, writeCurve } from './curveText';
import { useDialScale } from '../slots/SlotCard';
import { UNIT_WORDS, writtenValue } from '../slots/strengthText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import rowStyles from './fieldRow.module.css';
import styles from './AutomationPanel.module.css';

const HEIGHT = 76;

export function AutomationPanel() {
  const run = useAppState((state) => state.steer.run);
  const slots = useAppState((state) => state.steer.setup.slots);
  const shown = slots.filter(({ dial }) => dial.mode !== 'ablate');
  return (
    <section className={layoutStyles.panel} aria-label="Strength over tokens">
      <h2>Strength over tokens</h2>
      {run === null || shown.length === 0 ? (
        <p className={wordStyles.muted}>Write a text first: then draw how its strength changes.</p>
      ) : (
        shown.map((slot) => <SlotStrip key={slot.id} slot={slot} run={run} />)
      )}
    </section>
  );
}

type SlotStripProps = { slot: SlotDraft; run: GenerationRun };

function SlotStrip({ slot, run }: SlotStripProps) {
  const scale = useDialScale(slot);
  const name = useAppState((state) => targetName(state, slot.target));
  const automation = useAppState((state) => state.steer.setup.automation);
  const maxTokens = useAppState((state) => state.steer.form.maxTokens);
  const plan = useMemo(() => curveOf(automation, slot.id), [automation, slot.id]);
  const [drawn, setDrawn] = useState<readonly CurvePoint[] | null>(null);
  const { mode, unit } = slot.dial;
  const { low, high, step } = dialRange(slot.dial, scale);
  const place = run.request.steer?.slots.findIndex(({ id }) => id === slot.id) ?? -1;
  const { steered } = run.lanes;
  const data = useMemo(
    (): StrengthStripData => ({
      unit: mode === 'scale' ? 'times its activation' : UNIT_WORDS[unit],
      strengths: place < 0 ? [] : steered.map(({ values }) => values[place] ?? null),
      plan: (drawn ?? plan).map(({ token, value }) => ({
        token,
        value: value ?? neutralValue(mode) ?? 0,
      })),
      length: Math.max(maxTokens, steered.length, 1),
      low,
      high,
      neutral: neutralValue(mode) ?? 0,
    }),
    [mode, unit, place, steered, drawn, plan, maxTokens, low, high],
  );
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      strengthStrip(data, size, document),
    [data],
  );
  const pen = usePen({ slot, data, plan, step, drawn, setDrawn });
  return (
    <div>
      <div className={styles.draw} {...pen}>
        <ChartFigure
          title={`Strength over tokens: ${name}`}
          value={
            <span className={classNames(wordStyles.muted, wordStyles.small)}>
              draw a curve here
            </span>
          }
          height={HEIGHT}
          draw={draw}
          table={() => ({
            columns: ['token', 'strength'],
            rows: data.strengths.map((value, i) => [count(i + 1), writtenValue(mode, unit, value)]),
          })}
        />
      </div>
      <CurveFields slot={slot} name={name} plan={plan} run={run} />
    </div>
  );
}

type Pen = {
  slot: SlotDraft;
  data: StrengthStripData;
  plan: readonly CurvePoint[];
  step: number;
  drawn: readonly CurvePoint[] | null;
  setDrawn: (points: readonly CurvePoint[] | null) => void;
};

/** Pointer handlers that draw a curve; it takes effect when the pointer is lifted. */
function usePen({ slot, data, plan, step, drawn, setDrawn }: Pen) {
  const actions = useActions();
  const last = useRef<CurvePoint | null>(null);
  const move = (event: PointerEvent<HTMLDivElement>, before: readonly CurvePoint[]) => {
    const plot = event.currentTarget.querySelector('[data-plot]');
    if (plot === null) return;
    const box = plot.getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    const place = stripPlace(data, { width: box.width, height: HEIGHT }, at);
    const value = Math.round(place.value / step) * step;
    const point = { token: place.token, value: Number(value.toFixed(4)) };
    setDrawn(drawCurve(before, last.current ?? point, point));
    last.current = point;
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0 || !isOnPlot(event.target)) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      last.current = null;
      move(event, plan);
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      if (drawn !== null) move(event, drawn);
    },
    onPointerUp: () => {
      if (drawn !== null) actions.steer.slots.setCurve(slot.id, drawn);
      setDrawn(null);
    },
    onPointerCancel: () => setDrawn(null),
  };
}

function isOnPlot(target: EventTarget): boolean {
  return target instanceof Element && target.closest('[data-plot]') !== null;
}

type CurveFieldsProps = {
  slot: SlotDraft;
  name: string;
  plan: readonly CurvePoint[];
  run: GenerationRun;
};

function CurveFields({ slot, name, plan, run }: CurveFieldsProps) {
  const actions = useActions();
  const [typed, setTyped] = useState<string | null>(null);
  const parsed = typed === null ? null : parseCurve(typed);
  const commit = () => {
    if (typed === null) return;
    if (parsed !== null) {
      actions.steer.slots.setCurve(slot.id, parsed);
      setTyped(null);
    }
  };
  const id = `curve-${slot.id}`;
  return (
    <div className={rowStyles.row}>
      <label className={classNames(wordStyles.small, wordStyles.muted)} htmlFor={id}>
        Curve of {name}
      </label>
      <input
        id={id}
        className={inputStyles.input}
        placeholder="token:value, as 0:1, 20:-0.5, 30:off"
        value={typed ?? writeCurve(plan)}
        aria-invalid={typed !== null && parsed === null ? true : undefined}
        aria-describedby={`${id}-help`}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
      <button
        type="button"
        className={controlStyles.button}
        disabled={run.lanes.steered.length === 0}
        onClick={() => actions.steer.slots.setCurve(slot.id, curveOf(playedCurve(run), slot.id))}
      >
        Keep what was played
      </button>
      <button
        type="button"
        className={controlStyles.button}
        disabled={plan.length === 0}
        onClick={() => {
          setTyped(null);
          actions.steer.slots.setCurve(slot.id, []);
        }}
      >
        Clear
      </button>
      <span
        id={`${id}-help`}
        className={typed !== null && parsed === null ? inputStyles.fieldError : wordStyles.reason}
      >
        {typed !== null && parsed === null
          ? 'Write pairs like 12:1.5, 20:off; tokens count from 0.'
          : plan.length === 0
            ? 'No curve: the dial alone counts.'
            : 'Counts from the next run; a dial moved meanwhile holds until the next point.'}
      </span>
    </div>
  );
}
