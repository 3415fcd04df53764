// The latents as a map of their decoder directions: PCA immediately, UMAP on request. Filters of the table
// fade points here; a lasso, or four numbers, filters the table.
import { useEffect, useState } from 'react';
import { AREA_UNITS, type MapKind } from '../../../core/share/tableShare';
import { firesOnText } from '../../../core/statistics/featureName';
import type { LatentRow } from '../../../engine/statistics/api';
import type { AppState } from '../../../store/state';
import { rowClusters } from '../../../store/explore/clusterView';
import { colourEnds, type MapColouring, type MapRamp } from '../../../store/explore/mapView';
import { readyClusters } from '../../../store/explore/exploreSelectors';
import { progressOf } from '../../../store/progress';
import { mapRamp } from '../../../charts/latentMap';
import { Term } from '../../parts/text/Term';
import { count, measure } from '../../parts/text/numberText';
import { ShowData } from '../../parts/ChartFigure';
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { Segmented } from '../../parts/fields/Segmented';
import { useActions, useAppState } from '../../storeContext';
import { ClusterLegend } from './ClusterLegend';
import { FindClusters } from './FindClusters';
import { MapCanvas } from './MapCanvas';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './MapPanel.module.css';

const KINDS = [
  { value: 'pca', label: 'PCA' },
  { value: 'umap', label: 'UMAP' },
] as const;
const COLOURINGS = [
  { value: 'density', label: 'Density' },
  { value: 'kurt', label: 'Kurtosis' },
  { value: 'cluster', label: 'Cluster' },
] as const;

export function MapPanel({ rows }: { rows: readonly LatentRow[] }) {
  const { area, cluster } = useAppState((state) => state.explore.filter);
  const [kind, setKind] = useState<MapKind>(area?.kind ?? 'pca');
  const [colouring, setColouring] = useState<MapColouring>(
    cluster === null ? 'density' : 'cluster',
  );
  const map = useAppState((state) => state.explore.maps[kind]);
  const clusterOf = useAppState(clusterOfRows);
  const actions = useActions();
  useEffect(() => {
    if (kind === 'pca' && map.status === 'empty') void actions.explore.map.load('pca');
  }, [kind, map.status, actions]);
  function colourBy(next: MapColouring) {
    setColouring(next);
    if (next === 'cluster') void actions.explore.map.loadClusters();
  }
  return (
    <div className={layoutStyles.stack}>
      <div className={layoutStyles.toolRow}>
        <Segmented label="Layout" value={kind} options={KINDS} onChange={setKind} />
        <Segmented label="Colour by" value={colouring} options={COLOURINGS} onChange={colourBy} />
      </div>
      {colouring === 'cluster' && <FindClusters />}
      {map.status === 'empty' && kind === 'umap' && <AskUmap />}
      {map.status === 'loading' && <Making kind={kind} />}
      {map.status === 'failed' && (
        <ProblemNote problem={map.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.map.load(kind)}
          >
            Retry
          </button>
        </ProblemNote>
      )}
      {map.status === 'ready' && (
        <>
          <MapCanvas kind={kind} places={map.value} rows={rows} colouring={colouring} />
          {colouring === 'cluster' ? <ClusterLegend /> : <Legend ramp={colouring} />}
          <AreaBoxes kind={kind} />
          <ShowData
            title={`the map, ${count(Math.min(rows.length, LISTED))} of ${count(rows.length)} features shown`}
            table={() => placeTable(map.value, rows, clusterOf)}
          />
        </>
      )}
    </div>
  );
}

const LISTED = 200;

/** clusterOf null: clusters are unknown, so they are not listed. */
function placeTable(
  places: Float32Array,
  rows: readonly LatentRow[],
  clusterOf: Uint8Array | null,
) {
  const units = (value: number | undefined) => String(Math.round(AREA_UNITS * (value ?? 0)));
  return {
    columns: ['feature', 'x', 'y', 'fires on', ...(clusterOf === null ? [] : ['cluster'])],
    rows: rows
      .slice(0, LISTED)
      .map(({ latentIndex: at, firesOn }) => [
        String(at),
        units(places[2 * at]),
        units(places[2 * at + 1]),
        firesOnText(firesOn) || '–',
        ...(clusterOf === null ? [] : [String(clusterOf[at] || '–')]),
      ]),
  };
}

