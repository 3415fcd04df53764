// An attribution graph as SVG: nodes, their links by weight and sign, the prompt below. Above a thousand links these are
// painted on a canvas beneath; an export has them all as SVG.
import { counted } from '../core/text/counted';
import { link, curveBumpY, max } from 'd3';
import {
  circuitLayout,
  type CircuitData,
  type CircuitLayout,
  type PlacedNode,
} from './circuitLayout';
import { append, makeSvg } from './svg';

/** More links than an SVG redraws in a frame. */
export const MOST_SVG_LINKS = 1000;

export type CircuitColours = {
  text: string;
  muted: string;
  line: string;
  positive: string;
  negative: string;
  fill: string;
  accent: string;
};

/** On the page, colours follow the theme. */
export const PAGE_COLOURS: CircuitColours = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  line: 'var(--hairline)',
  positive: 'var(--positive)',
  negative: 'var(--negative)',
  fill: 'var(--raised)',
  accent: 'var(--accent)',
};

/** In a file they are the light ones. */
export const FILE_COLOURS: CircuitColours = {
  text: '#1d1c1a',
  muted: '#5e5951',
  line: '#e3dfd6',
  positive: '#0b5cad',
  negative: '#b8470b',
  fill: '#ffffff',
  accent: '#2f52cf',
};

type Lit = { node: string; near: ReadonlySet<string> };

/** A node and all that gives to it or takes from it, within the links shown. */
function lightUp(data: CircuitData, node: string | null): Lit | null {
  if (node === null || !data.nodes.some(({ id }) => id === node)) return null;
  const near = new Set([node]);
  for (const { source, target } of data.links) {
    if (source === node) near.add(target);
    if (target === node) near.add(source);
  }
  return { node, near };
}

/** The chart and where its nodes are. hasLinks: false where a canvas has them. */
export function circuitChart(
  data: CircuitData,
  width: number,
  document: Document,
  o: { colours: CircuitColours; hasLinks: boolean },
): { svg: SVGSVGElement; layout: CircuitLayout } {
  const layout = circuitLayout(data, width);
  const svg = makeSvg(document, layout, sentenceOf(data));
  drawFrame(svg, data, layout, o.colours);
  if (o.hasLinks) drawLinks(svg, data, layout, o.colours);
  const group = append(svg, 'g', { class: 'chart-circuit-nodes' });
  for (const node of layout.nodes) drawNode(group, node, node.id === data.selected, o.colours);
  return { svg, layout };
}

function sentenceOf({ nodes, links, columns }: CircuitData): string {
  return `Attribution graph of ${counted(columns.length, 'token')}: ${counted(nodes.length, 'node')}, ${counted(links.length, 'link')}. The table below has the same.`;
}

function drawFrame(
  svg: SVGSVGElement,
  data: CircuitData,
  layout: CircuitLayout,
  { muted, line, text }: CircuitColours,
): void {
  const small = { 'font-size': 12, fill: muted };
  data.rows.forEach((name, row) => {
    const y = layout.rowY[row] ?? 0;
    append(svg, 'line', { x1: 0, x2: layout.width, y1: y + 4, y2: y + 4, stroke: line });
    append(svg, 'text', { x: 0, y: y - 3, ...small }).textContent = name;
  });
  data.columns.forEach((token, column) => {
    const x = layout.left + column * layout.columnWidth + 4;
    const most = Math.max(2, Math.floor((layout.columnWidth - 4) / 7));
    const label = append(svg, 'text', {
      x,
      y: layout.height - 24,
      'font-size': 12,
      fill: text,
      class: 'chart-circuit-token',
    });
    label.textContent = token.length > most ? `${token.slice(0, most - 1)}…` : token;
    const title = append(label, 'title', {});
    title.textContent = token;
  });
}

type Drawn = { d: string; width: number; isPositive: boolean; source: string; target: string };

export function mostWeight({ links }: Pick<CircuitData, 'links'>): number {
  return max(links, ({ weight }) => Math.abs(weight)) ?? 1;
}

/** Weakest first, so that strong links lie on top. */
function linkPaths(data: CircuitData, layout: CircuitLayout): Drawn[] {
  const at = new Map(layout.nodes.map((node) => [node.id, node] as const));
  const most = data.scale?.weight ?? mostWeight(data);
  const path = link<unknown, { source: PlacedNode; target: PlacedNode }, PlacedNode>(curveBumpY)
    .x(({ x }) => x)
    .y(({ y }) => y);
  return data.links.toReversed().flatMap(({ source, target, weight }) => {
    const [from, to] = [at.get(source), at.get(target)];
    const d = from === undefined || to === undefined ? null : path({ source: from, target: to });
    if (d === null) return [];
    const width = 0.4 + 3.2 * Math.sqrt(Math.abs(weight) / most);
    return [{ d, width, isPositive: weight >= 0, source, target }];
  });
}

