// How strongly a latent fires: counts per activation bin, log scale. Pure.
import { max, scaleLinear, scaleLog, sum } from 'd3';
import { drawBottomAxis, drawLeftAxis } from './axes';
import { append, makeSvg, shortNumber, type Margin, type Size } from './svg';

export type HistogramData = {
  /** activation units per bin; bin i covers [i·binWidth, (i+1)·binWidth) */
  binWidth: number;
  counts: readonly number[];
  /** largest activation seen, where the axis ends */
  maxAct: number;
};

const MARGIN: Margin = { top: 8, right: 12, bottom: 24, left: 48 };

export function activationHistogram(
  data: HistogramData,
  size: Size,
  document: Document,
): SVGSVGElement {
  const svg = makeSvg(document, size, histogramSentence(data));
  const bins = filledBins(data);
  const highest = Math.max(10, max(data.counts) ?? 1);
  const x = histogramX(data, size.width);
  // A bin with one token must be visible, so the log axis starts below 1.
  const y = scaleLog()
    .domain([0.5, highest])
    .range([size.height - MARGIN.bottom, MARGIN.top])
    .clamp(true);
  drawLeftAxis(svg, y, size, MARGIN, decades(highest));
  const base = size.height - MARGIN.bottom;
  for (const { from, to, count } of bins) {
    if (count === 0) continue;
    append(svg, 'rect', {
      class: 'chart-bar',
      x: x(from) + 0.5,
      y: y(count),
      width: Math.max(1, x(to) - x(from) - 1),
      height: base - y(count),
    });
  }
  drawBottomAxis(svg, x, size, MARGIN);
  return svg;
}

/** Position of an activation in a chart of this width, pixels from its left. */
export function histogramX(data: HistogramData, width: number) {
  return scaleLinear()
    .domain([0, Math.max(data.maxAct, filledBins(data).length * data.binWidth, 1e-9)])
    .range([MARGIN.left, width - MARGIN.right]);
}

export function histogramSentence(data: HistogramData): string {
  const total = sum(data.counts);
  if (total === 0) return 'Activation histogram: the feature never fired.';
  return (
    `Activation histogram, log counts: ${total.toLocaleString('en')} firing tokens, ` +
    `activations from 0 to ${shortNumber(data.maxAct)}.`
  );
}

export type HistogramBin = { from: number; to: number; count: number };

/** Bins up to the last one with a token: the stored range is a power of two, often half empty. */
export function filledBins(data: HistogramData): HistogramBin[] {
  const last = data.counts.findLastIndex((count) => count > 0);
  return data.counts.slice(0, last + 1).map((count, i) => ({
    from: i * data.binWidth,
    to: (i + 1) * data.binWidth,
    count,
  }));
}

function decades(highest: number): number[] {
  const count = Math.floor(Math.log10(highest)) + 1;
  const all = Array.from({ length: count }, (_, i) => 10 ** i);
  return all.filter((_, i) => count <= 4 || i % 2 === 0);
}
