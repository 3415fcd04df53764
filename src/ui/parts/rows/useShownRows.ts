// What rows of the open file stand for, with addresses of their pictures and recordings that last as long as they show.
import { useEffect, useState } from 'react';
import type { ShownRow } from '../../../core/activations/rowFacts';
import type { RowView } from '../../../engine/model/api';
import { useActions, useAppState } from '../../storeContext';

const NONE: ReadonlyMap<number, ShownRow> = new Map();

/** By row number; those that are on their way are absent. */
export function useShownRows(rows: readonly number[]): ReadonlyMap<number, ShownRow> {
  const sourceId = useAppState((state) => state.model.open?.id ?? null);
  const actions = useActions();
  const [shown, setShown] = useState(NONE);
  // Lists are made anew at every drawing: what they hold decides.
  const key = rows.join();
  useEffect(() => {
    const addresses: string[] = [];
    let isGone = false;
    const addressOf = ({ media }: RowView) => {
      if (media === null) return null;
      const address = URL.createObjectURL(media);
      addresses.push(address);
      return address;
    };
    const wanted = key === '' ? [] : key.split(',').map(Number);
    void actions.model.rows(wanted).then((views) => {
      if (isGone) return;
      setShown(
        new Map(
          views.map((view) => [view.facts.row, { facts: view.facts, source: addressOf(view) }]),
        ),
      );
    });
    return () => {
      isGone = true;
      for (const address of addresses) URL.revokeObjectURL(address);
    };
  }, [actions, key, sourceId]);
  return shown;
}
