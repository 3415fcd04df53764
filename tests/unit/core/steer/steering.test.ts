// Steering as data and its numbers: slots, masks, joint solution, what a row of logits says.
import { describe, expect, it } from 'vitest';
import { steerRowsReference } from '../../../../src/core/reference/steerRows';
import { unitVector } from '../../../../src/core/numeric/vectors';
import { inverseGram, type EditSlot } from '../../../../src/core/steer/steerEdit';
import { isSteered, maskClassOf } from '../../../../src/core/steer/steerMask';
import {
  addLatent,
  checkSteering,
  DEFAULT_MASK,
  MAX_SLOTS,
  neutralValue,
  startValues,
} from '../../../../src/core/steer/steering';
import {
  klDivergence,
  likeliest,
  logProbOf,
  rankOf,
  readDistribution,
} from '../../../../src/core/generate/tokenChoice';
import { makeSlotValues } from '../../../../src/engine/steer/slotValues';

const one = addLatent({ saeId: 'demo', latentIndex: 3, value: 2 });
const slot = one.slots[0]!;

describe('a steering request', () => {
  it.each([
    [{ slots: [] }, 'Steering takes 1 to 8 slots: 0.'],
    [{ slots: Array.from({ length: MAX_SLOTS + 1 }, () => slot) }, '1 to 8 slots: 9'],
    [{ slots: [slot, slot] }, 'same id'],
    [{ slots: [{ ...slot, value: NaN }] }, 'value must be a number: NaN'],
    [
      { slots: [{ ...slot, target: { kind: 'vector', vectorId: 'v-1' } as const }] },
      'a vector has no max activation',
    ],
    [{ clip: 0 }, 'clip must be above 0'],
    [{ streamLatents: 65 }, 'from 0 to 64: 65'],
    [{ mask: { kind: 'positions', positions: [-1] } as const }, 'from 0: -1'],
    [{ automation: [{ slotId: 'x', token: 0, value: 1 }] }, 'refers to an unknown slot: x'],
    [{ automation: [{ slotId: 'slot-1', token: -1, value: 1 }] }, 'begins at token 0: -1'],
  ])('is refused with value and bound: %j', (change, message) => {
    expect(() => {
      checkSteering({ ...one, ...change });
    }).toThrow(message);
  });

  it('mutes, and leaves the solo slots alone', () => {
    const slots = [
      { ...slot, id: 'a' },
      { ...slot, id: 'b', isSolo: true },
      { ...slot, id: 'c', isMuted: true, isSolo: true },
    ];
    expect(startValues(slots)).toEqual([null, 2, null]);
    expect(startValues([slot, { ...slot, isMuted: true }])).toEqual([2, null]);
    expect(neutralValue('add')).toBe(0);
    expect(neutralValue('scale')).toBe(1);
    expect(neutralValue('ablate')).toBeNull();
  });
});

describe('values', () => {
  it('follow the automation; a value set by hand holds until the next point', () => {
    const automation = [
      { slotId: 'slot-1', token: 5, value: 3 },
      { slotId: 'slot-1', token: 2, value: null },
    ];
    const values = makeSlotValues({ ...one, automation });
    expect([0, 1, 2].map((token) => values.next(token))).toEqual([[2], [2], [null]]);
    values.set('slot-1', -1);
    values.set('another', 9);
    values.set('slot-1', Infinity);
    expect([3, 4, 5].map((token) => values.next(token))).toEqual([[-1], [-1], [3]]);
    expect(values.log()).toEqual([
      { slotId: 'slot-1', token: 2, value: null },
      { slotId: 'slot-1', token: 3, value: -1 },
      { slotId: 'slot-1', token: 5, value: 3 },
    ]);
  });
});

describe('a mask', () => {
  const plain = { isBos: false, isSpecial: false, isForced: false, isPrompt: false };

  it('knows one class for each token', () => {
    expect(maskClassOf({ ...plain, isBos: true, isSpecial: true, isPrompt: true })).toBe('bos');
    expect(maskClassOf({ ...plain, isSpecial: true, isForced: true })).toBe('tool');
    expect(maskClassOf({ ...plain, isSpecial: true, isPrompt: true })).toBe('special');
    expect(maskClassOf({ ...plain, isPrompt: true })).toBe('prompt');
    expect(maskClassOf(plain)).toBe('gen');
  });

  it('leaves <|bos|> alone by default, and takes places', () => {
    expect(isSteered(DEFAULT_MASK, 'bos', 0)).toBe(false);
    expect(isSteered(DEFAULT_MASK, 'gen', 7)).toBe(true);
    expect(isSteered({ kind: 'positions', positions: [0, 3] }, 'bos', 0)).toBe(true);
    expect(isSteered({ kind: 'positions', positions: [0, 3] }, 'gen', 7)).toBe(false);
  });
});

describe('projecting vectors', () => {
  const vector = (values: number[], mode: EditSlot['mode']): EditSlot => {
    const direction = unitVector(Float32Array.from(values));
    return { mode, isNorm: false, scale: 1, direction, latent: null };
  };

  it('are solved together: both projections reach their targets', () => {
    const x = Float64Array.of(3, -1, 2);
    const slots = [vector([1, 0, 0], 'set'), vector([1, 1, 0], 'set')];
    const [row] = steerRowsReference({ x, rows: [0], slots, values: [2, 4], clip: null });
    // One after the other, the second would undo the first by cos 45°. The ridge costs 1e-4 of the way.
    expect(row!.achieved[0]).toBeCloseTo(2, 2);
    expect(row!.achieved[1]).toBeCloseTo(4, 2);
    expect(x[2]).toBe(2);
  });

  it('have an inverse even where two are one', () => {
    const v = Float32Array.of(1, 0);
    const inverse = inverseGram([v, v]);
    // G = [[1.0001, 1], [1, 1.0001]]
    const determinant = 1.0001 ** 2 - 1;
    expect(inverse[0]).toBeCloseTo(1.0001 / determinant, 6);
    expect(inverse[1]).toBeCloseTo(-1 / determinant, 6);
  });
});

describe('a row of logits', () => {
  // p = 1/2, 1/4, 1/4
  const row = readDistribution(Float32Array.of(Math.log(2), 0, 0));

  it('tells log-probability, rank and entropy', () => {
    expect(logProbOf(row, 0)).toBeCloseTo(Math.log(0.5), 6);
    expect([0, 1, 2].map((token) => rankOf(row, token))).toEqual([1, 2, 3]);
    expect(row.entropy).toBeCloseTo(1.5 * Math.log(2), 6);
    expect(likeliest(row, 2).map(({ tokenId }) => tokenId)).toEqual([0, 1]);
  });

  it('is at distance 0 from itself, and at KL from another', () => {
    const uniform = readDistribution(Float32Array.of(1, 1, 1));
    expect(klDivergence(row, row)).toBe(0);
    // Σ p ln(3p)
    const expected = 0.5 * Math.log(1.5) + 0.5 * Math.log(0.75);
    expect(klDivergence(row, uniform)).toBeCloseTo(expected, 6);
  });
});
