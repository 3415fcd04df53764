// A brush in the document: dragging tells the stretch, and an update moves bars and selection without a drag.
import { expect, it, vi } from 'vitest';
import { createBrushHistogram } from '../../../src/charts/brushHistogram';

const SIZE = { width: 200, height: 80 };
const DATA = {
  sentence: 'Ten features.',
  // ten pixels a unit
  from: 0,
  to: 20,
  all: [4, 6],
  passing: [4, 1],
  selection: null,
};

function mount() {
  const onBrush = vi.fn<(selection: readonly [number, number] | null) => void>();
  const chart = createBrushHistogram(document, onBrush);
  document.body.replaceChildren(chart.element);
  chart.update(DATA, SIZE);
  return { chart, onBrush };
}

function mouse(type: string, target: EventTarget, clientX: number) {
  const event = new MouseEvent(type, { clientX, clientY: 20, bubbles: true, cancelable: true });
  // jsdom takes no view that Vitest has wrapped; the drag listens on it.
  Object.defineProperty(event, 'view', { value: window });
  target.dispatchEvent(event);
}

it('tells the dragged stretch in places of the axis, on every move', () => {
  const { chart, onBrush } = mount();
  const overlay = chart.element.querySelector('.overlay')!;
  mouse('mousedown', overlay, 50);
  mouse('mousemove', window, 100);
  mouse('mousemove', window, 150);
  mouse('mouseup', window, 150);
  const told = onBrush.mock.calls.map(([selection]) => selection);
  expect(told).toContainEqual([5, 10]);
  expect(told.at(-1)).toEqual([5, 15]);
});

it('shows a selection and new counts without telling a drag', () => {
  const { chart, onBrush } = mount();
  const bars = () => [...chart.element.querySelectorAll('.chart-bar')];
  const before = bars();
  const height = Number(before[1]?.getAttribute('height'));
  chart.update({ ...DATA, passing: [4, 6], selection: [5, 10], sentence: 'More.' }, SIZE);
  expect(bars()).toEqual(before);
  expect(Number(bars()[1]?.getAttribute('height'))).toBeGreaterThan(height);
  const selection = chart.element.querySelector('.selection');
  expect([selection?.getAttribute('x'), selection?.getAttribute('width')]).toEqual(['50', '50']);
  expect(chart.element.getAttribute('aria-label')).toBe('More.');
  expect(onBrush).not.toHaveBeenCalled();
});
