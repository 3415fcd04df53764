// Intents on steering slots: add, change target or dial, mute, solo, remove, undo. A changed dial reaches
// the engine while the text streams; commands never pile up.
import type { HookPoint } from '../../core/activations/hookPoint';
import {
  changeMode,
  changeUnit,
  clampDial,
  dialRange,
  neutralDial,
  startDial,
  type DialScale,
  type DialState,
} from '../../core/steer/steerDial';
import {
  MAX_SLOTS,
  type SteerMask,
  type SteerMode,
  type SteerTarget,
  type SteerUnit,
} from '../../core/steer/steering';
import type { StoreContext } from '../context';
import { dialScale } from './steerSelectors';
import { valuesInForce } from './steerRequest';
import {
  changeSlot,
  redo,
  remember,
  sameTarget,
  undo,
  type Timeline,
  withCurve,
  withSlot,
  withoutSlot,
  type CurvePoint,
  type SlotDraft,
  type SteerSetup,
} from './steerSetup';

export function makeSteerSlotActions(context: StoreContext, afterChange: () => void) {
  const { env, get, patch } = context;
  const { sendValues, markBegin } = makeValueSender(context);
  let lastId = 0;
  /** added here and not turned since: their strength may still be fitted to the stream */
  const untouched = new Set<string>();

  function take(line: Timeline): void {
    patch('steer', line);
    void sendValues();
    afterChange();
  }

  function change(next: SteerSetup, what: string): void {
    const { setup, history } = get().steer;
    if (next !== setup) take(remember({ setup, history }, next, what, env.now()));
  }

  function edit(id: string, what: string, step: (slot: SlotDraft) => SlotDraft): void {
    untouched.delete(id);
    change(changeSlot(get().steer.setup, id, step), `${what} ${id}`);
  }

  function turn(id: string, what: string, step: (dial: DialState, scale: DialScale) => DialState) {
    edit(id, what, (slot) => ({
      ...slot,
      dial: step(slot.dial, dialScale(get(), slot)),
      note: null,
    }));
  }

  function newSlot(target: SteerTarget): SlotDraft {
    const id = `slot-${++lastId}`;
    const slot = { id, target, hook: null, isSolo: false, note: null };
    const scale = dialScale(get(), slot);
    return { ...slot, dial: startDial(scale) };
  }

  function chosenSlot(): SlotDraft | null {
    const { setup, chosenSlotId } = get().steer;
    return setup.slots.find(({ id }) => id === chosenSlotId) ?? setup.slots.at(-1) ?? null;
  }

  function addSlot(target: SteerTarget): void {
    const { setup } = get().steer;
    const same = setup.slots.find((slot) => sameTarget(slot.target, target));
    if (same !== undefined) {
      patch('steer', { chosenSlotId: same.id });
      return;
    }
    if (setup.slots.length >= MAX_SLOTS) {
      patch('shell', { notice: `All ${MAX_SLOTS} slots are taken: remove one on Steer first.` });
      return;
    }
    const slot = newSlot(target);
    untouched.add(slot.id);
    patch('steer', { chosenSlotId: slot.id });
    change(withSlot(setup, slot), `add ${slot.id}`);
  }

  /** The size of the stream is known only after a slot was added: brings the strengths it opened with
   *  inside the useful zone. No step of its own for undo. */
  function fitStrengths(): void {
    let { setup } = get().steer;
    for (const id of untouched) {
      setup = changeSlot(setup, id, (slot) => {
        const dial = startDial(dialScale(get(), slot));
        return dial.value === slot.dial.value ? slot : { ...slot, dial };
      });
    }
    untouched.clear();
    if (setup !== get().steer.setup) take({ setup, history: get().steer.history });
  }

  function setValue(id: string, value: number): void {
    if (!Number.isFinite(value)) return;
    turn(id, 'dial', (dial, scale) => clampDial({ ...dial, value }, scale));
  }

  const actions = {
    add: addSlot,
    remove: (id: string) => change(withoutSlot(get().steer.setup, id), `remove ${id}`),
    choose: (chosenSlotId: string) => patch('steer', { chosenSlotId }),
    setTarget: (id: string, target: SteerTarget) =>
      edit(id, 'target', (slot) => ({
        ...slot,
        target,
        hook: null,
        dial: startDial(dialScale(get(), { ...slot, target })),
        note: 'Another target: the dial was reset.',
      })),
    setHook: (id: string, hook: HookPoint | null) =>
      edit(id, 'hook', (slot) => ({ ...slot, hook })),
    setMode: (id: string, mode: SteerMode) =>
      edit(id, 'mode', (slot) => ({
        ...slot,
        ...changeMode(slot.dial, mode, dialScale(get(), slot)),
      })),
    setUnit: (id: string, unit: SteerUnit) =>
      edit(id, 'unit', (slot) => ({
        ...slot,
        ...changeUnit(slot.dial, unit, dialScale(get(), slot)),
      })),
    setValue,
    mute: (id: string, isMuted: boolean) => turn(id, 'mute', (dial) => ({ ...dial, isMuted })),
    solo: (id: string, isSolo: boolean) => edit(id, 'solo', (slot) => ({ ...slot, isSolo })),
    /** Changes the chosen slot's dial by steps. */
    nudge: (steps: number) => {
      const slot = chosenSlot();
      if (slot === null || slot.dial.mode === 'ablate') return;
      const { step } = dialRange(slot.dial, dialScale(get(), slot));
      setValue(slot.id, slot.dial.value + steps * step);
    },
    neutral: (id?: string) => {
      const slotId = id ?? chosenSlot()?.id;
      if (slotId !== undefined) turn(slotId, 'neutral', neutralDial);
    },
    setMask: (mask: SteerMask) => change({ ...get().steer.setup, mask }, 'mask'),
    setClip: (isClipped: boolean) => change({ ...get().steer.setup, isClipped }, 'clip'),
    setCurve: (slotId: string, points: readonly CurvePoint[]) =>
      change(withCurve(get().steer.setup, slotId, points), `curve ${slotId}`),
    clear: () => change({ ...get().steer.setup, slots: [], automation: [] }, 'clear'),
    undo: () => take(undo(get().steer)),
    redo: () => take(redo(get().steer)),
  };
  return { actions, newSlot, fitStrengths, sendValues, markBegin };
}

/** Sends the newest value of each slot of the run; values changed meanwhile are sent once the engine has
 *  answered. */
function makeValueSender({ api, get }: StoreContext) {
  let sending = false;
  /** the values that the engine has for its run */
  let sent = new Map<string, number | null>();
  let sentTo = -1;
  /** the dials when the last text was requested: only later changes need to be sent */
  let atBegin = new Map<string, number | null>();

  function nextChange(): [slotId: string, value: number | null] | null {
    const { run, setup } = get().steer;
    const steering = run?.request.steer;
    if (run?.running !== true || steering === undefined || steering === null) return null;
    if (run.generationId !== sentTo) {
      sentTo = run.generationId;
      sent = new Map(steering.slots.map(({ id }) => [id, atBegin.get(id) ?? null]));
    }
    const values = valuesInForce(setup);
    for (const [slotId, before] of sent) {
      const now = values.get(slotId) ?? null;
      if (before !== now) return [slotId, now];
    }
    return null;
  }

  const sendValues = async () => {
    if (sending) return;
    sending = true;
    try {
      for (let next = nextChange(); next !== null; next = nextChange()) {
        sent.set(...next);
        await api.steer.setSlotValue(...next);
      }
    } finally {
      sending = false;
    }
  };
  return {
    sendValues,
    markBegin: () => {
      atBegin = valuesInForce(get().steer.setup);
    },
  };
}
