// Where one is in a list of features: one that is walked to comes into sight, another order or filter begins at the top,
// and who closes a feature is back at it.
import { useEffect, useRef, type RefObject } from 'react';
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

/** What is listed and in which order. As a text: Back makes new objects of the same values, and stays where it is. */
function queryOf({ sort, thenBy, search, liveness, filter, textSearch }: AppState['explore']) {
  const { rank, token, hidesDense } = textSearch;
  return JSON.stringify([sort, thenBy, search, liveness, filter, rank, token, hidesDense]);
}

export function useListPlace(list: List): void {
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const query = useAppState(({ explore }) => queryOf(explore));
  const { scroller } = list;
  const now = useRef(list);
  useEffect(() => {
    now.current = list;
  });
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) scroller.current?.scrollTo({ top: 0 });
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
      return;
    }
    const at = now.current.rows.findIndex((row) => row.latentIndex === latentIndex);
    if (at >= 0) now.current.showAt(at);
  }, [latentIndex]);
}
