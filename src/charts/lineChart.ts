// One metric of a run over its steps: raw values faint, their moving average on top.
// Pure: data, size and document in, SVG out.
import { extent, line, max, min, scaleLinear, type ScaleLinear } from 'd3';
import { drawBottomAxis, drawLeftAxis } from './axes';
import { append, makeSvg, shortNumber, type Margin, type Size } from './svg';

export type LinePoint = { step: number; value: number };

export type LineChartData = {
  /** what is measured, as in "loss" */
  name: string;
  points: readonly LinePoint[];
  /** shared by the charts of one run, so that their steps are aligned */
  stepDomain: readonly [number, number];
  /** fixed value axis, for fractions; else fitted to the data */
  valueDomain?: readonly [number, number];
  /** of the moving average; default 0.98 */
  weight?: number;
  /** a few exact points: straight lines between them, without a moving average */
  isExact?: boolean;
};

export const LINE_MARGIN: Margin = { top: 8, right: 12, bottom: 24, left: 48 };
const EMA = 0.98;

/** Exponential moving average, bias-corrected so that the first value is not pulled to 0. */
export function movingAverage(points: readonly LinePoint[], weight = EMA): LinePoint[] {
  let sum = 0;
  let norm = 0;
  return points.map(({ step, value }) => {
    sum = weight * sum + (1 - weight) * value;
    norm = weight * norm + (1 - weight);
    return { step, value: sum / norm };
  });
}

/** Position of a step, pixels from the left edge, for the linked cursor. */
export function stepScale(
  stepDomain: readonly [number, number],
  width: number,
): ScaleLinear<number, number> {
  return scaleLinear()
    .domain([stepDomain[0], Math.max(stepDomain[1], stepDomain[0] + 1)])
    .range([LINE_MARGIN.left, width - LINE_MARGIN.right]);
}

export function lineChart(data: LineChartData, size: Size, document: Document): SVGSVGElement {
  const points = data.points.filter((point) => Number.isFinite(point.value));
  const svg = makeSvg(document, size, lineSentence(data));
  const x = stepScale(data.stepDomain, size.width);
  const y = scaleLinear()
    .domain(data.valueDomain ?? fittedDomain(points))
    .range([size.height - LINE_MARGIN.bottom, LINE_MARGIN.top])
    .clamp(true);
  if (data.valueDomain === undefined) y.nice(4);
  drawLeftAxis(svg, y, size, LINE_MARGIN);
  drawBottomAxis(svg, x, size, LINE_MARGIN);
  const path = line<LinePoint>(
    (point) => x(point.step),
    (point) => y(point.value),
  );
  const columns = Math.max(1, Math.floor(size.width));
  if (data.isExact === true) {
    append(svg, 'path', { class: 'chart-line-smooth', d: path(points) ?? '' });
    return svg;
  }
  append(svg, 'path', { class: 'chart-line-raw', d: path(thin(points, columns)) ?? '' });
  append(svg, 'path', {
    class: 'chart-line-smooth',
    d: path(thin(movingAverage(points, data.weight), columns)) ?? '',
  });
  return svg;
}

/** A text description of the chart for screen readers, of the bold line. */
export function lineSentence(data: LineChartData): string {
  const bold = data.isExact === true ? data.points : movingAverage(data.points, data.weight);
  const last = bold.at(-1);
  const first = bold[0];
  if (last === undefined || first === undefined) return `${data.name}: no values yet.`;
  const [low, high] = extent(data.points, (point) => point.value);
  return (
    `${data.name} over steps ${first.step} to ${last.step}: from ${shortNumber(first.value)} ` +
    `to ${shortNumber(last.value)}, lowest ${shortNumber(low ?? 0)}, highest ${shortNumber(high ?? 0)}.`
  );
}

function fittedDomain(points: readonly LinePoint[]): [number, number] {
  const low = min(points, (point) => point.value) ?? 0;
  const high = max(points, (point) => point.value) ?? 1;
  const pad = high > low ? 0 : Math.max(Math.abs(high) * 0.1, 0.1);
  // A flat line at 0 of a value that cannot be negative lies on the axis.
  return [low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
}

/** At most two points per pixel column, the lowest and the highest, so that spikes stay visible. */
function thin(points: readonly LinePoint[], columns: number): LinePoint[] {
  if (points.length <= 2 * columns) return [...points];
  const perColumn = Math.ceil(points.length / columns);
  const kept: LinePoint[] = [];
  for (let start = 0; start < points.length; start += perColumn) {
    const column = points.slice(start, start + perColumn);
    const low = column.reduce((a, b) => (b.value < a.value ? b : a));
    const high = column.reduce((a, b) => (b.value > a.value ? b : a));
    kept.push(...(low.step <= high.step ? [low, high] : [high, low]));
  }
  return kept;
}
