import fc from 'fast-check';
import { expect, it } from 'vitest';
import { paretoFront, type FrontPoint } from '../../../../../src/core/evaluate/metrics/paretoFront';

it('keeps what no other point beats, by ascending x', () => {
  const points = [
    { x: 30, y: 0.8 },
    { x: 10, y: 0.7 },
    { x: 20, y: 0.6 }, // beaten by the second
    { x: 30, y: 0.8 }, // equal to the first: both stay
    { x: 5, y: NaN },
    { x: 10, y: 0.5 }, // as sparse as the second, and worse
  ];
  expect(paretoFront(points)).toEqual([1, 0, 3]);
  expect(paretoFront([])).toEqual([]);
});

it('every point is on the front or beaten by one on it', () => {
  const point = fc.record({ x: fc.integer({ min: 1, max: 9 }), y: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(point), (points: FrontPoint[]) => {
      const front = new Set(paretoFront(points));
      return points.every(
        (p, i) =>
          front.has(i) || [...front].some((at) => points[at]!.x <= p.x && points[at]!.y >= p.y),
      );
    }),
  );
});
