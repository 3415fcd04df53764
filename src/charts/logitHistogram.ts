// Direct-path logits of the whole vocabulary: tokens per bin, negative and positive ones in their colours. Pure.
import { max, scaleLinear, sum } from 'd3';
import { drawBottomAxis, drawLeftAxis } from './axes';
import { append, makeSvg, shortNumber, type Margin, type Size } from './svg';

export type LogitHistogramData = {
  /** bin i covers [from + i·binWidth, from + (i+1)·binWidth) */
  from: number;
  binWidth: number;
  counts: readonly number[];
};

const MARGIN: Margin = { top: 6, right: 12, bottom: 24, left: 48 };

export function logitHistogram(
  data: LogitHistogramData,
  size: Size,
  document: Document,
): SVGSVGElement {
  const to = data.from + data.counts.length * data.binWidth;
  const svg = makeSvg(
    document,
    size,
    `Direct-path logits of ${sum(data.counts).toLocaleString('en')} tokens, ` +
      `from ${shortNumber(data.from)} to ${shortNumber(to)}.`,
  );
  const x = scaleLinear()
    .domain([data.from, to > data.from ? to : data.from + 1e-9])
    .range([MARGIN.left, size.width - MARGIN.right]);
  const y = scaleLinear()
    .domain([0, max(data.counts) ?? 1])
    .range([size.height - MARGIN.bottom, MARGIN.top]);
  drawLeftAxis(svg, y, size, MARGIN);
  data.counts.forEach((count, bin) => {
    if (count === 0) return;
    const left = data.from + bin * data.binWidth;
    append(svg, 'rect', {
      class:
        left + data.binWidth / 2 < 0
          ? 'chart-bar chart-bar-negative'
          : 'chart-bar chart-bar-positive',
      x: x(left) + 0.5,
      y: y(count),
      width: Math.max(1, x(left + data.binWidth) - x(left) - 1),
      height: size.height - MARGIN.bottom - y(count),
    });
  });
  drawBottomAxis(svg, x, size, MARGIN);
  return svg;
}
