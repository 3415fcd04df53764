// The histogram of a column in its head: dragging over it keeps the rows within. The menu beside the search has the same
// range as two numbers.
import { useLayoutEffect, useRef } from 'react';
import { createBrushHistogram, type BrushHistogram } from '../../../charts/brushHistogram';
import type { Brushed } from '../../../core/share/tableShare';
import {
  brushSentence,
  brushView,
  rangeOf,
  rangeText,
  type BrushView,
} from '../../../store/explore/brushView';
import { useActions, useAppState } from '../../storeContext';
import { useWidth } from '../../hooks/useWidth';
import styles from './HeadBrush.module.css';

const HEIGHT = 16;

export function HeadBrush({ brushed }: { brushed: Brushed }) {
  const explore = useAppState((state) => state.explore);
  const statistics = useAppState((state) => state.statistics);
  const view = brushView({ explore, statistics }, brushed);
  if (view === null) return null;
  const range = explore.filter.ranges[brushed];
  return (
    <div
      className={styles.brush}
      title={
        range === null
          ? 'Drag to keep a range'
          : `Only ${rangeText(brushed, range)}; drag for another range, click to drop it`
      }
    >
      <Plot brushed={brushed} view={view} />
    </div>
  );
}

function Plot({ brushed, view }: { brushed: Brushed; view: BrushView }) {
  const rows = useAppState(({ explore }) => explore.rows);
  const actions = useActions();
  const holder = useRef<HTMLDivElement>(null);
  const width = useWidth(holder, 24);
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
  return <div ref={holder} style={{ height: HEIGHT }} />;
}
