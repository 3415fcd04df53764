// The dial of one steering slot (interface.md 2.4 and 4): its ends, its units, what a change of mode or unit
// does to the number, and how strong it is relative to the stream. Pure; it knows no screen and no engine.
import { neutralValue, type SteerMode, type SteerUnit } from './steering';

/** The reference sizes of a dial, in residual units; null if unknown. */
export type DialScale = {
  /** A_i: the feature's largest activation in its statistics; null for vectors and without statistics */
  maxAct: number | null;
  /** R_L: the median norm of the stream at the hook */
  medianNorm: number | null;
};

export type DialState = {
  mode: SteerMode;
  unit: SteerUnit;
  value: number;
  isMuted: boolean;
};

export type DialRange = { low: number; high: number; step: number };

/** The start value wherever a slot is added: +1 times the maximum activation, less where that would leave
 *  the useful zone; a quarter of the norm without a maximum. */
export function startDial(scale: DialScale): DialState {
  if (!hasMax(scale)) return { mode: 'add', unit: 'norm', value: 0.25, isMuted: false };
  const dial: DialState = { mode: 'add', unit: 'max', value: 1, isMuted: false };
  const { beyond } = zoneEdges(dial, scale) ?? { beyond: Infinity };
  const { step } = dialRange(dial, scale);
  // Rounded down to a step that is still inside, and never to nothing.
  const inside = Math.max(step, roundTo(Math.floor(beyond / step) * step, step));
  return { ...dial, value: Math.min(1, inside) };
}

export function dialRange(dial: Pick<DialState, 'mode' | 'unit'>, scale: DialScale): DialRange {
  if (dial.mode === 'scale') return { low: 0, high: 5, step: 0.05 };
  if (dial.unit === 'max') return { low: -3, high: 3, step: 0.05 };
  if (dial.unit === 'norm') return { low: -1, high: 1, step: 0.01 };
  const end = hasMax(scale) ? 3 * scale.maxAct : (scale.medianNorm ?? 100);
  // About 120 steps from end to end, rounded to a round number.
  const step = 10 ** Math.floor(Math.log10(end / 30));
  return { low: -roundTo(end, step), high: roundTo(end, step), step };
}

export function isNeutral({ mode, value, isMuted }: DialState): boolean {
  return isMuted || value === neutralValue(mode);
}

/** Its neutral number, or muted if it has none. */
export function neutralDial(dial: DialState): DialState {
  const value = neutralValue(dial.mode);
  return value === null ? { ...dial, isMuted: true } : { ...dial, value };
}

export function clampDial(dial: DialState, scale: DialScale): DialState {
  const { low, high, step } = dialRange(dial, scale);
  const inside = Math.max(low, Math.min(high, dial.value));
  return { ...dial, value: roundTo(inside, step) };
}

/** The dial in another mode, with a sentence about what happened to its number. */
export function changeMode(dial: DialState, mode: SteerMode, scale: DialScale) {
  const next = { ...dial, mode };
  if (mode === dial.mode) return { dial, note: null };
  if (mode === 'ablate') return { dial: next, note: 'Ablate has no number.' };
  if (mode === 'scale') {
    return {
      dial: { ...next, value: 1 },
      note: 'Scale multiplies the existing activation, so the number was reset to ×1, which is neutral.',
    };
  }
  if (dial.mode === 'scale') {
    const start = { ...next, ...startUnit(scale) };
    return mode === 'add'
      ? { dial: { ...start, value: 0 }, note: 'The unit changed: reset to 0, which is neutral.' }
      : {
          dial: { ...start, isMuted: true },
          note: 'The unit changed: muted, which is neutral here. Unmute to use it.',
        };
  }
  const kept = clampDial(next, scale);
  return { dial: kept, note: dial.mode === 'ablate' ? null : 'The number was kept.' };
}

/** The dial in another unit: converted, or reset to neutral if the conversion is unknown. */
export function changeUnit(dial: DialState, unit: SteerUnit, scale: DialScale) {
  if (unit === dial.unit) return { dial, note: null };
  const from = unitSize(dial.unit, scale);
  const to = unitSize(unit, scale);
  if (from === null || to === null || to === 0) {
    const reset = neutralDial({ ...dial, unit });
    return { dial: reset, note: 'These units cannot be converted here: reset to neutral.' };
  }
  const next = clampDial({ ...dial, unit, value: (dial.value * from) / to }, scale);
  const exact = (dial.value * from) / to;
  const isCut = Math.abs(exact) > dialRange(next, scale).high;
  return {
    dial: next,
    note: isCut ? 'Converted, and limited to the end of the dial.' : 'Converted.',
  };
}

/** Residual units per unit; null if unknown. `norm` uses each token's own norm; R_L approximates it. */
function unitSize(unit: SteerUnit, scale: DialScale): number | null {
  if (unit === 'raw') return 1;
  return unit === 'max' ? scale.maxAct : scale.medianNorm;
}

/** Size of the edit relative to the stream, ‖Δ‖ / R_L; for modes that depend on the activation, the maximum;
 *  null if the scale is unknown. */
export function dialStrength(dial: DialState, scale: DialScale): number | null {
  const { medianNorm, maxAct } = scale;
  if (medianNorm === null || medianNorm <= 0) return null;
  if (dial.mode === 'ablate') return maxAct === null ? null : maxAct / medianNorm;
  if (dial.mode === 'scale') {
    return maxAct === null ? null : (Math.abs(dial.value - 1) * maxAct) / medianNorm;
  }
  const size = unitSize(dial.unit, scale);
  if (size === null) return null;
  if (dial.mode === 'cap') {
    return maxAct === null ? null : Math.max(0, maxAct - dial.value * size) / medianNorm;
  }
  return Math.abs(dial.value * size) / medianNorm;
}

export type Zone = 'plain' | 'caution' | 'beyond';

/** Ends of the plain zone and of caution, as ‖Δ‖ / R_L. */
const ZONES = { plain: 0.25, caution: 0.5 } as const;

export function zoneOf(strength: number): Zone {
  if (strength < ZONES.plain) return 'plain';
  return strength <= ZONES.caution ? 'caution' : 'beyond';
}

/** Where the zones begin on either side of neutral, as dial values; null if the scale is unknown or the
 *  size depends on the token. */
export function zoneEdges(dial: DialState, scale: DialScale) {
  const { medianNorm, maxAct } = scale;
  if (medianNorm === null || dial.mode === 'cap' || dial.mode === 'ablate') return null;
  const size = dial.mode === 'scale' ? maxAct : unitSize(dial.unit, scale);
  if (size === null || size <= 0) return null;
  return {
    centre: dial.mode === 'scale' ? 1 : 0,
    caution: (ZONES.plain * medianNorm) / size,
    beyond: (ZONES.caution * medianNorm) / size,
  };
}

function startUnit(scale: DialScale): Pick<DialState, 'unit' | 'value'> {
  const { unit, value } = startDial(scale);
  return { unit, value };
}

function hasMax(scale: DialScale): scale is DialScale & { maxAct: number } {
  return scale.maxAct !== null && scale.maxAct > 0;
}

function roundTo(value: number, step: number): number {
  const steps = Math.round(value / step);
  // Through the inverse: 0.05 · 21 would be 1.0500000000000002.
  return step < 1 ? steps / Math.round(1 / step) : steps * step;
}
