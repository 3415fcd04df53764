// What is steered and how, as set up by the user: slots, mask, clip, automation; with undo and redo.
// Pure: each change is a new value. It knows no engine and no screen.
import { elementAt } from '../../core/elementAt';
import type { HookPoint } from '../../core/activations/hookPoint';
import { isNeutral, type DialState } from '../../core/steer/steerDial';
import {
  DEFAULT_MASK,
  MAX_SLOTS,
  takesPart,
  type AutomationPoint,
  type SteerMask,
  type SteerSlot,
  type SteerTarget,
} from '../../core/steer/steering';

export type SlotDraft = {
  /** unique in this tab; identifies the slot while others are added and removed */
  id: string;
  target: SteerTarget;
  /** null: the hook point where the SAE or the vector was made */
  hook: HookPoint | null;
  dial: DialState;
  isSolo: boolean;
  /** how the last change of mode or unit changed the number */
  note: string | null;
};

export type SteerSetup = {
  slots: readonly SlotDraft[];
  mask: SteerMask;
  isClipped: boolean;
  /** planned values, by token */
  automation: readonly AutomationPoint[];
};

export const EMPTY_SETUP: SteerSetup = {
  slots: [],
  mask: DEFAULT_MASK,
  isClipped: false,
  automation: [],
};

/** Setups before and after the one on screen, nearest last. */
export type SteerHistory = {
  past: readonly SteerSetup[];
  future: readonly SteerSetup[];
  /** which control changed last, and when (ms), so that a drag is one undo step */
  last: { what: string; at: number } | null;
};

export const NO_HISTORY: SteerHistory = { past: [], future: [], last: null };

const MAX_PAST = 100;
/** Changes of one control within this time (ms) are undone together. */
const ONE_GESTURE = 800;

export type Timeline = { setup: SteerSetup; history: SteerHistory };

/** The next setup on the timeline. what: the control, as `dial 3`; now: ms. */
export function remember(
  { setup, history }: Timeline,
  next: SteerSetup,
  what: string,
  now: number,
): Timeline {
  if (next === setup) return { setup, history };
  const { last } = history;
  const goesOn = last?.what === what && now - last.at < ONE_GESTURE;
  const past = goesOn ? history.past : [...history.past, setup].slice(-MAX_PAST);
  return { setup: next, history: { past, future: [], last: { what, at: now } } };
}

export function undo({ setup, history }: Timeline): Timeline {
  const before = history.past.at(-1);
  if (before === undefined) return { setup, history };
  const past = history.past.slice(0, -1);
  return { setup: before, history: { past, future: [...history.future, setup], last: null } };
}

export function redo({ setup, history }: Timeline): Timeline {
  const after = history.future.at(-1);
  if (after === undefined) return { setup, history };
  const future = history.future.slice(0, -1);
  return { setup: after, history: { past: [...history.past, setup], future, last: null } };
}

/** Unchanged if all eight slots are used. */
export function withSlot(setup: SteerSetup, slot: SlotDraft): SteerSetup {
  if (setup.slots.length >= MAX_SLOTS) return setup;
  return { ...setup, slots: [...setup.slots, slot] };
}

/** Removes the slot and its curve. */
export function withoutSlot(setup: SteerSetup, id: string): SteerSetup {
  return {
    ...setup,
    slots: setup.slots.filter((slot) => slot.id !== id),
    automation: setup.automation.filter((point) => point.slotId !== id),
  };
}

export function changeSlot(
  setup: SteerSetup,
  id: string,
  change: (slot: SlotDraft) => SlotDraft,
): SteerSetup {
  const place = setup.slots.findIndex((slot) => slot.id === id);
  if (place < 0) return setup;
  const before = elementAt(setup.slots, place);
  const after = change(before);
  if (after === before) return setup;
  return { ...setup, slots: setup.slots.map((slot) => (slot === before ? after : slot)) };
}

/** Whether the slot is active: not muted, and soloed if any slot is. */
export function isHeard(setup: SteerSetup, slot: SlotDraft): boolean {
  return takesPart(toSlot(slot), setup.slots);
}

/** Whether the steered lane equals the baseline: no active slot, or all at neutral, and no curve. */
export function isAllNeutral(setup: SteerSetup): boolean {
  if (setup.automation.length > 0) return false;
  return setup.slots.every((slot) => !isHeard(setup, slot) || isNeutral(slot.dial));
}

export function sameTarget(a: SteerTarget, b: SteerTarget): boolean {
  if (a.kind === 'latent') {
    return b.kind === 'latent' && a.saeId === b.saeId && a.latentIndex === b.latentIndex;
  }
  return b.kind === 'vector' && a.vectorId === b.vectorId;
}

export type CurvePoint = Omit<AutomationPoint, 'slotId'>;

/** The setup with one slot's planned curve replaced. */
export function withCurve(
  setup: SteerSetup,
  slotId: string,
  points: readonly CurvePoint[],
): SteerSetup {
  const others = setup.automation.filter((point) => point.slotId !== slotId);
  const mine = points.map((point) => ({ ...point, slotId }));
  return { ...setup, automation: [...others, ...mine].sort((a, b) => a.token - b.token) };
}

/** The planned curve of one slot, by token. */
export function curveOf(automation: readonly AutomationPoint[], slotId: string): AutomationPoint[] {
  return automation.filter((point) => point.slotId === slotId);
}

/** A slot in the form of the engine's request. */
export function toSlot({ id, target, hook, dial, isSolo }: SlotDraft): SteerSlot {
  const { mode, unit, value, isMuted } = dial;
  return { id, target, hook, mode, unit, value, isMuted, isSolo };
}
