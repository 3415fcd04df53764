// How often latents fire: number of latents per firing rate, decades from 10⁻⁶ to 1. Pure.
import { counted } from '../core/text/counted';
import { max, scaleLinear, sum } from 'd3';
import { append, makeSvg, type Margin, type Size } from './svg';
import { drawBottomAxis, drawLeftAxis } from './axes';

export type DensityData = {
  /** log10 of the rate at the left edge of bin 0, decades per bin */
  from: number;
  binWidth: number;
  counts: readonly number[];
  /** latents that never fired: stated in the description, not drawn */
  neverFired: number;
};

const MARGIN: Margin = { top: 8, right: 12, bottom: 24, left: 48 };

export function densityChart(data: DensityData, size: Size, document: Document): SVGSVGElement {
  const svg = makeSvg(document, size, densitySentence(data));
  const { from, binWidth, counts } = data;
  const x = scaleLinear()
    .domain([from, from + binWidth * counts.length])
    .range([MARGIN.left, size.width - MARGIN.right]);
  const y = scaleLinear()
    .domain([0, Math.max(1, max(counts) ?? 1)])
    .range([size.height - MARGIN.bottom, MARGIN.top])
    .nice(4);
  drawLeftAxis(svg, y, size, MARGIN);
  counts.forEach((count, i) => {
    if (count === 0) return;
    const left = from + i * binWidth;
    append(svg, 'rect', {
      class: 'chart-bar',
      x: x(left) + 0.5,
      y: y(count),
      width: Math.max(1, x(left + binWidth) - x(left) - 1),
      height: size.height - MARGIN.bottom - y(count),
    });
  });
  drawBottomAxis(svg, x, size, MARGIN);
  return svg;
}

export function densitySentence(data: DensityData): string {
  const firing = sum(data.counts);
  return (
    `Firing rates, log10 from ${data.from} to 0: ${counted(firing, 'feature')} fired, ` +
    `${data.neverFired.toLocaleString('en')} never did.`
  );
}
