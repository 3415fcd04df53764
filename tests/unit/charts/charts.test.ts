// @vitest-environment jsdom
// Charts as pure functions: what they draw and what they say.
import { describe, expect, it } from 'vitest';
import {
  activationHistogram,
  filledBins,
  histogramSentence,
} from '../../../src/charts/activationHistogram';
import {
  LINE_MARGIN,
  lineChart,
  lineSentence,
  movingAverage,
  stepScale,
} from '../../../src/charts/lineChart';
import { shortNumber } from '../../../src/charts/svg';
import { doseChart, doseSentence, nearestDose } from '../../../src/charts/doseChart';
import { strengthSentence, strengthStrip, stripPlace } from '../../../src/charts/strengthStrip';

const SIZE = { width: 320, height: 160 };

/** All numbers of a path, as [x, y] pairs. */
function vertices(path: Element | null): [number, number][] {
  const numbers = (path?.getAttribute('d') ?? '').match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  return numbers.flatMap((x, i) => (i % 2 === 0 ? [[x, numbers[i + 1]!] as [number, number]] : []));
}

describe('lineChart', () => {
  const points = [0, 1, 2, 3].map((step) => ({ step, value: 4 - step }));
  const data = { name: 'Loss', points, stepDomain: [0, 3] as const };

  it('draws the raw line from edge to edge of the shared axis, falling as the values do', () => {
    const svg = lineChart(data, SIZE, document);
    const line = vertices(svg.querySelector('.chart-line-raw'));
    expect(line).toHaveLength(4);
    expect(line[0]?.[0]).toBe(LINE_MARGIN.left);
    expect(line[3]?.[0]).toBe(SIZE.width - LINE_MARGIN.right);
    expect(line[3]![1]).toBeGreaterThan(line[0]![1]);
  });

  it('is an image with a sentence', () => {
    const svg = lineChart(data, SIZE, document);
    expect(svg.getAttribute('role')).toBe('img');
    expect(svg.getAttribute('aria-label')).toBe(
      // The bold line's end: (4·0.98³ + 3·0.98² + 2·0.98 + 1) / (0.98³ + 0.98² + 0.98 + 1)
      'Loss over steps 0 to 3: from 4 to 2.47, lowest 1, highest 4.',
    );
    expect(lineSentence({ ...data, isExact: true })).toContain('from 4 to 1,');
    expect(lineSentence({ ...data, points: [] })).toBe('Loss: no values yet.');
  });

  it('keeps a spike of one step among 100,000', () => {
    const many = Array.from({ length: 100_000 }, (_, step) => ({
      step,
      value: step === 54_321 ? 10 : 1,
    }));
    const svg = lineChart({ name: 'Loss', points: many, stepDomain: [0, 99_999] }, SIZE, document);
    const line = vertices(svg.querySelector('.chart-line-raw'));
    expect(line.length).toBeLessThanOrEqual(2 * SIZE.width);
    expect(Math.min(...line.map(([, y]) => y))).toBe(LINE_MARGIN.top);
  });

  it('draws nothing for a NaN and survives one value, equal values and no step', () => {
    for (const values of [[NaN], [5], [5, 5], []]) {
      const line = values.map((value, step) => ({ step, value }));
      const svg = lineChart({ name: 'x', points: line, stepDomain: [0, 0] }, SIZE, document);
      expect(svg.innerHTML).not.toContain('NaN');
    }
  });

  it('finds a step under the pointer with the scale it draws with', () => {
    const scale = stepScale([0, 3], SIZE.width);
    expect(scale.invert(scale(2))).toBeCloseTo(2);
  });
});

describe('shortNumber', () => {
  it('writes no exponent where a plain number fits', () => {
    const written = [0, 0.0123, 9.994, 123.4, 999.6, 1000, -2500, 12_345, 1e6];
    expect(written.map(shortNumber)).toEqual([
      '0',
      '0.0123',
      '9.99',
      '123',
      '999.6',
      '1000',
      '−2500',
      '12.3k',
      '1M',
    ]);
  });
});

describe('movingAverage', () => {
  it('starts at the first value and stays at a constant', () => {
    const constant = [1, 2, 3].map((step) => ({ step, value: 7 }));
    for (const { value } of movingAverage(constant)) expect(value).toBeCloseTo(7);
  });

  it('agrees with a hand-made case: weight 0.5 on 0, 4', () => {
    const two = [
      { step: 0, value: 0 },
      { step: 1, value: 4 },
    ];
    // (0.25·0 + 0.5·4) / 0.75
    expect(movingAverage(two, 0.5)[1]?.value).toBeCloseTo(8 / 3);
  });
});

