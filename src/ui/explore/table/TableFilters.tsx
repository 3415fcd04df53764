// The table's filters besides its search: brushes in a fold, on phones in a sheet, and a chip for every
// active filter, with a button to remove it.
import { useState } from 'react';
import { BRUSHED } from '../../../core/share/tableShare';
import { BRUSH_NAMES } from '../../../store/explore/brushView';
import { hasBirths } from '../../../store/explore/exploreSelectors';
import { filterCount } from '../../../store/explore/tableFilter';
import { useMedia } from '../../hooks/useMedia';
import { Dialog } from '../../parts/Dialog';
import { lazyPart } from '../../parts/load/lazyPart';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import styles from './TableFilters.module.css';

// A separate chunk: the table appears before the brushes.
const Brushes = lazyPart(
  'The brushes',
  async () => (await import('./BrushPanel')).BrushPanel,
  <div className={layoutStyles.skeleton} style={{ height: 120 }} />,
);

export function TableFilters() {
  const isPhone = useMedia('(max-width: 639px)');
  const isBirthKnown = useAppState(hasBirths);
  // A fourth brush starts a second row.
  const isTall = useMedia(isBirthKnown ? '(min-height: 1350px)' : '(min-height: 1000px)');
  const inForce = useAppState(
    ({ explore }) => BRUSHED.filter((key) => explore.filter.ranges[key] !== null).length,
  );
  const title = inForce === 0 ? 'Brushes' : `Brushes, ${inForce} in force`;
  if (isPhone) return <BrushSheet title={title} />;
  return (
    // In a low window the table comes first.
    <details className={styles.fold} open={isTall || inForce > 0}>
      <summary>{title}</summary>
      <Brushes />
    </details>
  );
}

function BrushSheet({ title }: { title: string }) {
  const [isOpen, setOpen] = useState(false);
  const actions = useActions();
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className={controlStyles.button} onClick={() => setOpen(true)}>
        {title}
      </button>
      {isOpen && (
        <Dialog title="Brushes" className={styles.sheet} onClose={close}>
          <Brushes />
          <div className={layoutStyles.buttonRow}>
            <button
              type="button"
              className={classNames(controlStyles.button, controlStyles.primary)}
              onClick={close}
            >
              Show features
            </button>
            <button
              type="button"
              className={controlStyles.button}
              onClick={actions.explore.table.clearFilters}
            >
              Clear all
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

type Chip = { name: string; clear: () => void };

/** Every active filter whose own control is not always visible. */
export function FilterChips() {
  const filter = useAppState((state) => state.explore.filter);
  const actions = useActions();
  if (filterCount(filter) === 0) return null;
  const chips: Chip[] = BRUSHED.flatMap((key) => {
    const range = filter.ranges[key];
    if (range === null) return [];
    const name = `${BRUSH_NAMES[key]} ${range.from ?? '…'} to ${range.to ?? '…'}`;
    return [{ name, clear: () => actions.explore.table.brush(key, null, null) }];
  });
  if (filter.starredOnly)
    chips.push({ name: 'Starred', clear: () => actions.explore.table.setStarredOnly(false) });
  if (filter.chosen !== null) {
    chips.push({
      name: `${filter.chosen.length} chosen`,
      clear: actions.explore.table.clearChosen,
    });
  }
  if (filter.area !== null) {
    const name = `Area of the ${filter.area.kind === 'pca' ? 'PCA' : 'UMAP'} map`;
    chips.push({ name, clear: () => actions.explore.map.setArea(null) });
  }
  if (filter.cluster !== null) {
    chips.push({
      name: `Cluster ${filter.cluster}`,
      clear: () => actions.explore.map.setCluster(null),
    });
  }
  if (filter.inText)
    chips.push({ name: 'Fires on your text', clear: actions.explore.table.leaveText });
  return (
    <div className={styles.chips} role="group" aria-label="Filters in force">
      {chips.map(({ name, clear }) => (
        <button
          key={name}
          type="button"
          className={classNames(controlStyles.button, controlStyles.smallButton)}
          aria-label={`Remove filter: ${name}`}
          onClick={clear}
        >
          {name} <span aria-hidden="true">✕</span>
        </button>
      ))}
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.smallButton)}
        onClick={actions.explore.table.clearFilters}
      >
        Clear all
      </button>
    </div>
  );
}
