// Progress of clustering, shown beside its switch until the clusters are known.
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { useActions, useAppState } from '../../storeContext';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import { progressOf } from '../../../store/progress';

export function FindClusters() {
  const clusters = useAppState((state) => state.explore.clusters);
  const actions = useActions();
  switch (clusters.status) {
    case 'empty':
      return (
        <div className={layoutStyles.buttonRow}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.map.loadClusters()}
          >
            Find clusters
          </button>
        </div>
      );
    case 'loading':
      return <Making />;
    case 'failed':
      return (
        <ProblemNote problem={clusters.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.map.loadClusters()}
          >
            Retry
          </button>
        </ProblemNote>
      );
    case 'ready':
      return null;
    default:
      return clusters satisfies never;
  }
}

function Making() {
  const progress = useAppState(progressOf('clusters'));
  const actions = useActions();
  if (progress === null) return <p className={wordStyles.muted}>Clusters are about to be found…</p>;
  return (
    <ProgressBar
      label="Clusters"
      progress={progress}
      onCancel={() => void actions.explore.map.cancelClusters()}
    />
  );
}
