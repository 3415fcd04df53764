// A map of many points on a canvas: draws them, tells which one is meant, zooms and pans. Points are at least 3
// pixels wide. It knows places and colours, not latents or themes.
import { interpolateCividis } from 'd3-scale-chromatic';
import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent } from 'd3-zoom';
import type { Size } from './svg';

/** From map to canvas: canvas = k · map + (x, y). */
export type MapTransform = { k: number; x: number; y: number };

export type MapPoints = {
  /** x, y of each point, in [0, 1]; y grows upwards */
  places: Float32Array;
  /** 1: drawn in colour; 0: faded */
  shown: Uint8Array;
  /** colour of each point, 0 … MAP_COLOURS − 1; 255: none */
  colours: Uint8Array;
};

export type MapInk = {
  faded: string;
  text: string;
  accent: string;
  /** leaves out the end of the colours that this page would swallow */
  isDark: boolean;
};

export const MAP_COLOURS = 24;
const MARGIN = 12;
/** Pixels from a point within which a press still means it. */
const REACH = 14;

/** CSS colour of one of MAP_COLOURS: cividis, readable with any colour vision. */
export function mapColour(colour: number, isDark: boolean): string {
  const at = colour / (MAP_COLOURS - 1);
  return interpolateCividis(isDark ? 0.3 + 0.7 * at : 0.8 * at);
}

/** Side of a point's square, pixels, at this zoom. */
function pointSide(zoomFactor: number, points: number): number {
  return Math.max(3, Math.min(9, (points > 8000 ? 3 : 4) * Math.sqrt(zoomFactor)));
}

/** Where the whole map fits the canvas. */
function fit({ width, height }: Size): MapTransform {
  return { k: Math.max(1, Math.min(width, height) - 2 * MARGIN), x: MARGIN, y: MARGIN };
}

/** Map → canvas under a zoom. */
function toCanvas(zoomed: MapTransform, size: Size): MapTransform {
  const base = fit(size);
  return {
    k: base.k * zoomed.k,
    x: base.x * zoomed.k + zoomed.x,
    y: base.y * zoomed.k + zoomed.y,
  };
}

/** Place on the map under a point of the canvas. */
export function toMap(zoomed: MapTransform, size: Size, at: { x: number; y: number }) {
  const { k, x, y } = toCanvas(zoomed, size);
  return { x: (at.x - x) / k, y: 1 - (at.y - y) / k };
}

export function drawLatentMap(
  context: CanvasRenderingContext2D,
  { places, shown, colours }: MapPoints,
  o: { zoomed: MapTransform; size: Size; ink: MapInk; marked: readonly number[] },
): void {
  const { zoomed, size, ink } = o;
  const { k, x, y } = toCanvas(zoomed, size);
  context.clearRect(0, 0, size.width, size.height);
  const count = shown.length;
  const side = pointSide(zoomed.k, count);
  const square = (i: number, length: number) => {
    const left = k * places[2 * i]! + x;
    const top = k * (1 - places[2 * i + 1]!) + y;
    if (left < -length || top < -length || left > size.width + length) return;
    context.fillRect(left - length / 2, top - length / 2, length, length);
  };
  context.fillStyle = ink.faded;
  for (let i = 0; i < count; i++) if (shown[i] === 0) square(i, 3);
  // One pass a colour: changing the fill costs more than looking at every point again.
  for (const [colour, members] of byColour(colours, shown).entries()) {
    context.fillStyle = colour === MAP_COLOURS ? ink.text : mapColour(colour, ink.isDark);
    for (const i of members) square(i, side);
  }
  context.strokeStyle = ink.accent;
  context.lineWidth = 2;
  for (const i of o.marked) {
    const radius = side / 2 + 5;
    context.beginPath();
    context.arc(k * places[2 * i]! + x, k * (1 - places[2 * i + 1]!) + y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** Shown points of each colour, those without any last. */
function byColour(colours: Uint8Array, shown: Uint8Array): number[][] {
  const members = Array.from({ length: MAP_COLOURS + 1 }, (): number[] => []);
  for (let i = 0; i < shown.length; i++) {
    if (shown[i] === 1) members[Math.min(MAP_COLOURS, colours[i]!)]!.push(i);
  }
  return members;
}

/** Outline of an area, in map places. */
export function drawArea(
  context: CanvasRenderingContext2D,
  corners: readonly number[],
  o: { zoomed: MapTransform; size: Size; ink: MapInk },
): void {
  const { k, x, y } = toCanvas(o.zoomed, o.size);
  context.beginPath();
  for (let i = 0; i < corners.length; i += 2) {
    context.lineTo(k * corners[i]! + x, k * (1 - corners[i + 1]!) + y);
  }
  context.closePath();
  context.strokeStyle = o.ink.accent;
  context.lineWidth = 1.5;
  context.stroke();
}

/** The shown point meant at a place of the canvas; null when none is near. */
export function pointAt(
  { places, shown }: MapPoints,
  o: { zoomed: MapTransform; size: Size; at: { x: number; y: number } },
): number | null {
  const { k, x, y } = toCanvas(o.zoomed, o.size);
  let best: number | null = null;
  let nearest = REACH * REACH;
  for (let i = 0; i < shown.length; i++) {
    if (shown[i] === 0) continue;
    const dx = k * places[2 * i]! + x - o.at.x;
    const dy = k * (1 - places[2 * i + 1]!) + y - o.at.y;
    const distance = dx * dx + dy * dy;
    if (distance > nearest) continue;
    nearest = distance;
    best = i;
  }
  return best;
}

export type MapZoom = {
  by: (factor: number) => void;
  reset: () => void;
  dispose: () => void;
};

/** Wheel and pinch zoom, dragging pans where `pans()` says so. */
export function attachMapZoom(
  canvas: HTMLCanvasElement,
  o: { pans: () => boolean; onZoom: (transform: MapTransform) => void },
): MapZoom {
  const behaviour = zoom<HTMLCanvasElement, unknown>()
    .scaleExtent([0.5, 40])
    .filter((event: Event) => event.type === 'wheel' || o.pans())
    .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
      o.onZoom({ k: transform.k, x: transform.x, y: transform.y });
    });
  const target = select(canvas);
  // A double click opens nothing and zooms nothing: both its clicks mean the point.
  target.call(behaviour).on('dblclick.zoom', null);
  return {
    by: (factor) => target.call((selection) => behaviour.scaleBy(selection, factor)),
    reset: () => target.call((selection) => behaviour.transform(selection, zoomIdentity)),
    dispose: () => void target.on('.zoom', null),
  };
}
