// Steering in a link: slots, mask and automation come back as they were written, hostile ones are clamped or
// refused whole.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dialEnds,
  formatAutomation,
  formatMask,
  formatSlots,
  parseAutomation,
  parseMask,
  parseSlots,
  type SharedSlot,
} from '../../../../src/core/share/sharedSteer';
import { MASK_CLASSES, MAX_SLOTS, type SteerMask } from '../../../../src/core/steer/steering';

const hex = fc.stringMatching(/^[0-9a-f]{4,12}$/);

const target: fc.Arbitrary<SharedSlot['target']> = fc.oneof(
  fc.record({
    kind: fc.constant('latent' as const),
    latentIndex: fc.nat(65_535),
    saeRef: fc.option(hex),
  }),
  fc.record({ kind: fc.constant('vector' as const), vectorId: hex.map((id) => `v-${id}`) }),
);

const dial = fc
  .record({
    mode: fc.constantFrom('add' as const, 'set' as const, 'cap' as const, 'scale' as const),
    unit: fc.constantFrom('max' as const, 'norm' as const, 'raw' as const),
    at: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ mode, unit: drawn, at }) => {
    const unit = mode === 'scale' ? ('raw' as const) : drawn;
    const [low, high] = unit === 'raw' && mode !== 'scale' ? [-500, 500] : dialEnds(mode, unit);
    return { mode, unit, value: Number((low + ((high - low) * at) / 1000).toFixed(4)) + 0 };
  });

const slot: fc.Arbitrary<SharedSlot> = fc
  .record({
    target,
    hook: fc.constantFrom(null, 'blocks.2.hook_resid_pre' as const),
    dial: fc.oneof(dial, fc.constant({ mode: 'ablate' as const, unit: 'raw' as const, value: 0 })),
    isMuted: fc.boolean(),
  })
  .map(({ dial: { mode, unit, value }, ...rest }) => ({ ...rest, mode, value, unit }));

describe('slots in a link', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(slot, { minLength: 1, maxLength: MAX_SLOTS }), (slots) => {
        expect(parseSlots(formatSlots(slots))).toEqual(slots);
      }),
    );
  });

  it('have the spelling of the interface reference', () => {
    const text = '1432:add:2max,88@blocks.1.hook_mlp_out:set:0raw,v-9c01:add:.2norm';
    const slots = parseSlots(text);
    expect(slots?.map(({ mode, value, unit }) => [mode, value, unit])).toEqual([
      ['add', 2, 'max'],
      ['set', 0, 'raw'],
      ['add', 0.2, 'norm'],
    ]);
    expect(formatSlots(slots ?? [])).toBe(text);
  });

  it.each([
    ['3:add:99max', 3],
    ['3:add:-99max', -3],
    ['3:add:7norm', 1],
    ['3:add:999999999raw', 1e6],
    ['3:scale:-1', 0],
    ['3:scale:50', 5],
    ['3:add:-0max', 0],
  ])('are clamped to their dial: %s', (text, value) => {
    expect(parseSlots(text)?.[0]?.value).toBe(value);
  });

  it('stop at eight', () => {
    expect(parseSlots(Array(500).fill('3:ablate').join(','))).toHaveLength(MAX_SLOTS);
  });

  it.each([
    '',
    '3',
    '3:add',
    '3:add:2',
    '3:add:1e3max',
    '3:add:NaNmax',
    '3:add:Infinitymax',
    '3:add:--1max',
    '3:add:1max:on',
    '3:scale:2max',
    '3:ablate:1max',
    '3:__proto__:1max',
    '-3:add:1max',
    '99999999:add:1max',
    '3@blocks.1.hook_evil:add:1max',
    '3@blocks.1.hook_mlp_out@x:add:1max',
    'v-<img>:add:1norm',
    '3:add:1max,,',
  ])('are refused whole when unreadable: %s', (text) => {
    expect(parseSlots(text)).toBeNull();
  });

  it('never throw', () => {
    const letters = fc.constantFrom(...Array.from('0123,,::@@..--~v adnoremxwgf%\u0000\ud800é'));
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 60 }), (text) => {
        for (const parse of [parseSlots, parseMask, parseAutomation]) {
          expect(() => parse(text)).not.toThrow();
        }
      }),
    );
  });
});

describe('mask in a link', () => {
  const mask: fc.Arbitrary<SteerMask> = fc.oneof(
    fc.record({
      kind: fc.constant('classes' as const),
      classes: fc.subarray([...MASK_CLASSES]),
    }),
    fc.record({
      kind: fc.constant('positions' as const),
      positions: fc
        .uniqueArray(fc.nat(500), { minLength: 1, maxLength: 20 })
        .map((drawn) => drawn.sort((a, b) => a - b)),
    }),
  );

  it('comes back as it was written, also when it leaves nothing', () => {
    fc.assert(
      fc.property(mask, (written) => {
        expect(parseMask(formatMask(written))).toEqual(written);
      }),
    );
  });

  it.each(['all', 'prompt,evil', 'prompt,3', '-1', '1e3', 'prompt,,gen'])('refuses %s', (text) => {
    expect(parseMask(text)).toBeNull();
  });
});

describe('automation in a link', () => {
  it('comes back in order, the later of two for one place', () => {
    const points = parseAutomation('1@20:off,0@12:1.5,0@12:-.25,0@20:0');
    expect(points).toEqual([
      { slot: 0, token: 12, value: -0.25 },
      { slot: 0, token: 20, value: 0 },
      { slot: 1, token: 20, value: null },
    ]);
    expect(formatAutomation(points ?? [])).toBe('0@12:-.25,0@20:0,1@20:off');
  });

  it.each(['', '8@1:1', '0@1', '0@1:1e9', '0@999999:1', '0@1:1,x'])('refuses %s', (text) => {
    expect(parseAutomation(text)).toBeNull();
  });
});
