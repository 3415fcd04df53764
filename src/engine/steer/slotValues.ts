// The values of the slots while a text runs: set by hand, played back from an automation, read once per
// token, and recorded as they change, so that the same text can be reproduced.
import { startValues, type AutomationPoint, type Steering } from '../../core/steer/steering';
import { elementAt } from '../../core/elementAt';

export type SlotValues = {
  /** Takes effect at the next token; unknown slots and values that are not finite are ignored. */
  set: (slotId: string, value: number | null) => void;
  /** The values for this generated token, in the order of the slots; call it once per token. */
  next: (token: number) => readonly (number | null)[];
  /** The values that `next` returned, as changes from the slots' own values. */
  log: () => AutomationPoint[];
};

export function makeSlotValues({ slots, automation }: Steering): SlotValues {
  const start = startValues(slots);
  const values = [...start];
  const told = slots.map((slot) => slot.value);
  const log: AutomationPoint[] = [];
  const points = [...(automation ?? [])].sort((a, b) => a.token - b.token);
  let played = 0;
  const set = (slotId: string, value: number | null) => {
    const slot = slots.findIndex(({ id }) => id === slotId);
    if (slot >= 0 && (value === null || Number.isFinite(value))) values[slot] = value;
  };
  return {
    set,
    next(token) {
      for (; played < points.length && elementAt(points, played).token <= token; played++) {
        const { slotId, value } = elementAt(points, played);
        set(slotId, value);
      }
      values.forEach((value, slot) => {
        if (value === told[slot]) return;
        told[slot] = value;
        log.push({ slotId: elementAt(slots, slot).id, token, value });
      });
      return [...values];
    },
    log: () => [...log],
  };
}