describe('activationHistogram', () => {
  const data = { binWidth: 0.5, counts: [100, 10, 0, 1, 0, 0, 0, 0], maxAct: 1.9 };

  it('draws a bar for each bin with a token, a count of 1 included, empty tail left out', () => {
    const svg = activationHistogram(data, SIZE, document);
    const heights = [...svg.querySelectorAll('.chart-bar')].map((bar) =>
      Number(bar.getAttribute('height')),
    );
    expect(heights).toHaveLength(3);
    expect(heights[2]).toBeGreaterThan(0);
    // log axis: 100 to 10 is as far as 10 to 1
    expect(heights[0]! - heights[1]!).toBeCloseTo(heights[1]! - heights[2]!);
    expect(filledBins(data)).toHaveLength(4);
  });

  it('says how often it fired, or that it never did', () => {
    expect(histogramSentence(data)).toContain('111 firing tokens');
    expect(histogramSentence({ ...data, counts: [0, 0] })).toContain('never fired');
    const empty = activationHistogram({ binWidth: 1, counts: [], maxAct: 0 }, SIZE, document);
    expect(empty.innerHTML).not.toContain('NaN');
  });
});

describe('strengthStrip', () => {
  const data = {
    unit: 'times max activation',
    strengths: [1, 1, -1],
    plan: [],
    length: 4,
    low: -3,
    high: 3,
    neutral: 0,
  };
  const size = { width: 200, height: 60 };

  it('steps where the strength changes', () => {
    const svg = strengthStrip(data, size, document);
    const edge = vertices(svg.querySelector('.chart-strength-edge'));
    const jumps = edge.filter(
      ([x, y], i) => i > 0 && edge[i - 1]![0] === x && edge[i - 1]![1] !== y,
    );
    expect(jumps).toHaveLength(1);
    expect(new Set(edge.map(([, y]) => y)).size).toBe(2);
    expect(strengthSentence(data)).toBe('Strength over 3 tokens: −1 to 1 times max activation.');
    expect(strengthSentence({ ...data, strengths: [] })).toContain('no token yet');
    expect(strengthSentence({ ...data, strengths: [null, null] })).toContain('off');
  });

  it('draws the planned curve to the end and finds the place under a finger', () => {
    const planned = { ...data, plan: [{ token: 2, value: 1.5 }] };
    const svg = strengthStrip(planned, size, document);
    expect(vertices(svg.querySelector('.chart-strength-plan')).at(-1)?.[0]).toBe(196);
    const point = svg.querySelector('.chart-strength-point');
    const at = { x: Number(point?.getAttribute('cx')), y: Number(point?.getAttribute('cy')) };
    const place = stripPlace(planned, size, at);
    expect(place.token).toBe(2);
    expect(place.value).toBeCloseTo(1.5, 6);
    expect(stripPlace(planned, size, { x: -50, y: 900 })).toEqual({ token: 0, value: -3 });
  });
});

describe('doseChart', () => {
  const points = [-1, 0, 1].map((dose) => ({ dose, value: dose * dose }));
  const data = { name: 'Mean KL', unit: 'times max', points, within: [0], current: 1 };

  it('marks each point, the chosen one apart, and says the ends', () => {
    const svg = doseChart(data, SIZE, document);
    expect(svg.querySelectorAll('.chart-dose-point')).toHaveLength(3);
    expect(svg.querySelectorAll('.chart-dose-point.chart-current')).toHaveLength(1);
    expect(doseSentence(data)).toBe(
      'Mean KL at 3 strengths from −1 to 1 times max: highest 1 at −1, lowest 0 at 0.',
    );
    expect(doseChart({ ...data, points: [] }, SIZE, document).innerHTML).not.toContain('NaN');
  });

  it('draws the range of each point and a level to compare with, within the plot', () => {
    const ranged = points.map((point) => ({ ...point, range: [point.value - 2, 9] as const }));
    const reference = { name: 'Its own', value: 12 };
    const sampled = { ...data, points: ranged, reference };
    const svg = doseChart(sampled, SIZE, document);
    const ys = (line: Element) => ['y1', 'y2'].map((key) => Number(line.getAttribute(key)));
    const ranges = [...svg.querySelectorAll('.chart-dose-range')].map(ys);
    expect(ranges).toHaveLength(3);
    const level = ys(svg.querySelector('.chart-dose-reference')!);
    expect(level[0]).toBe(level[1]);
    const middle = Number(svg.querySelectorAll('.chart-dose-point')[1]?.getAttribute('cy'));
    expect(ranges[1]![0]).toBeGreaterThan(middle);
    expect(ranges[1]![1]).toBeLessThan(middle);
    expect(ranges[1]![1]).toBeGreaterThan(level[0]!);
    for (const y of [...ranges.flat(), ...level]) {
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(SIZE.height);
    }
    expect(svg.querySelector('.chart-dose-point title')?.textContent).toBe('−1: 1 (−1 to 9)');
    expect(doseSentence(sampled)).toContain('lowest 0 at 0. Its own: 12.');
    expect(
      doseChart(data, SIZE, document).querySelector('.chart-dose-range, .chart-dose-reference'),
    ).toBeNull();
  });

  it('takes the nearest point to a press', () => {
    const marks = [...doseChart(data, SIZE, document).querySelectorAll('.chart-dose-point')];
    const at = Number(marks[2]?.getAttribute('cx'));
    expect(nearestDose(data, SIZE, at - 3)).toBe(1);
    expect(nearestDose({ ...data, points: [] }, SIZE, 10)).toBeNull();
  });
});
