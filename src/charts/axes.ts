// Axes in one style: few ticks, hairline grid, no domain line on the value axis.
import { axisBottom, axisLeft, select, type ScaleContinuousNumeric } from 'd3';
import { append, shortNumber, type Margin, type Size } from './svg';

type Scale = ScaleContinuousNumeric<number, number>;

/** ticks: chosen values, for scales whose own choice is too dense (logarithms). */
export function drawBottomAxis(
  svg: SVGElement,
  scale: Scale,
  size: Size,
  margin: Margin,
  ticks?: number[],
): void {
  const group = append(svg, 'g', {
    class: 'chart-axis chart-axis-x',
    transform: `translate(0,${size.height - margin.bottom})`,
  });
  const count = Math.max(2, Math.floor(size.width / 110));
  const axis = axisBottom(scale)
    .ticks(count)
    .tickFormat(ticks === undefined ? tickText(scale, count) : (value) => shortNumber(+value))
    .tickSize(4)
    .tickPadding(4);
  select(group as SVGGElement).call(ticks === undefined ? axis : axis.tickValues(ticks));
}

/** ticks: as for the bottom axis. */
export function drawLeftAxis(
  svg: SVGElement,
  scale: Scale,
  size: Size,
  margin: Margin,
  ticks?: number[],
): void {
  const group = append(svg, 'g', {
    class: 'chart-axis chart-axis-y',
    transform: `translate(${margin.left},0)`,
  });
  const count = Math.max(2, Math.floor(size.height / 44));
  const axis = axisLeft(scale)
    .ticks(count)
    .tickFormat(ticks === undefined ? tickText(scale, count) : (value) => shortNumber(+value))
    .tickSize(-(size.width - margin.left - margin.right))
    .tickPadding(6);
  select(group as SVGGElement).call(ticks === undefined ? axis : axis.tickValues(ticks));
}

/** As many digits as needed to distinguish neighbouring ticks; large numbers with k or M. */
function tickText(scale: Scale, count: number): (value: { valueOf: () => number }) => string {
  const isLarge = Math.max(...scale.domain().map(Math.abs)) >= 10_000;
  const exact = scale.tickFormat(count);
  return (value) => (isLarge ? shortNumber(value.valueOf()) : exact(value));
}