/** Indexed by latent, because rows are in that order. */
function clusterOfRows(state: AppState): Uint8Array | null {
  const { rows } = state.explore;
  return rows.status === 'ready' ? rowClusters(rows.value, readyClusters(state)) : null;
}

function AskUmap() {
  const actions = useActions();
  return (
    <div className={layoutStyles.empty}>
      <strong>
        <Term of="PCA, UMAP">UMAP</Term> lays neighbours side by side
      </strong>{' '}
      <p>It takes a while for many features and is kept in this browser.</p>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => void actions.explore.map.load('umap')}
      >
        Make the UMAP
      </button>
    </div>
  );
}

function Making({ kind }: { kind: MapKind }) {
  const progress = useAppState(progressOf('map'));
  const actions = useActions();
  if (progress === null) return <p className={wordStyles.muted}>The map is about to be made…</p>;
  return (
    <ProgressBar
      label={kind === 'pca' ? 'PCA' : 'UMAP'}
      progress={progress}
      onCancel={() => void actions.explore.map.cancel()}
    />
  );
}

function Legend({ ramp }: { ramp: MapRamp }) {
  const rows = useAppState((state) => state.explore.rows);
  const ends = rows.status === 'ready' ? colourEnds(rows.value, ramp) : null;
  if (ends === null)
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>Kurtosis is not known here.</p>
    );
  const gradient = (isDark: boolean) => `linear-gradient(to right, ${mapRamp(isDark).join(', ')})`;
  return (
    <p className={classNames(styles.legend, wordStyles.small)}>
      {measure(ends[0])}
      <span
        className={classNames(styles.ramp, styles.onLight)}
        style={{ background: gradient(false) }}
      />
      <span
        className={classNames(styles.ramp, styles.onDark)}
        style={{ background: gradient(true) }}
      />
      {measure(ends[1])}{' '}
      <span className={wordStyles.muted}>{ramp === 'density' ? 'density' : 'kurtosis'}</span>
    </p>
  );
}

/** The lasso by numbers: a rectangle, in thousandths of the map's longer side. */
function AreaBoxes({ kind }: { kind: MapKind }) {
  const area = useAppState((state) => state.explore.filter.area);
  const actions = useActions();
  const box = boxOf(area?.kind === kind ? area.corners : []);
  const change = (side: keyof Box, value: number) => {
    if (!Number.isFinite(value)) return;
    const next = { ...box, [side]: Math.max(0, Math.min(AREA_UNITS, Math.round(value))) };
    const { left, right, bottom, top } = next;
    actions.explore.map.setArea({
      kind,
      corners: [left, bottom, right, bottom, right, top, left, top],
    });
  };
  return (
    <details className={dataStyles.details}>
      <summary>Area by numbers</summary>
      <div className={styles.boxes}>
        {SIDES.map(({ side, label }) => (
          <AreaBox key={side} label={label} value={box[side]} onChange={(v) => change(side, v)} />
        ))}
      </div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        In thousandths of the map’s longer side, from the bottom left.
      </p>
    </details>
  );
}

type Box = { left: number; right: number; bottom: number; top: number };
const SIDES = [
  { side: 'left', label: 'x from' },
  { side: 'right', label: 'x to' },
  { side: 'bottom', label: 'y from' },
  { side: 'top', label: 'y to' },
] as const;

function boxOf(corners: readonly number[]): Box {
  if (corners.length === 0) return { left: 0, right: AREA_UNITS, bottom: 0, top: AREA_UNITS };
  const xs = corners.filter((_, i) => i % 2 === 0);
  const ys = corners.filter((_, i) => i % 2 === 1);
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    bottom: Math.min(...ys),
    top: Math.max(...ys),
  };
}

type AreaBoxProps = { label: string; value: number; onChange: (value: number) => void };

function AreaBox({ label, value, onChange }: AreaBoxProps) {
  // The text being typed, even if it is empty or out of bounds; null: not being edited.
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <label className={classNames(styles.box, wordStyles.small)}>
      {label}
      <input
        className={inputStyles.input}
        type="number"
        min={0}
        max={AREA_UNITS}
        value={typed ?? String(value)}
        onChange={(event) => {
          setTyped(event.target.value);
          if (event.target.value !== '') onChange(Number(event.target.value));
        }}
        onBlur={() => setTyped(null)}
      />
    </label>
  );
}
