// Small helpers for every chart: an SVG root, an element, plain number text. Colours come from
// CSS classes, so a chart knows no theme.
import { format } from 'd3';

const SVG_NS = 'http://www.w3.org/2000/svg';

export type Size = { width: number; height: number };
export type Margin = { top: number; right: number; bottom: number; left: number };

export function makeSvg(document: Document, size: Size, sentence: string): SVGSVGElement {
  const svg = document.createElementNS(SVG_NS, 'svg');
  setAttributes(svg, {
    viewBox: `0 0 ${size.width} ${size.height}`,
    width: size.width,
    height: size.height,
    class: 'chart',
    role: 'img',
    'aria-label': sentence,
  });
  return svg;
}

/** Appends an SVG element with these attributes and returns it. */
export function append(
  parent: SVGElement,
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
): SVGElement {
  const element = parent.ownerDocument.createElementNS(SVG_NS, tag);
  setAttributes(element, attributes);
  parent.append(element);
  return element;
}

function setAttributes(
  element: SVGElement,
  attributes: Readonly<Record<string, string | number>>,
): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

const plain = format('.3~g');
const whole = format('.4~r');
const compact = format('.3~s');

/** 3 significant digits for an axis or a sentence, 4 where three would need an exponent. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return compact(value);
  return size >= 999.5 ? whole(value) : plain(value);
}
