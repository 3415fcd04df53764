// SAEs by sparsity and score: L0 on a log axis, the front as a step line, one mark and colour per group.
// Pure; it knows points, not SAEs. A higher score is better.
import { counted } from '../core/text/counted';
import {
  curveStepAfter,
  extent,
  line,
  scaleLinear,
  scaleLog,
  symbol,
  symbolCircle,
  symbolDiamond,
  symbolSquare,
  symbolTriangle,
} from 'd3';
import { paretoFront } from '../core/evaluate/metrics/paretoFront';
import { drawBottomAxis, drawLeftAxis } from './axes';
import { placeLabels, type LabelAnchor } from './directLabels';
import { append, makeSvg, shortNumber, type Margin, type Size } from './svg';

export type ParetoPoint = {
  id: string;
  name: string;
  /** architecture: points of one group share colour and mark */
  group: string;
  /** mean active latents, above 0 */
  l0: number;
  score: number;
};

export type ParetoData = { scoreName: string; points: readonly ParetoPoint[] };

const MARGIN: Margin = { top: 12, right: 16, bottom: 28, left: 52 };
const SYMBOLS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond] as const;
/** Colours of `.chart-series-0` … in charts.css; further groups reuse them with another mark. */
const COLOURS = 4;
const MARK_AREA = 110;
/** Margin beside the outermost points, as a factor: at least two of the ticks 1, 2, 5, 10 … are visible. */
const ROOM = 2.5;
/** Characters of a name on the plot. */
const NAME_LENGTH = 32;
/** From a name's baseline to its top, px. */
const LEADER_END = 11;
/** A press within this many pixels selects a mark: a finger's width. */
const REACH = 22;

/** Groups in the order in which marks and colours are assigned. */
export function paretoGroups(points: readonly ParetoPoint[]): string[] {
  return [...new Set(points.map(({ group }) => group))].sort();
}

/** Class and path of a group's mark, for the legend. */
export function paretoMark(index: number): { className: string; path: string } {
  const shape = SYMBOLS[index % SYMBOLS.length]!;
  return {
    className: `chart-mark chart-series-${index % COLOURS}`,
    path: symbol(shape, MARK_AREA)() ?? '',
  };
}

function scales(points: readonly ParetoPoint[], size: Size) {
  const [lowest = 1, highest = 100] = extent(points, ({ l0 }) => l0);
  const [low = 0, high = 1] = extent(points, ({ score }) => score);
  // Margin on both sides, even for a single point.
  const pad = Math.max(0.02, 0.15 * (high - low));
  return {
    x: scaleLog()
      .domain([lowest / ROOM, highest * ROOM])
      .range([MARGIN.left, size.width - MARGIN.right]),
    y: scaleLinear()
      .domain([low - pad, Math.min(high + pad, Math.max(1, high))])
      .range([size.height - MARGIN.bottom, MARGIN.top]),
  };
}

export function paretoChart(data: ParetoData, size: Size, document: Document): SVGSVGElement {
  const svg = makeSvg(document, size, paretoSentence(data));
  const points = drawable(data.points);
  const { x, y } = scales(points, size);
  drawLeftAxis(svg, y, size, MARGIN);
  drawBottomAxis(svg, x, size, MARGIN, niceLogTicks(x.domain()));
  const front = frontOf(points);
  const path = line<ParetoPoint>(
    (point) => x(point.l0),
    (point) => y(point.score),
  ).curve(curveStepAfter);
  append(svg, 'path', { class: 'chart-front', d: path(front) ?? '' });
  const groups = paretoGroups(data.points);
  for (const point of points) {
    const { className, path: shape } = paretoMark(groups.indexOf(point.group));
    const mark = append(svg, 'path', {
      class: front.includes(point) ? `${className} chart-on-front` : className,
      transform: `translate(${x(point.l0)},${y(point.score)})`,
      d: shape,
    });
    append(mark, 'title', {}).textContent =
      `${point.name}: L0 ${shortNumber(point.l0)}, ${data.scoreName} ${shortNumber(point.score)}`;
  }
  drawNames(
    svg,
    points.map((point) => ({ x: x(point.l0), y: y(point.score), text: shortName(point.name) })),
    size,
  );
  return svg;
}

/** Beside its mark each; a line leads from a name that found room only further away. */
function drawNames(svg: SVGElement, anchors: LabelAnchor[], { width, height }: Size): void {
  const area = { left: MARGIN.left, right: width, top: 0, bottom: height - MARGIN.bottom };
  for (const { x, y, text, left, baseline, isFar } of placeLabels(anchors, area)) {
    if (isFar) {
      const end = baseline > y ? baseline - LEADER_END : baseline + 2;
      append(svg, 'line', { class: 'chart-leader', x1: x, y1: y, x2: left + 4, y2: end });
    }
    const label = append(svg, 'text', { class: 'chart-name', x: left, y: baseline });
    label.textContent = text;
  }
}

/** The whole name is in the mark's title and in the table below the chart. */
function shortName(name: string): string {
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1)}…`;
}

/** The point nearest to a press at (x, y) pixels from the chart's top left; null if none is near. */
export function nearestPoint(
  data: ParetoData,
  size: Size,
  at: { x: number; y: number },
): ParetoPoint | null {
  const points = drawable(data.points);
  const { x, y } = scales(points, size);
  let best: ParetoPoint | null = null;
  let distance = REACH;
  for (const point of points) {
    const apart = Math.hypot(x(point.l0) - at.x, y(point.score) - at.y);
    if (apart > distance) continue;
    best = point;
    distance = apart;
  }
  return best;
}

/** A text description of the chart for screen readers. */
export function paretoSentence(data: ParetoData): string {
  const points = drawable(data.points);
  if (points.length === 0) return `${data.scoreName} by L0: no SAE measured yet.`;
  const front = frontOf(points);
  const names = front.map(
    ({ name, l0, score }) => `${name} (L0 ${shortNumber(l0)}, ${shortNumber(score)})`,
  );
  const many = counted(points.length, 'SAE');
  return `${data.scoreName} by L0, ${many}. On the front (no other is both sparser and better): ${names.join(', ')}.`;
}

/** A log axis has no place for L0 = 0. */
function drawable(points: readonly ParetoPoint[]): ParetoPoint[] {
  return points.filter(({ l0, score }) => l0 > 0 && Number.isFinite(score));
}

function frontOf(points: readonly ParetoPoint[]): ParetoPoint[] {
  return paretoFront(points.map(({ l0, score }) => ({ x: l0, y: score }))).map((at) => points[at]!);
}

/** 1, 2, 5 times powers of ten within the domain. */
function niceLogTicks([low = 1, high = 10]: number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}
