// Histograms that filter the table: dragging one redraws the others. Each has two number boxes, which do
// the same by keyboard, a clear button, a sentence and its data.
import { useLayoutEffect, useRef } from 'react';
import { createBrushHistogram, type BrushHistogram } from '../../../charts/brushHistogram';
import { BRUSHED, RANGE_BOUNDS, type Brushed } from '../../../core/share/tableShare';
import {
  brushAxis,
  BRUSH_NAMES,
  binEnds,
  brushSentence,
  brushView,
  rangeOf,
  type BrushView,
} from '../../../store/explore/brushView';
import { hasBirths } from '../../../store/explore/exploreSelectors';
import { useWidth } from '../../hooks/useWidth';
import { count } from '../../parts/numberText';
import { ShowData } from '../../parts/ChartFigure';
import { useNumberDraft } from '../../parts/fields/NumberField';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import figureStyles from '../../parts/look/figure.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './BrushPanel.module.css';

const HEIGHT = 72;

export function BrushPanel() {
  const isBirthKnown = useAppState(hasBirths);
  const shown = BRUSHED.filter((key) => key !== 'birth' || isBirthKnown);
  return (
    <div className={styles.brushes}>
      {shown.map((key) => (
        <Brush key={key} brushed={key} />
      ))}
    </div>
  );
}

function Brush({ brushed }: { brushed: Brushed }) {
  const explore = useAppState((state) => state.explore);
  const actions = useActions();
  const statistics = useAppState((state) => state.statistics);
  const view = brushView({ explore, statistics }, brushed);
  const range = explore.filter.ranges[brushed];
  return (
    <figure className={figureStyles.figure}>
      <div className={figureStyles.figureHead}>
        <h3>
          {BRUSH_NAMES[brushed]}{' '}
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            {brushAxis(brushed)}
          </span>
        </h3>
        <button
          type="button"
          className={classNames(
            controlStyles.button,
            controlStyles.quiet,
            controlStyles.smallButton,
          )}
          disabled={range === null}
          aria-label={`Clear ${BRUSH_NAMES[brushed]}`}
          onClick={() => actions.explore.table.brush(brushed, null, null)}
        >
          Clear
        </button>
      </div>
      {view === null ? (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Not known for any feature here. Compute the statistics again to get it.
        </p>
      ) : (
        <>
          <BrushPlot brushed={brushed} view={view} />
          <RangeBoxes brushed={brushed} />
          <ShowData
            title={BRUSH_NAMES[brushed]}
            table={() => ({
              columns: ['from', 'to', 'features', 'pass the other filters'],
              rows: view.all.map((all, bin) => [
                ...binEnds(brushed, view.bins, bin).map(String),
                count(all),
                count(view.passing[bin] ?? 0),
              ]),
            })}
          />
        </>
      )}
    </figure>
  );
}

function BrushPlot({ brushed, view }: { brushed: Brushed; view: BrushView }) {
  const rows = useAppState(({ explore }) => explore.rows);
  const actions = useActions();
  const holder = useRef<HTMLDivElement>(null);
  const width = useWidth(holder);
  const chart = useRef<BrushHistogram | null>(null);
  const { bins } = view;
  useLayoutEffect(() => {
    const made = createBrushHistogram(document, (selection) => {
      if (selection === null) actions.explore.table.brush(brushed, null, null);
      else {
        const range = rangeOf(brushed, selection, bins);
        actions.explore.table.brush(brushed, range.from, range.to);
      }
    });
    holder.current?.replaceChildren(made.element);
    chart.current = made;
  }, [brushed, actions, bins]);
  useLayoutEffect(() => {
    const sentence = brushSentence(brushed, view, rows.status === 'ready' ? rows.value : []);
    chart.current?.update({ ...view, ...bins, sentence }, { width, height: HEIGHT });
  }, [view, bins, brushed, rows, width]);
  return <div className={figureStyles.figurePlot} ref={holder} style={{ height: HEIGHT }} />;
}

function RangeBoxes({ brushed }: { brushed: Brushed }) {
  const range = useAppState(({ explore }) => explore.filter.ranges[brushed]);
  const actions = useActions();
  const from = range?.from ?? null;
  const to = range?.to ?? null;
  return (
    <div className={styles.range}>
      <RangeBox
        name={`${BRUSH_NAMES[brushed]} from`}
        brushed={brushed}
        value={from}
        onChange={(value) => actions.explore.table.brush(brushed, value, to)}
      />
      <span aria-hidden="true">to</span>
      <RangeBox
        name={`${BRUSH_NAMES[brushed]} to`}
        brushed={brushed}
        value={to}
        onChange={(value) => actions.explore.table.brush(brushed, from, value)}
      />
    </div>
  );
}

type RangeBoxProps = {
  name: string;
  brushed: Brushed;
  value: number | null;
  onChange: (value: number | null) => void;
};

function RangeBox({ name, brushed, value, onChange }: RangeBoxProps) {
  const [low, high] = RANGE_BOUNDS[brushed];
  const draft = useNumberDraft(value ?? NaN, (typed) =>
    onChange(Number.isNaN(typed) ? null : typed),
  );
  return (
    <input
      className={inputStyles.input}
      type="number"
      inputMode="decimal"
      aria-label={name}
      placeholder="any"
      step="any"
      min={low}
      max={high}
      value={draft.text}
      onChange={(event) => draft.type(event.target.value)}
    />
  );
}
