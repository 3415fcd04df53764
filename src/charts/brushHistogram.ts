// A histogram with a brush, small enough for the head of a column: all rows in grey, those that pass the other filters in colour, a range to drag.
// Keeps its SVG between updates, because a drag redraws it many times a second. The caller provides and
// interprets the numbers; d3-brush handles the drag.
import {
  brushX,
  max,
  scaleLinear,
  scaleSqrt,
  select,
  type BrushBehavior,
  type D3BrushEvent,
  type ScaleLinear,
} from 'd3';
import { append, makeSvg, type Size } from './svg';

type BrushData = {
  sentence: string;
  /** ends of the axis, in the axis' own units */
  from: number;
  to: number;
  /** rows per bin, all of them and those that pass the other filters */
  all: ArrayLike<number>;
  passing: ArrayLike<number>;
  /** brushed range of the axis; null: nothing brushed */
  selection: readonly [number, number] | null;
};

export type BrushHistogram = {
  element: SVGSVGElement;
  update: (data: BrushData, size: Size) => void;
};

/** onBrush: the dragged range, or null when it is cleared; called on every move. */
export function createBrushHistogram(
  document: Document,
  onBrush: (selection: readonly [number, number] | null) => void,
): BrushHistogram {
  const svg = makeSvg(document, { width: 0, height: 0 }, '');
  svg.classList.add('chart-brushed');
  const bars = append(svg, 'g', {});
  const layer = append(svg, 'g', { class: 'chart-brush' }) as SVGGElement;
  const brush = brushX<unknown>();
  let x = scaleLinear();
  let drawnSize = '';
  brush.on('brush end', (event: D3BrushEvent<unknown>) => {
    // Moves made by our own code have no source event.
    if (event.sourceEvent === undefined || event.sourceEvent === null) return;
    const stretch = event.selection as [number, number] | null;
    onBrush(stretch === null ? null : [x.invert(stretch[0]), x.invert(stretch[1])]);
  });
  return {
    element: svg,
    update(data, size) {
      svg.setAttribute('aria-label', data.sentence);
      x = scaleLinear().domain([data.from, data.to]).range([0, size.width]);
      drawBars(bars, data, size, x);
      const key = `${size.width} ${size.height} ${data.from} ${data.to}`;
      if (key !== drawnSize) {
        drawnSize = key;
        svg.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
        svg.setAttribute('width', String(size.width));
        svg.setAttribute('height', String(size.height));
        brush.extent([
          [0, 0],
          [size.width, size.height],
        ]);
        select(layer).call(brush);
      }
      showSelection(layer, brush, data.selection, x);
    },
  };
}

type Scale = ScaleLinear<number, number>;

function showSelection(
  layer: SVGGElement,
  brush: BrushBehavior<unknown>,
  selection: BrushData['selection'],
  x: Scale,
): void {
  const [low = 0, high = 0] = x.range();
  const stretch = selection?.map((place) => Math.max(low, Math.min(high, x(place))));
  select(layer).call((target) => {
    brush.move(target, stretch === undefined ? null : [stretch[0]!, stretch[1]!]);
  });
}

/** Bar heights are square roots, so that a bin of one row is visible beside one of thousands. */
function drawBars(group: SVGElement, { from, to, all, passing }: BrushData, size: Size, x: Scale) {
  const base = size.height;
  const y = scaleSqrt()
    .domain([0, Math.max(1, max(Array.from(all)) ?? 1)])
    .range([base, 0]);
  while (group.children.length < 2 * all.length) {
    append(group, 'rect', {
      class: group.children.length % 2 === 0 ? 'chart-bar-all' : 'chart-bar',
    });
  }
  while (group.children.length > 2 * all.length) group.lastElementChild?.remove();
  const width = (to - from) / Math.max(1, all.length);
  for (let bin = 0; bin < all.length; bin++) {
    const left = x(from + bin * width);
    const right = x(from + (bin + 1) * width);
    [all[bin]!, passing[bin] ?? 0].forEach((count, i) => {
      const rect = group.children[2 * bin + i]!;
      rect.setAttribute('x', String(left));
      rect.setAttribute('width', String(Math.max(1, right - left - 0.5)));
      rect.setAttribute('y', String(y(count)));
      rect.setAttribute('height', String(base - y(count)));
    });
  }
}
