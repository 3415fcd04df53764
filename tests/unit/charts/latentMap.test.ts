// The map's drawing, pixel by pixel, and its cluster colours as people of every colour vision see them.
import { describe, expect, it } from 'vitest';
import {
  CLUSTER_COLOURS,
  drawLatentMap,
  mapRamp,
  type MapTransform,
} from '../../../src/charts/latentMap';
import { MAX_CLUSTERS } from '../../../src/core/explore/latentClusters';

const SIDE = 124;
const INK = {
  faded: '#00000018',
  text: '#0000ff',
  accent: '#000',
  palette: ['#ff0000', '#00ff00'],
};

/** RGBA at a place of the page's pixels; null where nothing was drawn. */
function paint(
  points: { places: number[]; shown: number[]; colours: number[] },
  o: { scale?: number; zoomed?: MapTransform } = {},
) {
  const { scale = 1, zoomed = { k: 1, x: 0, y: 0 } } = o;
  const width = SIDE * scale;
  const image = { width, height: width, data: new Uint8ClampedArray(4 * width * width).fill(9) };
  const context = { putImageData: () => undefined } as unknown as CanvasRenderingContext2D;
  const made = {
    places: Float32Array.from(points.places),
    shown: Uint8Array.from(points.shown),
    colours: Uint8Array.from(points.colours),
  };
  const look = { zoomed, size: { width: SIDE, height: SIDE }, ink: INK, marked: [] };
  drawLatentMap({ context, image: image as unknown as ImageData }, made, look);
  const at = (x: number, y: number) => {
    const from = 4 * (Math.floor(y * scale) * width + Math.floor(x * scale));
    const rgba = [...image.data.subarray(from, from + 4)];
    return rgba[3] === 0 ? null : rgba;
  };
  const inked = image.data.filter((_, i) => i % 4 === 3 && image.data[i] !== 0).length;
  return { at, inked };
}

const [RED, GREEN, BLUE, FADED] = [
  [255, 0, 0, 255],
  [0, 255, 0, 255],
  [0, 0, 255, 255],
  [0, 0, 0, 24],
];

describe('the drawing', () => {
  it.each([1, 2, 1.25])(
    'puts squares where the places are, at %s device pixels in one',
    (scale) => {
      const { at, inked } = paint(
        { places: [0, 0, 1, 1, 0.5, 0.25, 0.5, 0.5], shown: [1, 1, 0, 1], colours: [1, 0, 0, 255] },
        { scale },
      );
      // y grows upwards
      expect(at(12, 112)).toEqual(GREEN);
      expect(at(112, 12)).toEqual(RED);
      expect(at(62, 87)).toEqual(FADED);
      expect(at(62, 62)).toEqual(BLUE);
      expect(at(70, 62)).toBeNull();
      expect(inked).toBe(3 * Math.round(4 * scale) ** 2 + Math.round(3 * scale) ** 2);
    },
  );

  it('lays coloured points over those without a colour, and both over faded ones', () => {
    const same = { places: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5] };
    expect(paint({ ...same, shown: [1, 1, 0], colours: [1, 255, 0] }).at(62, 62)).toEqual(GREEN);
    expect(paint({ ...same, shown: [1, 0, 0], colours: [255, 0, 0] }).at(62, 62)).toEqual(BLUE);
  });

  it('cuts what lies across an edge, leaves out what lies beyond, and grows points in zooming', () => {
    // 12 of margin, 100 a unit: the first at x = 0, the second beyond the left edge, the third beyond the top.
    const { at, inked } = paint({
      places: [-0.12, 0.5, -0.2, 0.5, 0.5, 1.2],
      shown: [1, 1, 1],
      colours: [0, 0, 0],
    });
    expect(at(0, 62)).toEqual(RED);
    expect(inked).toBe(2 * 4);
    const zoomed = { k: 4, x: -200, y: -200 };
    const near = paint({ places: [0.5, 0.5], shown: [1], colours: [0] }, { zoomed });
    expect(near.inked).toBe(8 * 8);
    expect(near.at(4 * 62 - 200, 4 * 62 - 200)).toEqual(RED);
  });
});

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const VISIONS: Record<string, number[][]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(css: string): number[] {
  const parts = css.startsWith('#')
    ? [1, 3, 5].map((at) => parseInt(css.slice(at, at + 2), 16))
    : (css.match(/\d+/g) ?? []).map(Number);
  return parts.map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function times(matrix: number[][], vector: number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0));
}

/** OKLab (Ottosson 2020), times 100: a difference of 2 is just seen. */
function seen(css: string, vision: number[][]): number[] {
  const rgb = times(vision, linear(css)).map((value) => Math.max(0, Math.min(1, value)));
  const cones = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ];
  const lab = [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ];
  return times(lab, times(cones, rgb).map(Math.cbrt)).map((value) => 100 * value);
}

function contrast(a: string, b: string): number {
  const luminance = (css: string) => times([[0.2126, 0.7152, 0.0722]], linear(css))[0]!;
  const [dark, light] = [luminance(a), luminance(b)].sort((p, q) => p - q);
  return (light! + 0.05) / (dark! + 0.05);
}

describe('colours of clusters', () => {
  const apart = (a: string, b: string, vision: number[][]) =>
    Math.hypot(...seen(a, vision).map((value, i) => value - seen(b, vision)[i]!));

  it('are as many as there are clusters', () => {
    expect(CLUSTER_COLOURS).toHaveLength(MAX_CLUSTERS);
  });

  it.each(Object.entries(VISIONS))('stay apart with %s', (_name, vision) => {
    const distances = CLUSTER_COLOURS.flatMap((a, i) =>
      CLUSTER_COLOURS.slice(0, i).map((b) => apart(a, b, vision)),
    );
    // Okabe and Ito's seven, made for this, come to 7.6; Observable10 to 2.0.
    expect(Math.min(...distances)).toBeGreaterThan(7);
    // The grey of points without a cluster, on either page.
    const greys = CLUSTER_COLOURS.map((colour) =>
      Math.min(apart(colour, '#545b67', vision), apart(colour, '#a6adbb', vision)),
    );
    expect(Math.min(...greys)).toBeGreaterThan(4);
  });

  it.each(['#ffffff', '#14161a'])('stand out from the page %s', (page) => {
    const own = CLUSTER_COLOURS.map((colour) => contrast(colour, page));
    expect(Math.min(...own)).toBeGreaterThan(2);
  });
});

it('leaves out the end of the ramp that the page would swallow', () => {
  for (const [isDark, page] of [
    [false, '#ffffff'],
    [true, '#14161a'],
  ] as const) {
    expect(Math.min(...mapRamp(isDark).map((colour) => contrast(colour, page)))).toBeGreaterThan(
      1.9,
    );
  }
});
