// The plain parts of the Steer screen: curves as text, figures of a lane, dials in words.
import { describe, expect, it } from 'vitest';
import type { GeneratedToken } from '../../../src/engine/generate/api';
import { drawCurve, parseCurve, writeCurve } from '../../../src/ui/steer/tools/curveText';
import { laneFigures } from '../../../src/ui/steer/lanes/laneFigures';
import { besideNorm, spokenDial, writtenValue } from '../../../src/ui/steer/slots/strengthText';

describe('a curve as text', () => {
  it('comes back in order, the later of two for one token', () => {
    expect(parseCurve('20: -.5, 0:1,20:off')).toEqual([
      { token: 0, value: 1 },
      { token: 20, value: null },
    ]);
    expect(writeCurve(parseCurve('3:1.25, 0:off') ?? [])).toBe('0:off, 3:1.25');
    expect(parseCurve('  ')).toEqual([]);
  });

  it.each(['3', '3:', 'a:1', '3:1e9', '-1:2', '3:1,,'])('is not %s', (text) => {
    expect(parseCurve(text)).toBeNull();
  });

  it('is drawn as a straight line between two places, in either direction', () => {
    const line = [
      { token: 2, value: 0 },
      { token: 3, value: 0.5 },
      { token: 4, value: 1 },
    ];
    expect(drawCurve([], { token: 2, value: 0 }, { token: 4, value: 1 })).toEqual(line);
    expect(drawCurve([], { token: 4, value: 1 }, { token: 2, value: 0 })).toEqual(line);
    const kept = [
      { token: 0, value: 2 },
      { token: 3, value: -3 },
      { token: 9, value: 1 },
    ];
    const over = drawCurve(kept, { token: 3, value: 1 }, { token: 3, value: 1 });
    // 9 would repeat what 3 says.
    expect(over).toEqual([
      { token: 0, value: 2 },
      { token: 3, value: 1 },
    ]);
  });
});

describe('figures of a lane', () => {
  const token = (kl: number | null, isForced = false): GeneratedToken => ({
    tokenId: 1,
    text: 'a',
    isSpecial: false,
    logProb: -1,
    isForced,
    values: [1],
    choice: null,
    steered: {
      kl,
      surprise: 2,
      edits: [
        {
          hook: 'blocks.1.hook_resid_post',
          relativeNorm: 0.1,
          meanRelativeNorm: 0.1,
          norm: 1,
          editedRows: 2,
          clippedRows: 1,
        },
        {
          hook: 'blocks.2.hook_resid_post',
          relativeNorm: 0.3,
          meanRelativeNorm: 0.3,
          norm: 1,
          editedRows: 2,
          clippedRows: 0,
        },
      ],
      slots: [{ before: 0, achieved: kl }],
    },
  });

  it('are means over what the model chose, the strongest hook counting', () => {
    const figures = laneFigures([token(1), token(2), token(100, true), token(null)], 1);
    expect(figures.meanKl).toBe(1.5);
    expect(figures.relativeNorm).toBeCloseTo(0.3, 12);
    expect([figures.clippedRows, figures.editedRows]).toEqual([3, 12]);
    expect(figures.achieved).toEqual([1.5]);
    expect(laneFigures([], 2)).toMatchObject({ meanKl: null, achieved: [null, null] });
  });
});

describe('a dial in words', () => {
  const scale = { maxAct: 10, medianNorm: 40 };
  const dial = { mode: 'add', unit: 'max', value: -1.5, isMuted: false } as const;

  it('is spoken with its unit and its share of the norm', () => {
    expect(spokenDial(dial, scale)).toBe(
      'minus 1.5 times max activation, 38 percent of residual norm',
    );
    expect(spokenDial({ ...dial, value: 0, isMuted: true }, { maxAct: 10, medianNorm: null })).toBe(
      'muted, neutral',
    );
    expect(spokenDial({ ...dial, mode: 'set', value: 0 }, { maxAct: 1, medianNorm: null })).toBe(
      'set to 0 times max activation',
    );
    expect(spokenDial({ ...dial, mode: 'scale', value: 2 }, scale)).toMatch(/^times 2, 25 percent/);
  });

  it('is written short, off where it is off', () => {
    expect(writtenValue('add', 'max', -1.5)).toBe('−1.5 × max');
    expect(writtenValue('cap', 'norm', 0.25)).toBe('cap at +0.25 × norm');
    expect(writtenValue('scale', 'raw', 2)).toBe('×2');
    expect(writtenValue('add', 'max', null)).toBe('off');
    expect(besideNorm({ ...dial, value: 3 }, scale)).toEqual({
      text: '75 % of the typical norm',
      zone: 'beyond',
    });
  });
});
