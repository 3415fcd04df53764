// What narrows the list: how many features it hides, each reason with a way to drop it, and all of them at once. Not
// there while nothing is hidden.
import { BRUSHED } from '../../../core/share/tableShare';
import { BRUSH_NAMES, rangeText } from '../../../store/explore/brushView';
import type { AppActions } from '../../../store/actions';
import type { AppState } from '../../../store/state';
import { count } from '../../parts/text/numberText';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './ListFoot.module.css';

type Reason = { name: string; clear: () => void };

export function ListFoot({ shown, all }: { shown: number; all: number }) {
  const explore = useAppState((state) => state.explore);
  const actions = useActions();
  const reasons = reasonsOf(explore, actions);
  if (reasons.length === 0) return null;
  return (
    <div className={styles.foot} role="group" aria-label="What narrows the list">
      <span role="status" className={styles.count}>
        {count(shown)} of {count(all)}
        <span className={wordStyles.muted}> · {count(all - shown)} hidden by</span>
      </span>
      <div className={styles.reasons}>
        {reasons.map(({ name, clear }) => (
          <button
            key={name}
            type="button"
            className={styles.reason}
            aria-label={`Remove filter: ${name}`}
            onClick={clear}
          >
            <span className={styles.reasonName}>{name}</span> <span aria-hidden="true">✕</span>
          </button>
        ))}
      </div>
      <button
        type="button"
        className={classNames(controlStyles.linkButton, styles.all)}
        onClick={actions.explore.table.clearFilters}
      >
        Show all
      </button>
    </div>
  );
}

const LIVENESS = { live: 'live only', dead: 'dead only', on: 'dense only' } as const;

function reasonsOf(explore: AppState['explore'], actions: AppActions): Reason[] {
  const { filter, search, liveness, textSearch } = explore;
  const { table, map } = actions.explore;
  const reasons: Reason[] = BRUSHED.flatMap((key) => {
    const range = filter.ranges[key];
    if (range === null) return [];
    const name = `${BRUSH_NAMES[key]} ${rangeText(key, range)}`;
    return [{ name, clear: () => table.brush(key, null, null) }];
  });
  if (search.trim() !== '')
    reasons.push({ name: `search “${search.trim()}”`, clear: () => table.setSearch('') });
  if (liveness !== 'all')
    reasons.push({ name: LIVENESS[liveness], clear: () => table.setLiveness('all') });
  if (filter.starredOnly)
    reasons.push({ name: 'starred only', clear: () => table.setStarredOnly(false) });
  if (filter.chosen !== null)
    reasons.push({ name: `${filter.chosen.length} chosen`, clear: table.clearChosen });
  if (filter.area !== null) {
    const name = `area of the ${filter.area.kind === 'pca' ? 'PCA' : 'UMAP'} map`;
    reasons.push({ name, clear: () => map.setArea(null) });
  }
  if (filter.cluster !== null)
    reasons.push({ name: `cluster ${filter.cluster}`, clear: () => map.setCluster(null) });
  if (filter.inText) {
    reasons.push({ name: 'fires on your text', clear: table.leaveText });
    if (textSearch.hidesDense)
      reasons.push({ name: 'fires on 1 % at most', clear: () => table.setHidesDense(false) });
  }
  return reasons;
}
