// The table of latents with its search, chips and filters, or why there is none yet; or the map instead, on
// request.
import { useState } from 'react';
import type { LatentRow } from '../../../engine/statistics/api';
import type { Liveness } from '../../../store/explore/exploreState';
import { livenessCounts, visibleRows } from '../../../store/explore/latentOrder';
import { rowNotes } from '../../../store/statistics/rowNotes';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { tableCsv } from '../../../store/explore/tableCsv';
import { textValues } from '../../../store/explore/textValues';
import { saveBlob } from '../../files';
import { count } from '../../parts/numberText';
import { Icon } from '../../parts/Icon';
import { ProblemNote } from '../../parts/Messages';
import { Segmented } from '../../parts/fields/Segmented';
import { lazyPart } from '../../parts/load/lazyPart';
import { useActions, useAppState, useReadState } from '../../storeContext';
import { BirthSteps } from '../BirthSteps';
import { GuessTools } from '../GuessTools';
import { LatentTable } from './LatentTable';
import { StatisticsAgain, StatisticsPanel } from '../StatisticsPanel';
import { FilterChips, TableFilters } from './TableFilters';
import { TextSearch } from './TextSearch';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LatentTablePanel.module.css';

// Separate chunks, loaded when opened.
const MapPanel = lazyPart(
  'The map',
  async () => (await import('../map/MapPanel')).MapPanel,
  <TableSkeleton />,
);
const ComparePanel = lazyPart(
  'The comparison',
  async () => (await import('../compare/ComparePanel')).ComparePanel,
  <TableSkeleton />,
);

type WideProps = { isWide: boolean; onWide: (isWide: boolean) => void };

export function LatentTablePanel({ isWide, onWide }: WideProps) {
  const sae = useAppState(selectedSae);
  const rows = useAppState((state) => state.explore.rows);
  const actions = useActions();
  if (sae === null) return null;
  return (
    <section className={layoutStyles.panel} aria-label="Features">
      <StatisticsPanel sae={sae} />
      {rows.status === 'loading' && <TableSkeleton />}
      {rows.status === 'failed' && (
        <>
          <ProblemNote problem={rows.problem}>
            <button
              type="button"
              className={controlStyles.button}
              onClick={() => void actions.explore.loadRows()}
            >
              Retry
            </button>
          </ProblemNote>
          <StatisticsAgain />
        </>
      )}
      {rows.status === 'ready' && <FilteredTable isWide={isWide} onWide={onWide} />}
    </section>
  );
}

const VIEWS = [
  { value: 'table', label: 'Table' },
  { value: 'map', label: 'Map' },
  { value: 'compare', label: 'Compare' },
] as const;
type View = (typeof VIEWS)[number]['value'];

function FilteredTable({ isWide, onWide }: WideProps) {
  const rows = useAppState(visibleRows);
  const [view, setView] = useState<View>('table');
  return (
    <>
      <TableTools shown={rows.length} />
      <div className={styles.folds}>
        <StarredOnly />
        <GuessTools />
        <TextSearch />
        <TableFilters />
        <StatisticsAgain />
      </div>
      <FilterChips />
      <BirthSteps />
      <div className={layoutStyles.toolRow}>
        <Segmented label="Show features as" value={view} options={VIEWS} onChange={setView} />
        <span className={classNames(wordStyles.muted, wordStyles.small, styles.count)}>
          {count(rows.length)} shown
        </span>
        <CsvButton />
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, styles.wide)}
          aria-pressed={isWide}
          onClick={() => onWide(!isWide)}
        >
          {isWide ? 'Narrow' : 'Wide'}
        </button>
      </div>
      <FeatureView view={view} rows={rows} />
    </>
  );
}

function FeatureView({ view, rows }: { view: View; rows: readonly LatentRow[] }) {
  switch (view) {
    case 'compare':
      return <ComparePanel />;
    case 'map':
      return <MapPanel rows={rows} />;
    case 'table':
      return rows.length > 0 ? <LatentTable rows={rows} /> : <NoMatch />;
    default:
      return view satisfies never;
  }
}

function CsvButton() {
  const readState = useReadState();
  function save() {
    const state = readState();
    const { explore } = state;
    const all = explore.rows.status === 'ready' ? explore.rows.value : [];
    const found = explore.filter.inText ? textValues(explore.textSearch, all) : null;
    const text = tableCsv(visibleRows(state), rowNotes(state.statistics.notes.byLatent), found);
    const name = selectedSae(state)?.name ?? 'features';
    saveBlob(new Blob([text], { type: 'text/csv;charset=utf-8' }), `${name}-features.csv`);
  }
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.quiet)}
      title="What the table shows now"
      onClick={save}
    >
      <Icon name="download" />
      CSV
    </button>
  );
}

/** What the counts beside it are of. */
function CountedOn() {
  const sae = useAppState(selectedSae);
  if (sae === null || sae.statisticsTokens === 0) return null;
  return (
    <span className={classNames(wordStyles.muted, wordStyles.small)}>
      of {count(sae.statisticsTokens)} tokens: dead on none, dense on more than 10 %
    </span>
  );
}

function TableTools({ shown }: { shown: number }) {
  const rows = useAppState((state) => state.explore.rows);
  const search = useAppState((state) => state.explore.search);
  const liveness = useAppState((state) => state.explore.liveness);
  const actions = useActions();
  const counts = livenessCounts(rows.status === 'ready' ? rows.value : NO_ROWS);
  const options: { value: Liveness; label: string }[] = [
    { value: 'all', label: `All ${count(counts.all)}` },
    { value: 'live', label: `Live ${count(counts.live)}` },
    { value: 'dead', label: `Dead ${count(counts.dead)}` },
    { value: 'on', label: `Dense ${count(counts.on)}` },
  ];
  return (
    <div className={layoutStyles.toolRow}>
      <input
        className={inputStyles.input}
        type="search"
        placeholder="Index, label, note, token or guess"
        aria-label="Search features by index, label, note, token or guessed label"
        data-shortcut="search"
        value={search}
        onChange={(event) => actions.explore.table.setSearch(event.target.value)}
      />
      <Segmented
        label="Which features"
        value={liveness}
        options={options}
        onChange={actions.explore.table.setLiveness}
      />
      <CountedOn />
      <span className={wordStyles.visuallyHidden} aria-live="polite">
        {count(shown)} features shown
      </span>
    </div>
  );
}

const NO_ROWS: readonly [] = [];

function StarredOnly() {
  const starredOnly = useAppState((state) => state.explore.filter.starredOnly);
  const actions = useActions();
  return (
    <label className={classNames(controlStyles.check, wordStyles.small)}>
      <input
        type="checkbox"
        checked={starredOnly}
        onChange={(event) => actions.explore.table.setStarredOnly(event.target.checked)}
      />
      Starred only
    </label>
  );
}

function NoMatch() {
  const actions = useActions();
  return (
    <div className={layoutStyles.empty}>
      <strong>No feature matches</strong>
      <button
        type="button"
        className={controlStyles.button}
        onClick={actions.explore.table.clearFilters}
      >
        Clear search
      </button>
    </div>
  );
}

function TableSkeleton() {
  return (
    <div className={layoutStyles.stack} role="status" aria-label="Loading features">
      {Array.from({ length: 8 }, (_, i) => (
        <div key={i} className={layoutStyles.skeleton} />
      ))}
    </div>
  );
}
