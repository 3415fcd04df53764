// A map of many points on a canvas: draws them, finds the one under the pointer, zooms and pans. Points are
// at least 3 pixels wide. It knows positions and colours, not latents or themes.
import { interpolateCividis, rgb, select, zoom, zoomIdentity, type D3ZoomEvent } from 'd3';
import type { Size } from './svg';

/** From map to canvas: canvas = k · map + (x, y). */
export type MapTransform = { k: number; x: number; y: number };

export type MapPoints = {
  /** x, y of each point, in [0, 1]; y grows upwards */
  places: Float32Array;
  /** 1: drawn in colour; 0: faded */
  shown: Uint8Array;
  /** index of each point's colour in the palette; 255: none */
  colours: Uint8Array;
};

export type MapInk = {
  faded: string;
  text: string;
  accent: string;
  palette: readonly string[];
};

/** Colours of a ramp. */
export const MAP_COLOURS = 24;

/** Ten colours from d3's categorical schemes that every kind of colour vision can distinguish on a light
 *  and a dark page; no scheme does so as a whole (latentMap.test.ts checks this). */
export const CLUSTER_COLOURS = [
  ...['#1f77b4', '#bf5b17', '#4daf4a', '#6a3d9a', '#bcbd22'],
  ...['#e7298a', '#8c564b', '#a463f2', '#fb9a99', '#bc80bd'],
] as const;

const MARGIN = 12;
/** A press within this many pixels selects a point. */
const REACH = 14;

/** MAP_COLOURS CSS colours of cividis, readable with any colour vision, without the end that would be
 *  invisible on this page. */
export function mapRamp(isDark: boolean): string[] {
  return Array.from({ length: MAP_COLOURS }, (_, i) => {
    const at = i / (MAP_COLOURS - 1);
    return interpolateCividis(isDark ? 0.3 + 0.7 * at : 0.8 * at);
  });
}

/** Side of a point's square, pixels, at this zoom. */
function pointSide(zoomFactor: number, points: number): number {
  return Math.max(3, Math.min(9, (points > 8000 ? 3 : 4) * Math.sqrt(zoomFactor)));
}

/** The zoom at which the whole map fits the canvas, in its middle. */
function fit({ width, height }: Size): MapTransform {
  const k = Math.max(1, Math.min(width, height) - 2 * MARGIN);
  return { k, x: Math.max(MARGIN, (width - k) / 2), y: Math.max(MARGIN, (height - k) / 2) };
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

/** Map position under a point of the canvas. */
export function toMap(zoomed: MapTransform, size: Size, at: { x: number; y: number }) {
  const { k, x, y } = toCanvas(zoomed, size);
  return { x: (at.x - x) / k, y: 1 - (at.y - y) / k };
}

/** Where to draw: the canvas, and a pixel buffer of its size in device pixels, kept between frames. */
export type MapSheet = { context: CanvasRenderingContext2D; image: ImageData };

export function drawLatentMap(
  { context, image }: MapSheet,
  points: MapPoints,
  o: { zoomed: MapTransform; size: Size; ink: MapInk; marked: readonly number[] },
): void {
  const { zoomed, size, ink } = o;
  const { k, x, y } = toCanvas(zoomed, size);
  const { places, shown } = points;
  const side = pointSide(zoomed.k, shown.length);
  paintPoints(image, points, { place: { k, x, y }, scale: image.width / size.width, side, ink });
  context.putImageData(image, 0, 0);
  context.strokeStyle = ink.accent;
  context.lineWidth = 2;
  for (const i of o.marked) {
    const radius = side / 2 + 5;
    context.beginPath();
    context.arc(k * places[2 * i]! + x, k * (1 - places[2 * i + 1]!) + y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** Side of a faded point, pixels. */
const FADED_SIDE = 3;

/** Writes pixels directly: with 16,384 fillRects a frame a software canvas reaches half the frame rate. Faded
 *  points are drawn first, then those without colour. scale: device pixels per CSS pixel. */
function paintPoints(
  image: ImageData,
  { places, shown, colours }: MapPoints,
  o: { place: MapTransform; scale: number; side: number; ink: MapInk },
): void {
  const { place, scale, ink } = o;
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(0);
  const { width, height } = image;
  const square = (i: number, length: number, colour: number) => {
    const pixelSide = Math.round(length * scale);
    const left = Math.round(scale * (place.k * places[2 * i]! + place.x) - pixelSide / 2);
    const top = Math.round(scale * (place.k * (1 - places[2 * i + 1]!) + place.y) - pixelSide / 2);
    const from = Math.max(0, left);
    const to = Math.min(width, left + pixelSide);
    const bottom = Math.min(height, top + pixelSide);
    for (let row = Math.max(0, top); row < bottom; row++) {
      // For three pixels a loop is faster than fill().
      for (let at = row * width + from; at < row * width + to; at++) pixels[at] = colour;
    }
  };
  const [faded, text, palette] = [packed(ink.faded), packed(ink.text), ink.palette.map(packed)];
  for (let i = 0; i < shown.length; i++) if (shown[i] === 0) square(i, FADED_SIDE, faded);
  for (const isColoured of [false, true]) {
    for (let i = 0; i < shown.length; i++) {
      const colour = palette[colours[i]!];
      if (shown[i] === 1 && isColoured === (colour !== undefined)) {
        square(i, o.side, colour ?? text);
      }
    }
  }
}

/** RGBA bytes as one little-endian number (every machine with WebGPU is little-endian). */
function packed(css: string): number {
  const { r, g, b, opacity } = rgb(css);
  return ((Math.round(255 * opacity) << 24) | (b << 16) | (g << 8) | r) >>> 0;
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

/** The visible point nearest to a canvas position; null if none is near. */
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

/** A pinch zooms, and so does the wheel with Ctrl or ⌘: without, it scrolls what the map stands in. Dragging pans if
 *  `pans()` is true. */
export function attachMapZoom(
  canvas: HTMLCanvasElement,
  o: { pans: () => boolean; onZoom: (transform: MapTransform) => void },
): MapZoom {
  const behaviour = zoom<HTMLCanvasElement, unknown>()
    .scaleExtent([0.5, 40])
    .filter((event: MouseEvent) =>
      event.type === 'wheel' ? event.ctrlKey || event.metaKey : o.pans() && !event.button,
    )
    .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
      o.onZoom({ k: transform.k, x: transform.x, y: transform.y });
    });
  const target = select(canvas);
  // A double click does not zoom: both of its clicks select the point.
  target.call(behaviour).on('dblclick.zoom', null);
  return {
    by: (factor) => target.call((selection) => behaviour.scaleBy(selection, factor)),
    reset: () => target.call((selection) => behaviour.transform(selection, zoomIdentity)),
    dispose: () => void target.on('.zoom', null),
  };
}
