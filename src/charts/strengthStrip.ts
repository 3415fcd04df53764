// One slot's dial over the tokens of a text: the values used, as a step line around neutral, and the curve
// planned for the tokens to come, dashed. Pure; it knows dial values, not what they do.
import { counted } from '../core/text/counted';
import { area, curveStepAfter, line, scaleLinear } from 'd3';
import { append, makeSvg, shortNumber, type Size } from './svg';

export type StripPoint = { token: number; value: number };

export type StrengthStripData = {
  /** unit of the values, for the description: "times max activation" */
  unit: string;
  /** value used at each token; null: the slot was inactive there */
  strengths: readonly (number | null)[];
  /** planned values, by token: each holds until the next; empty without a plan */
  plan: readonly StripPoint[];
  /** length of the axis in tokens: the text's full length */
  length: number;
  low: number;
  high: number;
  /** the neutral value */
  neutral: number;
};

const PAD = 4;
const LABEL_WIDTH = 34;

function scales(data: StrengthStripData, size: Size) {
  return {
    x: scaleLinear()
      .domain([0, Math.max(1, data.length)])
      .range([LABEL_WIDTH, size.width - PAD]),
    y: scaleLinear()
      .domain([data.low, data.high])
      .range([size.height - PAD, PAD]),
  };
}

export function strengthStrip(
  data: StrengthStripData,
  size: Size,
  document: Document,
): SVGSVGElement {
  const svg = makeSvg(document, size, strengthSentence(data));
  const { x, y } = scales(data, size);
  for (const tick of new Set([data.low, data.neutral, data.high]))
    drawTick(svg, data, tick, y(tick));
  append(svg, 'line', {
    class: 'chart-zero-line',
    x1: LABEL_WIDTH,
    x2: size.width - PAD,
    y1: y(data.neutral),
    y2: y(data.neutral),
  });
  // The last token's step needs an end point.
  const steps = [...data.strengths, data.strengths.at(-1) ?? null].map((value, i) => ({
    value: value ?? data.neutral,
    i,
  }));
  const edge = line<{ value: number; i: number }>()
    .curve(curveStepAfter)
    .x((step) => x(step.i))
    .y((step) => y(step.value));
  if (data.strengths.length > 0) {
    const fill = area<{ value: number; i: number }>()
      .curve(curveStepAfter)
      .x((step) => x(step.i))
      .y0(y(data.neutral))
      .y1((step) => y(step.value));
    append(svg, 'path', { class: 'chart-strength-fill', d: fill(steps) ?? '' });
    append(svg, 'path', { class: 'chart-strength-edge', d: edge(steps) ?? '' });
  }
  const planned = planSteps(data);
  if (planned.length > 0)
    append(svg, 'path', { class: 'chart-strength-plan', d: edge(planned) ?? '' });
  for (const { token, value } of data.plan) {
    append(svg, 'circle', { class: 'chart-strength-point', cx: x(token), cy: y(value), r: 3.5 });
  }
  return svg;
}

function drawTick(svg: SVGSVGElement, data: StrengthStripData, tick: number, y: number): void {
  const nudge = tick === data.high ? 9 : tick === data.low ? -1 : 4;
  const label = append(svg, 'text', {
    class: 'chart-tick-text',
    x: LABEL_WIDTH - 6,
    y: y + nudge,
    'text-anchor': 'end',
  });
  const text = shortNumber(tick).replace('-', '−');
  label.textContent = tick > 0 && data.low < 0 ? `+${text}` : text;
}

function planSteps({ plan, length }: StrengthStripData) {
  const last = plan.at(-1);
  if (last === undefined) return [];
  return [...plan, { token: Math.max(length, last.token), value: last.value }].map(
    ({ token, value }) => ({ i: token, value }),
  );
}

/** Token and value at a position, pixels from the chart's top left, clamped to the axes. */
export function stripPlace(
  data: StrengthStripData,
  size: Size,
  at: { x: number; y: number },
): StripPoint {
  const { x, y } = scales(data, size);
  const token = Math.round(x.invert(at.x));
  return {
    token: Math.max(0, Math.min(data.length - 1, token)),
    value: Math.max(data.low, Math.min(data.high, y.invert(at.y))),
  };
}

export function strengthSentence(data: StrengthStripData): string {
  const values = data.strengths.filter((value) => value !== null);
  const planned =
    data.plan.length === 0 ? '' : ` A curve of ${counted(data.plan.length, 'point')} is planned.`;
  if (data.strengths.length === 0) return `Strength over tokens: no token yet.${planned}`;
  if (values.length === 0)
    return `Strength over ${counted(data.strengths.length, 'token')}: off.${planned}`;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const range =
    low === high ? `constant ${shortNumber(low)}` : `${shortNumber(low)} to ${shortNumber(high)}`;
  return `Strength over ${counted(data.strengths.length, 'token')}: ${range} ${data.unit}.${planned}`;
}
