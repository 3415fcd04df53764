import { describe, expect, it } from 'vitest';
import { placeLabels, type PlacedLabel } from '../../../src/charts/directLabels';

const AREA = { left: 50, right: 700, top: 0, bottom: 250 };
const boxOf = ({ text, left, baseline }: PlacedLabel) => ({
  left,
  right: left + 6.6 * text.length,
  top: baseline - 11,
  bottom: baseline + 4,
});
type Box = ReturnType<typeof boxOf>;
const overlap = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function expectApart(labels: readonly PlacedLabel[]): void {
  const boxes = labels.map(boxOf);
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
    expect(a.left).toBeGreaterThanOrEqual(AREA.left);
    expect(a.right).toBeLessThanOrEqual(AREA.right);
    expect(a.top).toBeGreaterThanOrEqual(AREA.top);
    expect(a.bottom).toBeLessThanOrEqual(AREA.bottom);
  }
}

describe('placeLabels', () => {
  it('writes a lone name on the right of its point, and on the left at the right edge', () => {
    const [alone] = placeLabels([{ x: 300, y: 100, text: 'mine' }], AREA);
    expect(alone?.left).toBeGreaterThan(300);
    expect(alone?.isFar).toBe(false);
    const [edge] = placeLabels([{ x: 695, y: 100, text: 'mine' }], AREA);
    expect(edge!.left + 4 * 6.6).toBeLessThan(695);
  });

  it('keeps eight names of one point apart, with lines to those further away', () => {
    const same = Array.from({ length: 8 }, (_, i) => ({
      x: 300,
      y: 120,
      text: `l2-topk-run-${i}`,
    }));
    const labels = placeLabels(same, AREA);
    expect(labels).toHaveLength(8);
    expectApart(labels);
    expect(labels.some(({ isFar }) => isFar)).toBe(true);
  });

  it('writes no name over the mark of another', () => {
    const row = Array.from({ length: 6 }, (_, i) => ({
      x: 200 + 40 * i,
      y: 120,
      text: 'a long name',
    }));
    const labels = placeLabels(row, AREA);
    expectApart(labels);
    for (const label of labels) {
      for (const { x, y } of row.filter((point) => point.x !== label.x)) {
        expect(overlap(boxOf(label), { left: x, right: x + 1, top: y, bottom: y + 1 })).toBe(false);
      }
    }
  });

  it('leaves out a name that has no room', () => {
    expect(placeLabels([{ x: 300, y: 100, text: 'x'.repeat(200) }], AREA)).toEqual([]);
  });
});
