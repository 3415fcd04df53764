// The left pane: finds features and lists them as cards, table or map, or beside those of another SAE; or says why there
// are none yet.
import { useLayoutEffect, useRef } from 'react';
import { LIST_VIEWS, type ListView } from '../../../core/share/tableShare';
import type { LatentRow } from '../../../engine/statistics/api';
import { visibleRows } from '../../../store/explore/latentOrder';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { useMedia } from '../../hooks/useMedia';
import { ProblemNote } from '../../parts/Messages';
import { Segmented } from '../../parts/fields/Segmented';
import { lazyPart } from '../../parts/load/lazyPart';
import { useActions, useAppState } from '../../storeContext';
import { SaeFitNote } from '../../parts/SaeFitNote';
import { StatisticsAgain, StatisticsPanel } from '../StatisticsPanel';
import { LatentTable } from '../table/LatentTable';
import { ListWork } from './ListWork';
import { ArrangeMenu } from './ArrangeMenu';
import { CardGrid } from './CardGrid';
import { ListChips } from './ListChips';
import { ListFoot } from './ListFoot';
import { SearchLine } from './SearchLine';
import { TextResult } from './TextResult';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './ListPane.module.css';

// Separate chunks, loaded when opened.
const MapPanel = lazyPart(
  'The map',
  async () => (await import('../map/MapPanel')).MapPanel,
  <ListSkeleton />,
);
const ComparePanel = lazyPart(
  'The comparison',
  async () => (await import('../compare/ComparePanel')).ComparePanel,
  <ListSkeleton />,
);

const FollowPanel = lazyPart(
  'The training run',
  async () => (await import('../follow/FollowPanel')).FollowPanel,
  <ListSkeleton />,
);

/** isHidden: another pane stands in its place; it keeps where it was scrolled to. */
export function ListPane({ isHidden }: { isHidden: boolean }) {
  const sae = useAppState(selectedSae);
  const isListed = useAppState((state) => state.sae.list !== null);
  const pane = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    // Who opened a feature by keyboard goes on in what stands here now.
    const hadFocus = pane.current?.contains(document.activeElement) === true;
    if (isHidden && hadFocus) document.getElementById('latent-name')?.focus();
  }, [isHidden]);
  return (
    <section
      ref={pane}
      className={classNames(styles.pane, isHidden && styles.hidden)}
      aria-label="Features"
      inert={isHidden}
    >
      {sae === null ? isListed ? <NoSae /> : <ListSkeleton /> : <Listed key={sae.saeId} />}
      {sae !== null && (
        <div className={styles.fit}>
          <SaeFitNote sae={sae} />
        </div>
      )}
    </section>
  );
}

function Listed() {
  const rows = useAppState((state) => state.explore.rows);
  const sae = useAppState(selectedSae);
  const actions = useActions();
  if (sae === null) return null;
  switch (rows.status) {
    case 'empty':
      return <StatisticsPanel sae={sae} />;
    case 'loading':
      return <ListSkeleton />;
    case 'failed':
      return (
        <div className={styles.notice}>
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
        </div>
      );
    case 'ready':
      return <List saeId={sae.saeId} all={rows.value.length} />;
    default:
      return rows satisfies never;
  }
}

function List({ saeId, all }: { saeId: string; all: number }) {
  const rows = useAppState(visibleRows);
  const listAs = useAppState((state) => state.explore.listAs);
  return (
    <>
      <div className={styles.head}>
        <div className={styles.line}>
          <SearchLine />
          <ViewChoice />
          <ArrangeMenu />
        </div>
        <ListChips />
        <TextResult />
      </div>
      <FeatureList saeId={saeId} listAs={listAs} rows={rows} />
      <ListWork />
      <ListFoot shown={rows.length} all={all} />
    </>
  );
}

const VIEW_NAMES: Readonly<Record<ListView, string>> = {
  cards: 'Cards',
  table: 'Table',
  map: 'Map',
  compare: 'Compare',
  training: 'Training',
};
const VIEWS = LIST_VIEWS.map((value) => ({ value, label: VIEW_NAMES[value] }));

function ViewChoice() {
  const listAs = useAppState((state) => state.explore.listAs);
  const isNarrow = useMedia('(max-width: 639px)');
  const { showAs } = useActions().explore.table;
  const label = 'Show features as';
  if (!isNarrow)
    return <Segmented label={label} value={listAs} options={VIEWS} onChange={showAs} />;
  return (
    <div className={classNames(inputStyles.select, styles.select)}>
      <select
        className={inputStyles.input}
        aria-label={label}
        value={listAs}
        onChange={(event) => {
          const chosen = LIST_VIEWS.find((view) => view === event.target.value);
          if (chosen !== undefined) showAs(chosen);
        }}
      >
        {VIEWS.map(({ value, label: name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

type FeatureListProps = { saeId: string; listAs: ListView; rows: readonly LatentRow[] };

function FeatureList({ saeId, listAs, rows }: FeatureListProps) {
  switch (listAs) {
    case 'compare':
      return (
        <div className={styles.scroll}>
          <ComparePanel />
        </div>
      );
    case 'training':
      return (
        <div className={styles.scroll}>
          <FollowPanel />
        </div>
      );
    case 'map':
      return (
        <div className={styles.scroll}>
          <MapPanel rows={rows} />
        </div>
      );
    case 'table':
      return rows.length > 0 ? <LatentTable rows={rows} /> : <NoMatch />;
    case 'cards':
      return rows.length > 0 ? <CardGrid saeId={saeId} rows={rows} /> : <NoMatch />;
    default:
      return listAs satisfies never;
  }
}

function NoMatch() {
  const actions = useActions();
  return (
    <div className={classNames(styles.notice, layoutStyles.empty)}>
      <strong>No feature matches</strong>
      <button
        type="button"
        className={controlStyles.button}
        onClick={actions.explore.table.clearFilters}
      >
        Show all features
      </button>
    </div>
  );
}

function NoSae() {
  const actions = useActions();
  return (
    <div className={classNames(styles.notice, layoutStyles.empty)}>
      <strong>There is no SAE here yet</strong>
      <p>An SAE splits what the model computes into features. Train one, or drop its files here.</p>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        onClick={() => actions.shell.show('train')}
      >
        Train one
      </button>
    </div>
  );
}

function ListSkeleton() {
  return (
    <div className={styles.notice} role="status" aria-label="Loading features">
      <span className={wordStyles.visuallyHidden}>Loading features</span>
      {Array.from({ length: 8 }, (_, i) => (
        <div key={i} className={layoutStyles.skeleton} />
      ))}
    </div>
  );
}
