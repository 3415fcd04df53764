// Beside the switch that asks for clusters: how far their making is, until they are there.
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { useActions, useFacts } from '../../storeContext';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import { progressOf } from '../../../store/selectors';

export function FindClusters() {
  const clusters = useFacts((facts) => facts.explore.clusters);
  const { loadClusters } = useActions();
  switch (clusters.status) {
    case 'empty':
      return (
        <div className={layoutStyles.buttonRow}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void loadClusters()}
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
            onClick={() => void loadClusters()}
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
  const progress = useFacts(progressOf('clusters'));
  const { cancelClusters } = useActions();
  if (progress === null) return <p className={wordStyles.muted}>Clusters are about to be found…</p>;
  return (
    <ProgressBar label="Clusters" progress={progress} onCancel={() => void cancelClusters()} />
  );
}
