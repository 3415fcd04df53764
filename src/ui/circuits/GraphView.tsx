// The drawn graph: hover lights what a node gives to and takes from, a click or Enter chooses it, arrow keys walk. The
// table below is its equal for who cannot see it.
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { CircuitData, CircuitLayout, PlacedNode } from '../../charts/circuitLayout';
import {
  circuitChart,
  lightChart,
  MOST_SVG_LINKS,
  PAGE_COLOURS,
  paintLinks,
} from '../../charts/circuitChart';
import { shownOf } from '../../store/circuits/circuitsSelectors';
import { useWidth } from '../hooks/useWidth';
import { useActions, useReadState } from '../storeContext';
import styles from './GraphView.module.css';

export function GraphView({ data }: { data: CircuitData }) {
  const box = useRef<HTMLDivElement>(null);
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hovered, setHovered] = useState<string | null>(null);
  const width = useWidth(box);
  const select = useSelect();
  const isPainted = data.links.length > MOST_SVG_LINKS;
  const drawn = useMemo(
    () => circuitChart(data, width, document, { colours: PAGE_COLOURS, hasLinks: !isPainted }),
    [data, width, isPainted],
  );

  useLayoutEffect(() => {
    holder.current?.replaceChildren(drawn.svg);
  }, [drawn]);

  useEffect(() => {
    const lit = hovered ?? data.selected;
    lightChart(drawn.svg, data, lit);
    if (isPainted && canvas.current !== null) repaint(canvas.current, data, drawn.layout, lit);
  }, [drawn, data, hovered, isPainted]);

  const nodeAt = (target: EventTarget) =>
    target instanceof Element
      ? (target.closest('[data-node]')?.getAttribute('data-node') ?? null)
      : null;

  const onKeyDown = (event: KeyboardEvent) => {
    const direction = DIRECTIONS[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const next = neighbour(drawn.layout.nodes, data.selected, direction);
    if (next !== null) select(next.id);
  };

  return (
    <div
      ref={box}
      className={styles.box}
      role="group"
      tabIndex={0}
      aria-label="Graph; arrow keys walk from node to node"
      onKeyDown={onKeyDown}
      onPointerOver={(event) => setHovered(nodeAt(event.target))}
      onPointerLeave={() => setHovered(null)}
      onClick={(event) => {
        const id = nodeAt(event.target);
        if (id !== null) select(id === data.selected ? null : id);
      }}
    >
      {isPainted && <canvas ref={canvas} className={styles.links} aria-hidden="true" />}
      <div ref={holder} className={styles.chart} />
    </div>
  );
}

function useSelect(): (id: string | null) => void {
  const actions = useActions();
  const readState = useReadState();
  return (id) => {
    const node = shownOf(readState())?.nodes.find((one) => one.id === id);
    actions.circuits.select(node ?? null);
  };
}

function repaint(
  canvas: HTMLCanvasElement,
  data: CircuitData,
  layout: CircuitLayout,
  lit: string | null,
): void {
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const scale = window.devicePixelRatio || 1;
  canvas.width = layout.width * scale;
  canvas.height = layout.height * scale;
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${layout.height}px`;
  const style = getComputedStyle(canvas);
  paintLinks(pen, data, layout, {
    positive: style.getPropertyValue('color'),
    negative: style.getPropertyValue('outline-color'),
    lit,
    scale,
  });
}

const DIRECTIONS: Readonly<Record<string, { x: number; y: number } | undefined>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The closest node that way; what lies across counts three times. Without a choice the strongest. */
function neighbour(
  nodes: readonly PlacedNode[],
  from: string | null,
  { x, y }: { x: number; y: number },
): PlacedNode | null {
  const here = nodes.find(({ id }) => id === from);
  if (here === undefined) return nodes[0] ?? null;
  let best: PlacedNode | null = null;
  let least = Infinity;
  for (const node of nodes) {
    const [dx, dy] = [node.x - here.x, node.y - here.y];
    const along = dx * x + dy * y;
    if (along < 1) continue;
    const across = Math.abs(dx * y) + Math.abs(dy * x);
    if (along + 3 * across < least) [best, least] = [node, along + 3 * across];
  }
  return best;
}
