// One measure of a text by steering strength: a line through the measured points, with the range of
// averaged ones and a reference level, the chosen one marked. Pure; it knows numbers, not what was steered.
import { extent, line, scaleLinear } from 'd3';
import { drawBottomAxis, drawLeftAxis } from './axes';
import { append, makeSvg, shortNumber, type Margin, type Size } from './svg';

type DosePlace = {
  dose: number;
  value: number;
  /** lowest and highest of the averaged values; absent for a single value */
  range?: readonly [low: number, high: number] | undefined;
};

export type DoseChartData = {
  /** "Mean KL, nats" */
  name: string;
  /** unit of the doses: "times max activation" */
  unit: string;
  /** ascending by dose */
  points: readonly DosePlace[];
  /** values that the axis must include, e.g. [0, 1] for a fraction */
  within: readonly number[];
  /** the dial's current dose */
  current: number | null;
  /** a reference level: "The unsteered model's own" */
  reference?: { name: string; value: number } | undefined;
};

const MARGIN: Margin = { top: 10, right: 14, bottom: 26, left: 52 };

function scales(data: DoseChartData, size: Size) {
  const [left = -1, right = 1] = extent(data.points, ({ dose }) => dose);
  const values = data.points.flatMap(({ value, range = [] }) => [value, ...range]);
  const level = data.reference === undefined ? [] : [data.reference.value];
  const [low = 0, high = 1] = extent([...values, ...level, ...data.within]);
  return {
    x: scaleLinear()
      .domain([left, right > left ? right : left + 1])
      .range([MARGIN.left, size.width - MARGIN.right]),
    y: scaleLinear()
      .domain([low, high > low ? high : low + 1])
      .nice(4)
      .range([size.height - MARGIN.bottom, MARGIN.top]),
  };
}

export function doseChart(data: DoseChartData, size: Size, document: Document): SVGSVGElement {
  const svg = makeSvg(document, size, doseSentence(data));
  const { x, y } = scales(data, size);
  drawLeftAxis(svg, y, size, MARGIN);
  drawBottomAxis(svg, x, size, MARGIN);
  const path = line<DosePlace>(
    (point) => x(point.dose),
    (point) => y(point.value),
  );
  if (data.reference !== undefined) {
    const level = y(data.reference.value);
    const across = { x1: MARGIN.left, x2: size.width - MARGIN.right, y1: level, y2: level };
    append(svg, 'line', { class: 'chart-dose-reference', ...across });
  }
  append(svg, 'path', { class: 'chart-dose-line', d: path(data.points) ?? '' });
  for (const { dose, value, range } of data.points) {
    if (range !== undefined) {
      const along = { x1: x(dose), x2: x(dose), y1: y(range[0]), y2: y(range[1]) };
      append(svg, 'line', { class: 'chart-dose-range', ...along });
    }
    const isCurrent = data.current !== null && Math.abs(dose - data.current) < 1e-9;
    const mark = append(svg, 'circle', {
      class: isCurrent ? 'chart-dose-point chart-current' : 'chart-dose-point',
      cx: x(dose),
      cy: y(value),
      r: isCurrent ? 6 : 4.5,
    });
    const spread =
      range === undefined ? '' : ` (${shortNumber(range[0])} to ${shortNumber(range[1])})`;
    append(mark, 'title', {}).textContent = `${shortNumber(dose)}: ${shortNumber(value)}${spread}`;
  }
  return svg;
}

/** The dose nearest to a press, by its position along the axis only. */
export function nearestDose(data: DoseChartData, size: Size, atX: number): number | null {
  const { x } = scales(data, size);
  let best: number | null = null;
  let distance = Infinity;
  for (const { dose } of data.points) {
    const apart = Math.abs(x(dose) - atX);
    if (apart >= distance) continue;
    best = dose;
    distance = apart;
  }
  return best;
}

/** A text description of the chart for screen readers. */
export function doseSentence({ name, unit, points, reference }: DoseChartData): string {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined)
    return `${name} by strength: nothing measured yet.`;
  const highest = points.reduce((a, b) => (b.value > a.value ? b : a));
  const lowest = points.reduce((a, b) => (b.value < a.value ? b : a));
  const span = `${points.length} strengths from ${shortNumber(first.dose)} to ${shortNumber(last.dose)} ${unit}`;
  return (
    `${name} at ${span}: highest ${shortNumber(highest.value)} at ${shortNumber(highest.dose)}, ` +
    `lowest ${shortNumber(lowest.value)} at ${shortNumber(lowest.dose)}.` +
    (reference === undefined ? '' : ` ${reference.name}: ${shortNumber(reference.value)}.`)
  );
}
