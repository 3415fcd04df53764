// The URL hash: what a link says is what the page reads, and a hostile one harms nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTEXTS,
  EXAMPLE_KINDS,
  GROUPINGS,
  HIDEABLE,
  SCALES,
  EMPTY_SHARE,
  MAX_SHARED_PROMPT,
  MAX_SHARED_TEXT,
  THEMES,
  VIEWS,
  formatShareState,
  parseShareState,
  type ShareState,
} from '../../../../src/core/share/shareState';
import { DURATIONS, STEER_TOOLS } from '../../../../src/core/share/formShare';
import { writeShare } from '../../../../src/core/share/writeShare';
import {
  EXTRA_COLUMNS,
  LIST_VIEWS,
  SORT_COLUMNS,
  type Sort,
} from '../../../../src/core/share/tableShare';
import type { SharedSlot } from '../../../../src/core/share/sharedSteer';

const SLOT: SharedSlot = {
  target: { kind: 'latent', latentIndex: 1432, saeRef: null },
  hook: null,
  mode: 'add',
  value: 2,
  unit: 'max',
  isMuted: false,
};

const sort: fc.Arbitrary<Sort> = fc.record({
  column: fc.constantFrom(...SORT_COLUMNS),
  descending: fc.boolean(),
});

const share: fc.Arbitrary<ShareState> = fc.record({
  duration: fc.option(fc.constantFrom(...DURATIONS)),
  tokens: fc.option(fc.integer({ min: 1, max: 50_000_000 })),
  batchSize: fc.option(fc.integer({ min: 1, max: 65_536 })),
  expansionFactor: fc.constantFrom(null, 0.5, 4, 32),
  k: fc.option(fc.nat(512)),
  init: fc.option(fc.nat(0xffffffff)),
  seeds: fc.option(fc.integer({ min: 1, max: 64 })),
  everyLayer: fc.boolean(),
  allNumbers: fc.boolean(),
  byLoss: fc.boolean(),
  tool: fc.option(fc.constantFrom(...STEER_TOOLS)),
  view: fc.option(fc.constantFrom(...VIEWS)),
  model: fc.option(fc.string({ minLength: 1, maxLength: 40 })),
  sae: fc.option(fc.string({ minLength: 1, maxLength: 40 })),
  hook: fc.constantFrom(null, 'blocks.2.hook_resid_post' as const),
  architecture: fc.option(fc.constantFrom('batchtopk' as const, 'jumprelu' as const)),
  feature: fc.option(fc.nat(65_535)),
  q: fc.option(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' })),
  sort: fc.option(sort),
  thenBy: fc.option(sort),
  listAs: fc.option(fc.constantFrom(...LIST_VIEWS)),
  columns: fc.option(fc.subarray([...EXTRA_COLUMNS], { minLength: 1 })),
  dead: fc.constantFrom(null, 'live' as const, 'dead' as const, 'on' as const),
  starred: fc.boolean(),
  density: fc.constantFrom(null, { from: 1e-5, to: 0.01 }, { from: null, to: 1 }),
  maxact: fc.constantFrom(null, { from: 0, to: 12.5 }),
  kurt: fc.constantFrom(null, { from: -1.25, to: null }),
  birth: fc.constantFrom(null, { from: 0, to: 512 }),
  xy: fc.constantFrom(
    null,
    { kind: 'pca' as const, corners: [0, 0, 10, 0, 10, 1000] },
    { kind: 'umap' as const, corners: [1, 2, 3, 4, 5, 6, 7, 8] },
  ),
  cluster: fc.option(fc.integer({ min: 1, max: 10 })),
  features: fc.option(
    fc
      .uniqueArray(fc.nat(65_535), { minLength: 1, maxLength: 50 })
      .map((list) => list.sort((a, b) => a - b)),
  ),
  inText: fc.boolean(),
  at: fc.option(fc.nat(2000)),
  examples: fc.option(fc.constantFrom(...EXAMPLE_KINDS)),
  context: fc.constantFrom(null, ...CONTEXTS),
  grouping: fc.constantFrom(null, ...GROUPINGS),
  scale: fc.constantFrom(null, ...SCALES),
  realBreaks: fc.constantFrom(null, true, false),
  prompt: fc.option(fc.string({ maxLength: 200, unit: 'binary' })),
  text: fc.option(fc.string({ maxLength: 200, unit: 'binary' })),
  steer: fc.constantFrom(null, [SLOT], [SLOT, { ...SLOT, mode: 'ablate', value: 0, unit: 'raw' }]),
  mask: fc.constantFrom(
    null,
    { kind: 'classes', classes: ['bos', 'gen'] },
    { kind: 'positions', positions: [3, 17] },
  ),
  clip: fc.option(fc.boolean()),
  auto: fc.constantFrom(null, [{ slot: 0, token: 12, value: -1.5 }]),
  lanes: fc.constantFrom(null, 'both', 'steered'),
  chat: fc.option(fc.boolean()),
  temperature: fc.constantFrom(null, 0, 0.6, 1.25),
  topK: fc.option(fc.nat(4096)),
  length: fc.option(fc.integer({ min: 1, max: 2048 })),
  seed: fc.option(fc.integer({ min: 0, max: 0xffffffff })),
  target: fc.constantFrom(null, ' Lily', 'a&b=c'),
  against: fc.constantFrom(null, 'Tim'),
  prune: fc.constantFrom(null, { nodeShare: 0.5, edgeShare: 1 }),
  node: fc.constantFrom(null, '0_12_3', 'E_44_0', '2_-1_7', 'V1_9_4'),
  pinned: fc.constantFrom(null, ['0_12_3'], ['0_12_3', '5_1_1']),
  hidden: fc.constantFrom(null, ['3_511_20']),
  groups: fc.constantFrom(null, [{ name: 'names, of girls', nodes: ['0_1_2', '1_4_2'] }]),
  theme: fc.option(fc.constantFrom(...THEMES)),
  source: fc.constantFrom(null, 'https://example.org/saes/?a=1&b=#2'),
  isEmbedded: fc.boolean(),
  hide: fc.option(fc.subarray([...HIDEABLE], { minLength: 1 })),
  runsAtOnce: fc.boolean(),
  payload: fc.constantFrom(null, 'q1ZKyk9VsqpWKkktLlGqBQA-_'),
  unknown: fc.constant([]),
});

describe('share state', () => {
  it('reads back every state it writes', () => {
    fc.assert(
      fc.property(share, (made) => {
        // A second key stands only after another first one.
        const isAlone = made.sort === null || made.sort.column === made.thenBy?.column;
        const state = { ...made, thenBy: isAlone ? null : made.thenBy };
        expect(parseShareState(formatShareState(state))).toEqual(state);
      }),
    );
  });

  it('writes the syntax of the interface reference', () => {
    const state: ShareState = {
      ...EMPTY_SHARE,
      view: 'steer',
      model: 'demo~3f9a1c07b2de',
      sae: 'demo-l2~b81e440a9c15',
      steer: [SLOT],
      prompt: 'Once upon a',
      seed: 7,
    };
    expect(formatShareState(state)).toBe(
      '#v=1&view=steer&model=demo~3f9a1c07b2de&sae=demo-l2~b81e440a9c15&steer=1432:add:2max&prompt=Once+upon+a&seed=7',
    );
  });

  it('opens a latent from either spelling of the view', () => {
    const opened = { view: 'explore', sae: 'demo', feature: 12 };
    expect(parseShareState('#v=1&view=explore&sae=demo&feature=12')).toMatchObject(opened);
    expect(parseShareState('#v=1&view=feature&sae=demo&feature=12')).toMatchObject(opened);
  });

  it('keeps keys and values it does not understand, as they stood', () => {
    const hash = '#v=1&view=steer&steer=3:push:1max&circuit=1%2C2&lanes=7';
    const state = parseShareState(hash);
    expect(state.steer).toBeNull();
    expect(state.unknown).toEqual([
      ['steer', '3:push:1max'],
      ['circuit', '1%2C2'],
      ['lanes', '7'],
    ]);
    expect(formatShareState(state)).toBe(hash);
  });

  it.each(['feature=-1', 'feature=1e3', 'temp=Infinity', 'seed=4294967296', 'view=nowhere'])(
    'does not accept %s',
    (pair) => {
      expect(parseShareState(`#${pair}`)).toEqual({
        ...EMPTY_SHARE,
        unknown: [pair.split('=')],
      });
    },
  );

  it('writes brushes, second sort key, area and chosen features in the syntax of the reference', () => {
    const hash =
      '#v=1&view=explore&sort=-density,maxact&dead=on&starred=1&density=0.00001..0.01&maxact=..3&kurt=1.5..' +
      '&xy=pca:0,0,10,0,10,10&cluster=3&features=3,17&intext=1&text=a+dog';
    expect(formatShareState(parseShareState(hash))).toBe(hash);
    expect(parseShareState('#density=1e-5..1e-2').density).toEqual({ from: 1e-5, to: 0.01 });
  });

  it.each([
    ['density=5..-3', { density: { from: 0, to: 1 } }],
    ['density=0.5..1e300', { density: { from: 0.5, to: 1 } }],
    ['maxact=-1e99..2', { maxact: { from: 0, to: 2 } }],
    ['kurt=-7..', { kurt: { from: -2, to: null } }],
    ['xy=pca:0,0,99999,0,5,5', { xy: { kind: 'pca', corners: [0, 0, 1000, 0, 5, 5] } }],
    ['features=9,3,3', { features: [3, 9] }],
    ['sort=density,density', { sort: { column: 'density', descending: false }, thenBy: null }],
  ])('clamps and orders %s', (pair, read) => {
    expect(parseShareState(`#${pair}`)).toEqual({ ...EMPTY_SHARE, ...read });
  });

  it.each([
    'density=..',
    'density=1e999..',
    'density=NaN..1',
    'maxact=1..2..3',
    'kurt=1',
    'xy=pca:1,2,3,4',
    'xy=tsne:0,0,1,1,2,2',
    `xy=pca:${'1,1,'.repeat(41)}1,1`,
    'features=-1',
    'features=9999999',
    'sort=density,nothing',
    'sort=density,maxact,kurt',
    'cluster=0',
    'cluster=11',
    'starred=yes',
    'time=hour',
    'tokens=0',
    'size=-1',
    'by=ev',
    'dead=2',
  ])('keeps %s as unknown', (pair) => {
    expect(parseShareState(`#${pair}`)).toEqual({ ...EMPTY_SHARE, unknown: [pair.split('=')] });
  });

  it('caps a test text without halving a character', () => {
    const whole = parseShareState(`#text=${encodeURIComponent('🙂'.repeat(300))}`).text;
    expect(whole).toBe('🙂'.repeat(MAX_SHARED_TEXT / 2));
    expect(parseShareState(`#text=x${encodeURIComponent('🙂'.repeat(300))}`).text).toHaveLength(
      MAX_SHARED_TEXT - 1,
    );
  });

  it('clamps a strength, caps a prompt and survives broken escapes and prototype keys', () => {
    const long = 'x'.repeat(MAX_SHARED_PROMPT + 5);
    const state = parseShareState(`#steer=5:add:99max&prompt=${long}&q=%E0%A4%A&__proto__=1`);
    expect(state.steer?.[0]).toMatchObject({ target: { latentIndex: 5 }, value: 3 });
    expect(state.prompt).toHaveLength(MAX_SHARED_PROMPT);
    expect(state.unknown.map(([key]) => key)).toEqual(['q', '__proto__']);
    expect(Object.getPrototypeOf(state)).toBe(Object.prototype);
  });
});

describe('a link that would be too long (7.30)', () => {
  const chinese = '猫坐在垫子上看着月亮慢慢升起来'.repeat(70).slice(0, 1000);
  const long = {
    ...EMPTY_SHARE,
    view: 'steer' as const,
    prompt: chinese,
    seed: 7,
    temperature: 0.5,
  };

  it('keeps to what is read again, and says what it leaves out', () => {
    expect(formatShareState(long).length).toBeGreaterThan(9000);
    const { hash, leftOut } = writeShare(long);
    expect(hash.length).toBeLessThanOrEqual(8001);
    const again = parseShareState(hash);
    expect(again).toMatchObject({ seed: 7, temperature: 0.5, unknown: [] });
    expect(chinese.startsWith(again.prompt ?? 'nothing')).toBe(true);
    const lost = chinese.length - (again.prompt?.length ?? 0);
    expect(leftOut).toEqual([`the last ${lost} characters of the prompt`]);
    // Nothing that had room: one more character would not fit.
    expect(hash.length).toBeGreaterThan(8001 - 10);
  });

  it('gives up keys of other versions first, and leaves a link that fits alone', () => {
    const unknown: [string, string][] = [['later', 'x'.repeat(7990)]];
    const written = writeShare({ ...EMPTY_SHARE, prompt: 'short', unknown });
    expect(written.leftOut).toEqual(['keys that this version does not know']);
    expect(parseShareState(written.hash).prompt).toBe('short');
    expect(writeShare({ ...EMPTY_SHARE, prompt: 'short' })).toEqual({
      hash: '#v=1&prompt=short',
      leftOut: [],
    });
  });
});
