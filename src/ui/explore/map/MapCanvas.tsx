// The canvas of the map: hover names a feature, a click opens it, dragging pans or, with the lasso, marks
// an area. Draws at most once a frame.
import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type MouseEvent,
  type PointerEvent,
} from 'react';
import {
  CLUSTER_COLOURS,
  MAP_COLOURS,
  attachMapZoom,
  drawArea,
  drawLatentMap,
  mapRamp,
  pointAt,
  toMap,
  type MapInk,
  type MapTransform,
  type MapZoom,
} from '../../../charts/latentMap';
import { simplifyPolygon } from '../../../core/numeric/polygon';
import { AREA_UNITS, MAX_CORNERS, type MapKind } from '../../../core/share/tableShare';
import type { LatentRow } from '../../../engine/statistics/api';
import { rowClusters } from '../../../store/explore/clusterView';
import {
  clusterColours,
  mapColours,
  shownOnMap,
  type MapColouring,
} from '../../../store/explore/mapView';
import { readyClusters } from '../../../store/explore/exploreSelectors';
import { useMedia } from '../../hooks/useMedia';
import { useWidth } from '../../hooks/useWidth';
import { FeatureCardOf } from '../../parts/feature/FeatureCardOf';
import { count } from '../../parts/text/numberText';
import { Segmented } from '../../parts/fields/Segmented';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import figureStyles from '../../parts/look/figure.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './MapCanvas.module.css';

type MapCanvasProps = {
  kind: MapKind;
  places: Float32Array;
  /** features that pass every filter */
  rows: readonly LatentRow[];
  colouring: MapColouring;
};

const DRAGS = [
  { value: 'pan', label: 'Pan' },
  { value: 'lasso', label: 'Lasso' },
] as const;
type Drag = (typeof DRAGS)[number]['value'];

export function MapCanvas({ kind, places, rows, colouring }: MapCanvasProps) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(holder);
  const size = useMemo(() => ({ width, height: Math.min(width, 520) }), [width]);
  const [drag, setDrag] = useState<Drag>('pan');
  const [zoomed, setZoomed] = useState<MapTransform>({ k: 1, x: 0, y: 0 });
  const [lasso, setLasso] = useState<readonly number[]>([]);
  const [hovered, setHovered] = useState<number | null>(null);
  const actions = useActions();
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const area = useAppState((state) => state.explore.filter.area);
  const points = useMapPoints(places, rows, colouring);
  const zoomer = useZoom(canvas, drag, setZoomed);
  const ink = useInk(colouring);
  const image = useRef<ImageData | null>(null);

  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = prepare(canvas.current, size);
      if (context === null) return;
      image.current = imageFor(context.canvas, image.current);
      const marked = [latentIndex, hovered].filter((at) => at !== null);
      const look = { zoomed, size, ink: ink(canvas.current) };
      drawLatentMap({ context, image: image.current }, points, { ...look, marked });
      if (area?.kind === kind) {
        drawArea(
          context,
          area.corners.map((corner) => corner / AREA_UNITS),
          look,
        );
      }
      if (lasso.length > 0) drawArea(context, lasso, look);
    });
    return () => cancelAnimationFrame(frame);
  }, [points, zoomed, size, ink, latentIndex, hovered, area, kind, lasso]);

  function onMove(event: PointerEvent<HTMLCanvasElement>) {
    if (lasso.length > 0) {
      const { x, y } = toMap(zoomed, size, placeOn(event));
      setLasso([...lasso, x, y]);
      // No feature is named during a drag.
    } else if (event.buttons === 0)
      setHovered(pointAt(points, { zoomed, size, at: placeOn(event) }));
  }
  function onDown(event: PointerEvent<HTMLCanvasElement>) {
    if (drag !== 'lasso') return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { x, y } = toMap(zoomed, size, placeOn(event));
    setLasso([x, y]);
  }
  function onUp() {
    if (lasso.length >= 6) actions.explore.map.setArea({ kind, corners: areaCorners(lasso) });
    setLasso([]);
  }
  const named = hovered ?? latentIndex;
  const saeId = useAppState((state) => state.sae.selectedId);
  return (
    <figure className={figureStyles.figure}>
      <div className={layoutStyles.toolRow}>
        <Segmented label="Dragging" value={drag} options={DRAGS} onChange={setDrag} />
        <ZoomButtons zoomer={zoomer} />
      </div>
      <div ref={holder} className={styles.holder}>
        <canvas
          ref={canvas}
          className={drag === 'lasso' ? classNames(styles.canvas, styles.lasso) : styles.canvas}
          role="img"
          aria-label={mapSentence({ kind, colouring }, rows.length, points.shown.length)}
          style={{ width: size.width, height: size.height }}
          onPointerDown={onDown}
          onPointerMove={onMove}
          onPointerUp={onUp}
          onPointerLeave={() => setHovered(null)}
          onClick={(event) => {
            if (drag !== 'pan') return;
            const found = pointAt(points, { zoomed, size, at: placeOn(event) });
            if (found !== null) actions.explore.selectLatent(found);
          }}
        />
        {named !== null && saeId !== null && (
          <div className={styles.card}>
            <FeatureCardOf
              saeId={saeId}
              latentIndex={named}
              isChosen={named === latentIndex}
              onOpen={() => actions.explore.selectLatent(named)}
            />
          </div>
        )}
      </div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Point at a feature to see it, click to open it. Ctrl and the wheel, or two fingers, zoom.
      </p>
    </figure>
  );
}