function opacityOf({ source, target }: Drawn, lit: Lit | null): number {
  if (lit === null) return 0.32;
  return source === lit.node || target === lit.node ? 0.95 : 0.05;
}

function drawLinks(
  svg: SVGSVGElement,
  data: CircuitData,
  layout: CircuitLayout,
  { positive, negative }: CircuitColours,
): void {
  const group = append(svg, 'g', { fill: 'none', class: 'chart-circuit-links' });
  const lit = lightUp(data, data.selected);
  for (const drawn of linkPaths(data, layout)) {
    append(group, 'path', {
      d: drawn.d,
      stroke: drawn.isPositive ? positive : negative,
      'stroke-width': drawn.width.toFixed(2),
      'stroke-opacity': opacityOf(drawn, lit),
      'data-source': drawn.source,
      'data-target': drawn.target,
      ...(drawn.isPositive ? {} : { 'stroke-dasharray': '5 3' }),
    });
  }
}

/** The same on a canvas. Colours are ones that a canvas knows. */
export function paintLinks(
  pen: CanvasRenderingContext2D,
  data: CircuitData,
  layout: CircuitLayout,
  o: Pick<CircuitColours, 'positive' | 'negative'> & { lit: string | null; scale: number },
): void {
  const lit = lightUp(data, o.lit);
  pen.setTransform(o.scale, 0, 0, o.scale, 0, 0);
  pen.clearRect(0, 0, layout.width, layout.height);
  for (const drawn of linkPaths(data, layout)) {
    pen.globalAlpha = opacityOf(drawn, lit);
    pen.strokeStyle = drawn.isPositive ? o.positive : o.negative;
    pen.lineWidth = drawn.width;
    pen.setLineDash(drawn.isPositive ? [] : [5, 3]);
    pen.stroke(new Path2D(drawn.d));
  }
}

/** Changes what a chart shows as lit, without drawing it anew. */
export function lightChart(svg: SVGSVGElement, data: CircuitData, node: string | null): void {
  const lit = lightUp(data, node);
  for (const shape of svg.querySelectorAll<SVGElement>('.chart-circuit-nodes > g')) {
    const isNear = lit === null || lit.near.has(shape.getAttribute('data-node') ?? '');
    shape.setAttribute('opacity', isNear ? '1' : '0.22');
  }
  for (const path of svg.querySelectorAll<SVGElement>('.chart-circuit-links > path')) {
    const [source, target] = [path.getAttribute('data-source'), path.getAttribute('data-target')];
    const isNear = lit !== null && (source === lit.node || target === lit.node);
    path.setAttribute('stroke-opacity', lit === null ? '0.32' : isNear ? '0.95' : '0.05');
  }
}

function drawNode(
  parent: SVGElement,
  node: PlacedNode,
  isSelected: boolean,
  { text, fill, accent, muted }: CircuitColours,
): void {
  const group = append(parent, 'g', { 'data-node': node.id });
  append(group, 'title', {}).textContent = node.name;
  const { x, y, r, look } = node;
  if (node.isShared === true) {
    const ring = { fill: 'none', stroke: accent, 'stroke-width': 2 };
    append(group, 'circle', { class: 'chart-circuit-shared', cx: x, cy: y, r: r + 3, ...ring });
  }
  const isHollow = look === 'error';
  const paint = {
    fill: isHollow ? fill : look === 'token' || look === 'valueEmbedding' ? muted : text,
    stroke: isSelected || node.isPinned ? accent : isHollow ? muted : fill,
    'stroke-width': isSelected ? 3 : node.isPinned ? 2.2 : 1.2,
  };
  if (look === 'latent' || look === 'error') {
    append(group, 'circle', { cx: x, cy: y, r, ...paint });
  } else if (look === 'valueEmbedding') {
    const d = `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`;
    append(group, 'path', { d, ...paint });
  } else {
    const rx = look === 'group' ? 3 : 1;
    append(group, 'rect', { x: x - r, y: y - r, width: 2 * r, height: 2 * r, rx, ...paint });
  }
}
