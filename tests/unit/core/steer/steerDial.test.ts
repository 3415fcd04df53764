// The dial of a steering slot: conversions, neutral, zones.
import { describe, expect, it } from 'vitest';
import {
  changeMode,
  changeUnit,
  clampDial,
  dialRange,
  dialStrength,
  isNeutral,
  neutralDial,
  startDial,
  zoneEdges,
  zoneOf,
  type DialState,
} from '../../../../src/core/steer/steerDial';

const SCALE = { maxAct: 10, medianNorm: 40 };
const dial = (over: Partial<DialState> = {}): DialState => ({
  mode: 'add',
  unit: 'max',
  value: 2,
  isMuted: false,
  ...over,
});

describe('a dial', () => {
  it('starts at once the maximum activation, without statistics at a quarter of the norm', () => {
    expect(startDial(SCALE)).toMatchObject({ mode: 'add', unit: 'max', value: 1 });
    expect(startDial({ maxAct: null, medianNorm: 40 })).toMatchObject({
      unit: 'norm',
      value: 0.25,
    });
    expect(startDial({ maxAct: 0, medianNorm: 40 })).toMatchObject({ unit: 'norm' });
  });

  it('starts inside the useful zone where once the maximum would leave it', () => {
    const strong = startDial({ maxAct: 37, medianNorm: 40 });
    expect(strong.value).toBe(0.5);
    expect(zoneOf(dialStrength(strong, { maxAct: 37, medianNorm: 40 }) ?? 1)).toBe('caution');
    // Never nothing, however strong the feature is.
    expect(startDial({ maxAct: 1000, medianNorm: 1 }).value).toBe(0.05);
  });

  it('ends where the interface reference says', () => {
    expect(dialRange(dial(), SCALE)).toEqual({ low: -3, high: 3, step: 0.05 });
    expect(dialRange(dial({ unit: 'norm' }), SCALE)).toEqual({ low: -1, high: 1, step: 0.01 });
    expect(dialRange(dial({ unit: 'raw' }), SCALE)).toEqual({ low: -30, high: 30, step: 1 });
    expect(dialRange(dial({ unit: 'raw' }), { maxAct: null, medianNorm: 40 }).high).toBe(40);
    expect(dialRange(dial({ mode: 'scale' }), SCALE)).toEqual({ low: 0, high: 5, step: 0.05 });
    expect(clampDial(dial({ value: 9 }), SCALE).value).toBe(3);
    expect(clampDial(dial({ value: 1.0499 }), SCALE).value).toBe(1.05);
  });

  it('converts between units by what one of each is', () => {
    expect(changeUnit(dial(), 'raw', SCALE).dial.value).toBe(20);
    expect(changeUnit(dial(), 'norm', SCALE).dial.value).toBe(0.5);
    const cut = changeUnit(dial({ unit: 'norm', value: 1 }), 'max', SCALE);
    expect([cut.dial.value, cut.note]).toEqual([
      3,
      'Converted, and limited to the end of the dial.',
    ]);
    const blind = changeUnit(dial(), 'norm', { maxAct: 10, medianNorm: null });
    expect(blind.dial.value).toBe(0);
    expect(blind.note).toMatch(/neutral/);
  });

  it('keeps its number in a mode that counts alike, and says so when it cannot', () => {
    expect(changeMode(dial(), 'set', SCALE).dial).toMatchObject({ mode: 'set', value: 2 });
    const scaled = changeMode(dial(), 'scale', SCALE);
    expect(isNeutral(scaled.dial)).toBe(true);
    expect(scaled.note).toMatch(/reset to ×1/);
    expect(changeMode(scaled.dial, 'add', SCALE).dial).toMatchObject({ unit: 'max', value: 0 });
    expect(changeMode(scaled.dial, 'set', SCALE).dial.isMuted).toBe(true);
    expect(changeMode(dial(), 'ablate', SCALE).note).toMatch(/no number/);
  });

  it('goes to its neutral number, or mute where it has none', () => {
    expect(neutralDial(dial()).value).toBe(0);
    expect(neutralDial(dial({ mode: 'scale' })).value).toBe(1);
    expect(neutralDial(dial({ mode: 'set' }))).toMatchObject({ value: 2, isMuted: true });
  });

  it('tells the zone of its size beside the stream', () => {
    expect(dialStrength(dial(), SCALE)).toBe(0.5);
    expect(dialStrength(dial({ mode: 'ablate' }), SCALE)).toBe(0.25);
    expect(dialStrength(dial({ mode: 'cap', value: 0.4 }), SCALE)).toBe(0.15);
    expect(dialStrength(dial(), { maxAct: 10, medianNorm: null })).toBeNull();
    expect([0.24, 0.25, 0.5, 0.51].map(zoneOf)).toEqual(['plain', 'caution', 'caution', 'beyond']);
    expect(zoneEdges(dial(), SCALE)).toEqual({ centre: 0, caution: 1, beyond: 2 });
  });
});
