// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { densityChart, densitySentence } from '../../../src/charts/densityChart';
import { nearestPoint, paretoChart, paretoSentence } from '../../../src/charts/paretoChart';

const SIZE = { width: 400, height: 240 };
const point = (id: string, l0: number, score: number, group = 'topk') => ({
  id,
  name: id,
  group,
  l0,
  score,
});
const DATA = {
  scoreName: 'Explained variance',
  points: [
    point('a', 10, 0.7),
    point('b', 100, 0.9),
    point('beaten', 100, 0.6, 'gated'),
    point('silent', 0, 0.1),
  ],
};

describe('paretoChart', () => {
  const svg = paretoChart(DATA, SIZE, document);
  const place = (id: string) => {
    const mark = [...svg.querySelectorAll('.chart-mark')].find((candidate) =>
      candidate.textContent.startsWith(`${id}:`),
    );
    const [x, y] = /translate\((.+),(.+)\)/.exec(mark?.getAttribute('transform') ?? '')!.slice(1);
    return { x: Number(x), y: Number(y), className: mark!.getAttribute('class')! };
  };

  it('puts L0 on a log axis, the score upwards, and leaves out what has no place there', () => {
    expect(svg.querySelectorAll('.chart-mark')).toHaveLength(3);
    const [a, b] = [place('a'), place('b')];
    expect(b.x).toBeGreaterThan(a.x);
    expect(b.y).toBeLessThan(a.y);
    // 10 to 100 is one decade of the axis' 2·log10 2.5 + 1.
    const plot = SIZE.width - 52 - 16;
    expect(b.x - a.x).toBeCloseTo(plot / (1 + 2 * Math.log10(2.5)), 3);
    expect(svg.innerHTML).not.toContain('NaN');
  });

  it('draws the front as steps through the points that nothing beats', () => {
    const front = svg.querySelector('.chart-front')!.getAttribute('d')!;
    const [a, b] = [place('a'), place('b')];
    expect(front.replace(/[MHVL]/g, ',')).toContain(String(Math.round(a.x * 1000) / 1000));
    expect(a.className).toContain('chart-on-front');
    expect(b.className).toContain('chart-on-front');
    expect(place('beaten').className).not.toContain('chart-on-front');
    expect(paretoSentence(DATA)).toBe(
      'Explained variance by L0, 3 SAEs. On the front (no other is both sparser and better): a (L0 10, 0.7), b (L0 100, 0.9).',
    );
  });

  it('gives each group a colour and a mark of its own', () => {
    const marks = [place('a').className, place('beaten').className];
    expect(marks[0]!.split(' ')[1]).not.toBe(marks[1]!.split(' ')[1]);
  });

  it('finds the point under a press, and none where none is', () => {
    const { x, y } = place('b');
    expect(nearestPoint(DATA, SIZE, { x: x + 5, y: y - 5 })?.id).toBe('b');
    expect(nearestPoint(DATA, SIZE, { x: x - 60, y })).toBeNull();
  });

  it('draws one point and none without NaN', () => {
    for (const points of [[point('a', 10, 0.7)], []]) {
      const drawn = paretoChart({ ...DATA, points }, SIZE, document);
      expect(drawn.innerHTML).not.toContain('NaN');
      expect(drawn.querySelectorAll('.chart-axis-x .tick').length).toBeGreaterThanOrEqual(2);
    }
    expect(paretoSentence({ ...DATA, points: [] })).toContain('no SAE measured yet');
  });
});

it('densityChart draws bins that hold features and tells the silent ones', () => {
  const data = { from: -6, binWidth: 3, counts: [0, 5], neverFired: 2 };
  expect(densityChart(data, SIZE, document).querySelectorAll('.chart-bar')).toHaveLength(1);
  expect(densitySentence(data)).toBe(
    'Firing rates, log10 from -6 to 0: 5 features fired, 2 never did.',
  );
});
