// Steering slots, mask and automation in the spelling of a link (interface.md 3), and back. Pure; it treats
// every character as hostile: long lists are cut, numbers are clamped to their range, anything else gives
// null.
import { parseHookPoint, type HookPoint } from '../activations/hookPoint';
import {
  DEFAULT_MASK,
  MASK_CLASSES,
  MAX_SLOTS,
  STEER_MODES,
  STEER_UNITS,
  type SteerMask,
  type SteerMode,
  type SteerUnit,
} from '../steer/steering';

/** `1432`, `1432~b81e440a9c15` (of another SAE, by its id12) or `v-9c01`. */
type SharedTarget =
  | { kind: 'latent'; latentIndex: number; saeRef: string | null }
  | { kind: 'vector'; vectorId: string };

export type SharedSlot = {
  target: SharedTarget;
  /** null: the hook point where the SAE or the vector was made */
  hook: HookPoint | null;
  mode: SteerMode;
  /** the dial's value; 0 for `ablate`, which has none */
  value: number;
  /** `raw` for `scale` and `ablate`, which have none */
  unit: SteerUnit;
  isMuted: boolean;
};

/** From the choice of this generated token on, the slot (its place, from 0) has this value; null: off. */
export type SharedPoint = { slot: number; token: number; value: number | null };

const MAX_AUTOMATION = 400;
const MAX_INDEX = 1_048_575;
const MAX_TOKEN = 65_535;
const MAX_POSITIONS = 64;
const MAX_RAW = 1e6;
const NUMBER = /^-?(\d{1,9}\.?\d{0,9}|\.\d{1,9})$/;

/** Ends of the dial; raw depends on the feature, so a link only has to be finite. */
export function dialEnds(mode: SteerMode, unit: SteerUnit): readonly [number, number] {
  if (mode === 'scale') return [0, 5];
  if (unit === 'max') return [-3, 3];
  return unit === 'norm' ? [-1, 1] : [-MAX_RAW, MAX_RAW];
}

/** null if any slot cannot be read; slots after the eighth are dropped. */
export function parseSlots(text: string): SharedSlot[] | null {
  const slots = text.split(',', MAX_SLOTS).map(parseSlot);
  return slots.includes(null) ? null : (slots as SharedSlot[]);
}

export function formatSlots(slots: readonly SharedSlot[]): string {
  return slots.slice(0, MAX_SLOTS).map(formatSlot).join(',');
}

function parseSlot(text: string): SharedSlot | null {
  const [place = '', modeText, ...rest] = text.split(':', 5);
  const isMuted = rest.at(-1) === 'off';
  const [valueText, ...others] = isMuted ? rest.slice(0, -1) : rest;
  const [targetText = '', hookText, ...more] = place.split('@');
  const mode = STEER_MODES.find((known) => known === modeText);
  const target = parseTarget(targetText);
  const hook = parseHook(hookText);
  if (mode === undefined || target === null || hook === undefined) return null;
  if (others.length > 0 || more.length > 0) return null;
  const dial = parseDial(mode, valueText);
  return dial === null ? null : { target, hook, mode, ...dial, isMuted };
}

function formatSlot({ target, hook, mode, value, unit, isMuted }: SharedSlot): string {
  const name =
    target.kind === 'vector'
      ? target.vectorId
      : `${target.latentIndex}${target.saeRef === null ? '' : `~${target.saeRef}`}`;
  const place = hook === null ? name : `${name}@${hook}`;
  const dial = mode === 'ablate' ? '' : `:${short(value)}${mode === 'scale' ? '' : unit}`;
  return `${place}:${mode}${dial}${isMuted ? ':off' : ''}`;
}

function parseTarget(text: string): SharedTarget | null {
  if (/^v-[0-9a-f]{4,12}$/.test(text)) return { kind: 'vector', vectorId: text };
  const latent = /^(\d{1,7})(?:~([0-9a-f]{4,12}))?$/.exec(text);
  if (latent === null || Number(latent[1]) > MAX_INDEX) return null;
  return { kind: 'latent', latentIndex: Number(latent[1]), saeRef: latent[2] ?? null };
}

/** undefined: unreadable. */
function parseHook(text: string | undefined): HookPoint | null | undefined {
  if (text === undefined) return null;
  try {
    parseHookPoint(text);
  } catch {
    return undefined;
  }
  return text as HookPoint;
}

function parseDial(mode: SteerMode, text: string | undefined) {
  if (mode === 'ablate') return text === undefined ? { value: 0, unit: 'raw' as const } : null;
  const [, digits = '', unitText = ''] = /^([-.\d]+)(max|norm|raw)?$/.exec(text ?? '') ?? [];
  if (!NUMBER.test(digits)) return null;
  const named = STEER_UNITS.find((known) => known === unitText);
  if ((named === undefined) !== (mode === 'scale')) return null;
  const unit = named ?? 'raw';
  const [low, high] = dialEnds(mode, unit);
  // −0 would not be read back as it was written.
  return { value: Math.max(low, Math.min(high, Number(digits))) + 0, unit };
}

/** `prompt,gen` or positions `3,17`; `none`: no class. null if a part is unknown or both kinds are mixed. */
export function parseMask(text: string): SteerMask | null {
  const parts = text === 'none' ? [] : text.split(',', MAX_POSITIONS);
  const classes = MASK_CLASSES.filter((known) => parts.includes(known));
  if (parts.every((part) => classes.some((known) => known === part))) {
    return { kind: 'classes', classes };
  }
  if (!parts.every((part) => /^\d{1,5}$/.test(part) && Number(part) <= MAX_TOKEN)) return null;
  const positions = [...new Set(parts.map(Number))].sort((a, b) => a - b);
  return { kind: 'positions', positions };
}

export function formatMask(mask: SteerMask): string {
  const parts =
    mask.kind === 'positions'
      ? mask.positions.slice(0, MAX_POSITIONS)
      : MASK_CLASSES.filter((known) => mask.classes.includes(known));
  return parts.length === 0 ? 'none' : parts.join(',');
}

export function isDefaultMask(mask: SteerMask): boolean {
  return formatMask(mask) === formatMask(DEFAULT_MASK);
}

/** `0@12:1.5,0@20:off` (slot@token:value), by token then slot; a later entry for the same place wins. */
export function parseAutomation(text: string): SharedPoint[] | null {
  const points = new Map<string, SharedPoint>();
  for (const part of text.split(',', MAX_AUTOMATION)) {
    const match = /^([0-7])@(\d{1,5}):(off|[-.\d]+)$/.exec(part);
    if (match === null || Number(match[2]) > MAX_TOKEN) return null;
    const [slot, token, text] = [Number(match[1]), Number(match[2]), match[3]!];
    if (text !== 'off' && !NUMBER.test(text)) return null;
    const value = text === 'off' ? null : Math.max(-MAX_RAW, Math.min(MAX_RAW, Number(text))) + 0;
    points.set(`${slot}@${token}`, { slot, token, value });
  }
  return [...points.values()].sort((a, b) => a.token - b.token || a.slot - b.slot);
}

export function formatAutomation(points: readonly SharedPoint[]): string {
  return points
    .slice(0, MAX_AUTOMATION)
    .map(({ slot, token, value }) => `${slot}@${token}:${value === null ? 'off' : short(value)}`)
    .join(',');
}

/** At most 4 decimals, without a zero before the point: `.2`, `-.75`, `2`. */
function short(value: number): string {
  return String(Number(value.toFixed(4)) + 0).replace(/^(-?)0\./, '$1.');
}
