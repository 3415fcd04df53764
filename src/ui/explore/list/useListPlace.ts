// Where one is in a list of features: one that is walked to comes into sight, another order or filter begins at the top,
// and who closes a feature is back at it. Where names or statistics arrive and rows change places by themselves, the open
// one stays in sight, unless somebody has scrolled since.
import { useEffect, useMemo, useRef, type RefObject } from 'react';
import type { LatentRow } from '../../../engine/statistics/api';
import type { AppState } from '../../../store/state';
import { useAppState } from '../../storeContext';

type List = {
  rows: readonly LatentRow[];
  scroller: RefObject<HTMLElement | null>;
  /** brings the row at this place into sight */
  showAt: (at: number) => void;
  /** gives the focus to what stands for the feature */
  focusOn: (latentIndex: number) => void;
};

type Placed = { latentIndex: number; top: number | null };

/** What is listed and in which order. As a text: Back makes new objects of the same values, and stays where it is. */
function queryOf({ sort, thenBy, search, liveness, filter, textSearch }: AppState['explore']) {
  const { rank, token, hidesDense } = textSearch;
  return JSON.stringify([sort, thenBy, search, liveness, filter, rank, token, hidesDense]);
}

export function useListPlace(list: List): void {
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const query = useAppState(({ explore }) => queryOf(explore));
  const { scroller, rows } = list;
  const now = useRef(list);
  useEffect(() => {
    now.current = list;
  });
  /** the open feature, and where the list was scrolled to once it had come into sight: null not yet, NaN for another order */
  const placed = useRef<Placed | null>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) {
      scroller.current?.scrollTo({ top: 0 });
      // Another order was asked for: the list stays at its top.
      if (placed.current !== null) placed.current.top = NaN;
    }
    isFirst.current = false;
  }, [scroller, query]);
  const before = useRef<number | null>(null);
  useEffect(() => {
    const closed = before.current;
    before.current = latentIndex;
    if (latentIndex === null) {
      // Only where nothing else has the focus by now.
      const isFree = document.activeElement === document.body;
      if (closed !== null && isFree) now.current.focusOn(closed);
    }
  }, [latentIndex]);
  const at = useMemo(
    () => (latentIndex === null ? -1 : rows.findIndex((row) => row.latentIndex === latentIndex)),
    [rows, latentIndex],
  );
  useEffect(() => {
    if (latentIndex === null) placed.current = null;
    if (latentIndex === null || at < 0) return;
    const known = placed.current?.latentIndex === latentIndex ? placed.current : null;
    const hasMoved =
      known !== null && known.top !== null && known.top !== scroller.current?.scrollTop;
    if (hasMoved) return;
    now.current.showAt(at);
    const place: Placed = { latentIndex, top: null };
    placed.current = place;
    // The list has scrolled by the second frame.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (placed.current === place) place.top ??= scroller.current?.scrollTop ?? NaN;
      }),
    );
  }, [latentIndex, at, scroller]);
}
