// The steering strength over the tokens of a text: a step line around neutral. Pure.
import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { append, makeSvg, shortNumber, type Size } from './svg';

export type StrengthStripData = {
  /** strength in force at each token, multiples of the maximum activation */
  strengths: readonly number[];
  /** tokens the axis is made for: the text's full length */
  length: number;
  /** half the height of the axis */
  limit: number;
};

const PAD = 4;
const LABEL_WIDTH = 28;

export function strengthStrip(
  data: StrengthStripData,
  size: Size,
  document: Document,
): SVGSVGElement {
  const svg = makeSvg(document, size, strengthSentence(data));
  const x = scaleLinear()
    .domain([0, Math.max(1, data.length)])
    .range([LABEL_WIDTH, size.width - PAD]);
  const y = scaleLinear()
    .domain([-data.limit, data.limit])
    .range([size.height - PAD, PAD]);
  for (const tick of [-data.limit, 0, data.limit]) {
    const label = append(svg, 'text', {
      class: 'tick-text',
      x: LABEL_WIDTH - 6,
      y: y(tick) + (tick > 0 ? 9 : tick < 0 ? -1 : 4),
      'text-anchor': 'end',
    });
    label.textContent = tick > 0 ? `+${tick}` : String(tick).replace('-', '−');
  }
  append(svg, 'line', {
    class: 'zero-line',
    x1: LABEL_WIDTH,
    x2: size.width - PAD,
    y1: y(0),
    y2: y(0),
  });
  // The last token's step needs its own end.
  const steps = [...data.strengths, data.strengths.at(-1) ?? 0].map((value, i) => ({ value, i }));
  if (data.strengths.length > 0) {
    const fill = area<{ value: number; i: number }>()
      .curve(curveStepAfter)
      .x((step) => x(step.i))
      .y0(y(0))
      .y1((step) => y(step.value));
    const edge = line<{ value: number; i: number }>()
      .curve(curveStepAfter)
      .x((step) => x(step.i))
      .y((step) => y(step.value));
    append(svg, 'path', { class: 'strength-fill', d: fill(steps) ?? '' });
    append(svg, 'path', { class: 'strength-edge', d: edge(steps) ?? '' });
  }
  return svg;
}

export function strengthSentence(data: StrengthStripData): string {
  const { strengths } = data;
  if (strengths.length === 0) return 'Strength over tokens: no token yet.';
  const low = Math.min(...strengths);
  const high = Math.max(...strengths);
  const range =
    low === high ? `constant ${shortNumber(low)}` : `${shortNumber(low)} to ${shortNumber(high)}`;
  return `Strength over ${strengths.length} tokens: ${range} times the maximum activation.`;
}
