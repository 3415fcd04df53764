// The clusters that colour the map: size and tokens of each; a press narrows the table to one.
import { CLUSTER_COLOURS } from '../../../charts/latentMap';
import { clusterEntries, rowClusters, type ClusterEntry } from '../../../store/explore/clusterView';
import { readyClusters } from '../../../store/selectors';
import { count } from '../../parts/numberText';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { useActions, useFacts } from '../../storeContext';

const NO_ROWS: readonly [] = [];

export function ClusterLegend() {
  const rows = useFacts(({ explore }) =>
    explore.rows.status === 'ready' ? explore.rows.value : NO_ROWS,
  );
  const clusterOf = rowClusters(rows, useFacts(readyClusters));
  if (clusterOf === null) return null;
  const entries = clusterEntries(rows, clusterOf);
  const without = rows.length - entries.reduce((sum, { size }) => sum + size, 0);
  return (
    <div className="stack">
      <ul className="cluster-legend" aria-label="Clusters">
        {entries.map((entry) => (
          <Entry key={entry.cluster} {...entry} />
        ))}
      </ul>
      <p className="muted small">
        Live features whose decoder directions are alike (spherical k-means), with the tokens that
        most of them promote first. Press one to see only its features.
        {without > 0 && ` ${count(without)} dead ones have no colour.`}
      </p>
    </div>
  );
}

function Entry({ cluster, size, topTokens }: ClusterEntry) {
  const isChosen = useFacts((facts) => facts.explore.filter.cluster === cluster);
  const { setCluster } = useActions();
  return (
    <li>
      <button
        type="button"
        className="cluster-entry small"
        aria-pressed={isChosen}
        onClick={() => setCluster(isChosen ? null : cluster)}
      >
        <span
          className="cluster-swatch"
          aria-hidden="true"
          style={{ background: CLUSTER_COLOURS[cluster - 1] }}
        />
        <span>Cluster {cluster}</span>
        <span className="muted">{count(size)}</span>
        <span className="mono cluster-tokens">{topTokens.map(chipGlyphs).join('  ')}</span>
      </button>
    </li>
  );
}
