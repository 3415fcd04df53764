// The clusters that colour the map, with size and tokens of each; a press filters the table to one.
import { statisticsUnit } from '../../../store/sae/saeSelectors';
import { CLUSTER_COLOURS } from '../../../charts/latentMap';
import { clusterEntries, rowClusters, type ClusterEntry } from '../../../store/explore/clusterView';
import { readyClusters } from '../../../store/explore/exploreSelectors';
import { count } from '../../parts/text/numberText';
import { lineGlyphs } from '../../../core/text/visibleText';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './ClusterLegend.module.css';

const NO_ROWS: readonly [] = [];

export function ClusterLegend() {
  const rows = useAppState(({ explore }) =>
    explore.rows.status === 'ready' ? explore.rows.value : NO_ROWS,
  );
  const clusterOf = rowClusters(rows, useAppState(readyClusters));
  const unit = useAppState(statisticsUnit);
  if (clusterOf === null) return null;
  const entries = clusterEntries(rows, clusterOf);
  const without = rows.length - entries.reduce((sum, { size }) => sum + size, 0);
  return (
    <div className={layoutStyles.stack}>
      <ul className={styles.legend} aria-label="Clusters">
        {entries.map((entry) => (
          <Entry key={entry.cluster} {...entry} />
        ))}
      </ul>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Live features whose directions are alike, with the words on which most of them fire. Press
        one to see only its features.
        {without > 0 &&
          ` ${count(without)} dead ones, which fire on none of the ${unit}s of the statistics, have no colour.`}
      </p>
    </div>
  );
}

function Entry({ cluster, size, words }: ClusterEntry) {
  const isChosen = useAppState((state) => state.explore.filter.cluster === cluster);
  const actions = useActions();
  return (
    <li>
      <button
        type="button"
        className={classNames(styles.entry, wordStyles.small)}
        aria-pressed={isChosen}
        onClick={() => actions.explore.map.setCluster(isChosen ? null : cluster)}
      >
        <span
          className={styles.swatch}
          aria-hidden="true"
          style={{ background: CLUSTER_COLOURS[cluster - 1] }}
        />
        <span>Cluster {cluster}</span>
        <span className={wordStyles.muted}>{count(size)}</span>
        <span className={classNames(wordStyles.mono, styles.tokens)}>
          {words.map(lineGlyphs).join('  ')}
        </span>
      </button>
    </li>
  );
}