/** Where the pointer is, in pixels of the canvas. */
function placeOn(event: MouseEvent<HTMLCanvasElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function ZoomButtons({ zoomer }: { zoomer: React.RefObject<MapZoom | null> }) {
  const buttons = [
    { label: 'Zoom in', text: '+', press: () => zoomer.current?.by(1.5) },
    { label: 'Zoom out', text: '−', press: () => zoomer.current?.by(1 / 1.5) },
    { label: 'Show the whole map', text: 'Whole', press: () => zoomer.current?.reset() },
  ];
  return (
    <div className={layoutStyles.buttonRow}>
      {buttons.map(({ label, text, press }) => (
        <button
          key={label}
          type="button"
          className={classNames(controlStyles.button, controlStyles.smallButton)}
          aria-label={label}
          onClick={press}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

function useMapPoints(places: Float32Array, rows: readonly LatentRow[], colouring: MapColouring) {
  const all = useAppState(({ explore }) => explore.rows);
  const clusters = useAppState(readyClusters);
  return useMemo(() => {
    const everything = all.status === 'ready' ? all.value : [];
    return {
      places,
      shown: shownOnMap(rows, places.length / 2),
      colours:
        colouring === 'cluster'
          ? clusterColours(everything, rowClusters(everything, clusters))
          : mapColours(everything, colouring, MAP_COLOURS),
    };
  }, [places, rows, colouring, all, clusters]);
}

function useZoom(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  drag: Drag,
  onZoom: (transform: MapTransform) => void,
) {
  const zoomer = useRef<MapZoom | null>(null);
  const isPanning = useRef(true);
  useEffect(() => {
    isPanning.current = drag === 'pan';
  }, [drag]);
  useEffect(() => {
    if (canvas.current === null) return;
    const made = attachMapZoom(canvas.current, { pans: () => isPanning.current, onZoom });
    zoomer.current = made;
    return () => made.dispose();
  }, [canvas, onZoom]);
  return zoomer;
}

/** Reads the page's colours from the canvas; a new function when the theme may have changed. */
function useInk(colouring: MapColouring): (canvas: HTMLCanvasElement | null) => MapInk {
  const theme = useAppState((state) => state.shell.theme);
  const prefersDark = useMedia('(prefers-color-scheme: dark)');
  return useMemo(() => {
    const isDark = theme === 'dark' || (theme === 'auto' && prefersDark);
    const palette = colouring === 'cluster' ? CLUSTER_COLOURS : mapRamp(isDark);
    return (canvas) => {
      const style = canvas === null ? null : getComputedStyle(canvas);
      return {
        faded: isDark ? '#ffffff22' : '#00000018',
        text: style?.color ?? '#888888',
        accent: style?.outlineColor ?? '#0a58ca',
        palette,
      };
    };
  }, [theme, prefersDark, colouring]);
}

/** Sharp on any screen; null without a 2-D context. */
function prepare(canvas: HTMLCanvasElement | null, size: { width: number; height: number }) {
  const context = canvas?.getContext('2d') ?? null;
  if (canvas === null || context === null) return null;
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

/** Reuses the pixel buffer while the canvas keeps its size. */
function imageFor({ width, height }: HTMLCanvasElement, before: ImageData | null): ImageData {
  const fits = before?.width === width && before.height === height;
  return fits ? before : new ImageData(width, height);
}

function areaCorners(lasso: readonly number[]): number[] {
  return simplifyPolygon(lasso, MAX_CORNERS).map((place) =>
    Math.max(0, Math.min(AREA_UNITS, Math.round(place * AREA_UNITS))),
  );
}

const COLOURED_BY = { density: 'density', kurt: 'kurtosis', cluster: 'cluster' } as const;

function mapSentence(
  { kind, colouring }: Pick<MapCanvasProps, 'kind' | 'colouring'>,
  shown: number,
  all: number,
): string {
  const name = kind === 'pca' ? 'PCA' : 'UMAP';
  return `${name} map of ${count(all)} directions; ${count(shown)} pass the filters of the table. Coloured by ${COLOURED_BY[colouring]}.`;
}
