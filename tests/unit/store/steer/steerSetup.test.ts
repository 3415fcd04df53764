// Slots and their undo, as plain values.
import { describe, expect, it } from 'vitest';
import { MAX_SLOTS } from '../../../../src/core/steer/steering';
import {
  EMPTY_SETUP,
  NO_HISTORY,
  changeSlot,
  curveOf,
  isAllNeutral,
  isHeard,
  redo,
  remember,
  undo,
  withCurve,
  withSlot,
  withoutSlot,
  type SlotDraft,
  type SteerSetup,
} from '../../../../src/store/steer/steerSetup';

function slot(id: string, value = 1): SlotDraft {
  return {
    id,
    target: { kind: 'latent', saeId: 'demo', latentIndex: 3 },
    hook: null,
    dial: { mode: 'add', unit: 'max', value, isMuted: false },
    isSolo: false,
    note: null,
  };
}

const TWO = withSlot(withSlot(EMPTY_SETUP, slot('a')), slot('b', 0));
const turn = (setup: SteerSetup, id: string, value: number) =>
  changeSlot(setup, id, (draft) => ({ ...draft, dial: { ...draft.dial, value } }));
const dialOf = (setup: SteerSetup) => setup.slots.map(({ dial }) => dial.value);

describe('slots', () => {
  it('are eight at most', () => {
    let setup = EMPTY_SETUP;
    for (let i = 0; i < 12; i++) setup = withSlot(setup, slot(String(i)));
    expect(setup.slots).toHaveLength(MAX_SLOTS);
  });

  it('take their curve along when they go', () => {
    const curved = withCurve(withCurve(TWO, 'a', [{ token: 3, value: 1 }]), 'b', [
      { token: 1, value: null },
    ]);
    expect(curved.automation.map(({ slotId }) => slotId)).toEqual(['b', 'a']);
    const left = withoutSlot(curved, 'a');
    expect(left.slots.map(({ id }) => id)).toEqual(['b']);
    expect(curveOf(left.automation, 'a')).toEqual([]);
    expect(curveOf(left.automation, 'b')).toHaveLength(1);
  });

  it('are heard unless muted, or another is solo', () => {
    const solo = changeSlot(TWO, 'b', (draft) => ({ ...draft, isSolo: true }));
    expect(solo.slots.map((draft) => isHeard(solo, draft))).toEqual([false, true]);
    expect(isAllNeutral(solo)).toBe(true);
    expect(isAllNeutral(TWO)).toBe(false);
    expect(isAllNeutral(withCurve(solo, 'b', [{ token: 0, value: 1 }]))).toBe(false);
  });
});

describe('undo', () => {
  it('takes a drag back in one step, and forward again', () => {
    let line = remember({ setup: TWO, history: NO_HISTORY }, turn(TWO, 'a', 1.5), 'dial a', 0);
    for (const [value, now] of [
      [2, 100],
      [2.5, 200],
    ] as const) {
      line = remember(line, turn(line.setup, 'a', value), 'dial a', now);
    }
    line = remember(line, turn(line.setup, 'b', -1), 'dial b', 300);
    expect(dialOf(line.setup)).toEqual([2.5, -1]);
    line = undo(line);
    expect(dialOf(line.setup)).toEqual([2.5, 0]);
    line = undo(line);
    expect(dialOf(line.setup)).toEqual([1, 0]);
    expect(undo(line)).toEqual(line);
    line = redo(redo(line));
    expect(dialOf(line.setup)).toEqual([2.5, -1]);
  });

  it('forgets what was undone once something else is done', () => {
    const line = remember({ setup: TWO, history: NO_HISTORY }, turn(TWO, 'a', 2), 'dial a', 0);
    const undone = undo(line);
    const other = remember(undone, turn(undone.setup, 'b', 1), 'dial b', 10);
    expect(redo(other).setup).toBe(other.setup);
  });

  it('takes two turns of one dial back apart when time lies between', () => {
    let line = remember({ setup: TWO, history: NO_HISTORY }, turn(TWO, 'a', 2), 'dial a', 0);
    line = remember(line, turn(line.setup, 'a', 3), 'dial a', 5000);
    expect(dialOf(undo(line).setup)).toEqual([2, 0]);
  });
});
