// Steering as data: slots, masks, automation (interface.md 2.4, 4). What is requested, not how it is
// computed.
import { ConfigError } from '../errors';
import type { HookPoint } from '../activations/hookPoint';

export const MAX_SLOTS = 8;
export const STEER_MODES = ['add', 'set', 'scale', 'cap', 'ablate'] as const;
export type SteerMode = (typeof STEER_MODES)[number];
/** max: multiples of the latent's max activation; norm: of ‖h‖ of the token; raw: residual units */
export const STEER_UNITS = ['max', 'norm', 'raw'] as const;
export type SteerUnit = (typeof STEER_UNITS)[number];

export type SteerTarget =
  { kind: 'latent'; saeId: string; latentIndex: number } | { kind: 'vector'; vectorId: string };

export type SteerSlot = {
  /** unique among the slots; `setSlotValue` and the automation name it */
  id: string;
  target: SteerTarget;
  /** null: the hook point where the SAE or the vector was made */
  hook: HookPoint | null;
  mode: SteerMode;
  /** of `value` in add, set and cap; scale has a plain factor, ablate none */
  unit: SteerUnit;
  /** null: off, in every mode. In `ablate` any number means on */
  value: number | null;
  isMuted: boolean;
  /** while any slot is solo, the others are off */
  isSolo: boolean;
};

/** Each token has one class: <|bos|>; a token forced by a tool's result; another special token; an
 *  ordinary token of the prompt or of the generated text. */
export const MASK_CLASSES = ['bos', 'special', 'prompt', 'gen', 'tool'] as const;
export type MaskClass = (typeof MASK_CLASSES)[number];
export type SteerMask =
  | { kind: 'classes'; classes: readonly MaskClass[] }
  /** places in the whole text, 0 is <|bos|> */
  | { kind: 'positions'; positions: readonly number[] };

/** <|bos|> is a norm sink and stays untouched. */
export const DEFAULT_MASK: SteerMask = { kind: 'classes', classes: ['prompt', 'gen'] };
/** κ of clip: ‖ΣΔ‖ ≤ κ·‖h‖ */
export const DEFAULT_CLIP = 1;

/** The slot has this value from the choice of generated token `token` on (0: while the prompt is read). */
export type AutomationPoint = { slotId: string; token: number; value: number | null };

export type Steering = {
  /** 1 to 8 */
  slots: readonly SteerSlot[];
  mask: SteerMask;
  /** κ; null: no clip */
  clip: number | null;
  /** played back; null: none. A value set meanwhile is kept until the slot's next point */
  automation: readonly AutomationPoint[] | null;
  /** both: baseline beside it, in lockstep, with KL; steered: alone and faster, without KL */
  lanes: 'both' | 'steered';
  /** strongest latents reported per token, for each steered SAE; 0: none */
  streamLatents: number;
};

/** A mode's neutral value: no change of the model, bit for bit. For ablate only off is neutral. */
export function neutralValue(mode: SteerMode): number | null {
  if (mode === 'add') return 0;
  return mode === 'scale' ? 1 : null;
}

/** Whether a slot takes part: not muted, and solo itself where any of `slots` is. */
export function takesPart(
  slot: Pick<SteerSlot, 'isMuted' | 'isSolo'>,
  slots: readonly Pick<SteerSlot, 'isSolo'>[],
): boolean {
  if (slot.isMuted) return false;
  return slot.isSolo || !slots.some((other) => other.isSolo);
}

/** Values in force at the start: null for muted slots and, if any slot is solo, for the others. */
export function startValues(slots: readonly SteerSlot[]): (number | null)[] {
  return slots.map((slot) => (takesPart(slot, slots) ? slot.value : null));
}

/** One latent as the sliders start: `value` times its max activation, added at all text tokens. */
export function addLatent(o: { saeId: string; latentIndex: number; value: number }): Steering {
  const target = { kind: 'latent', saeId: o.saeId, latentIndex: o.latentIndex } as const;
  const slot: SteerSlot = {
    id: 'slot-1',
    target,
    hook: null,
    mode: 'add',
    unit: 'max',
    value: o.value,
    isMuted: false,
    isSolo: false,
  };
  const rest = { automation: null, lanes: 'both', streamLatents: 0 } as const;
  return { slots: [slot], mask: DEFAULT_MASK, clip: null, ...rest };
}

/** Throws ConfigError with value and bound; whether targets exist is checked elsewhere. */
export function checkSteering({ slots, clip, mask, automation, streamLatents }: Steering): void {
  const refuse = (what: string): never => {
    throw new ConfigError(what, 'steer');
  };
  if (slots.length < 1 || slots.length > MAX_SLOTS) {
    refuse(`Steering takes 1 to ${MAX_SLOTS} slots: ${slots.length}.`);
  }
  const ids = new Set(slots.map((slot) => slot.id));
  if (ids.size < slots.length) refuse('Two slots have the same id.');
  for (const { id, mode, unit, target, value } of slots) {
    if (value !== null && !Number.isFinite(value))
      refuse(`${id}: value must be a number: ${value}`);
    if (unit === 'max' && target.kind === 'vector' && mode !== 'scale' && mode !== 'ablate') {
      refuse(`${id}: a vector has no max activation. Choose the unit norm or raw.`);
    }
  }
  if (clip !== null && !(clip > 0 && clip <= 100)) {
    refuse(`clip must be above 0 and at most 100: ${clip}`);
  }
  if (!Number.isInteger(streamLatents) || streamLatents < 0 || streamLatents > 64) {
    refuse(`streamLatents must be a whole number from 0 to 64: ${streamLatents}`);
  }
  if (mask.kind === 'positions') {
    const odd = mask.positions.find((position) => !Number.isInteger(position) || position < 0);
    if (odd !== undefined) refuse(`A masked position must be a whole number from 0: ${odd}`);
  }
  for (const { slotId, token, value } of automation ?? []) {
    if (!ids.has(slotId)) refuse(`The automation refers to an unknown slot: ${slotId}`);
    if (!Number.isInteger(token) || token < 0) refuse(`Automation begins at token 0: ${token}`);
    if (value !== null && !Number.isFinite(value)) refuse(`Automation of ${slotId}: ${value}`);
  }
}
