// The right pane: the open feature's name and what can be done with it, then its dashboard, or why there is none.
import { useEffect, useRef } from 'react';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { Icon } from '../../parts/Icon';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import { Dashboard } from './Dashboard';
import { LatentHead } from './LatentHead';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LatentPanel.module.css';

export function LatentPanel({ latentIndex }: { latentIndex: number }) {
  const pane = useRef<HTMLElement>(null);
  const saeId = useAppState((state) => selectedSae(state)?.saeId ?? null);
  useEffect(() => {
    // Another feature begins at its beginning. (What scrollTo returns in some browsers is no clean-up.)
    pane.current?.scrollTo({ top: 0 });
  }, [latentIndex]);
  return (
    <section ref={pane} className={styles.pane} aria-labelledby="latent-name">
      <div className={styles.inner}>
        <Walk />
        {saeId !== null && <LatentHead saeId={saeId} latentIndex={latentIndex} />}
        <Body />
      </div>
    </section>
  );
}

/** Out of the feature, and to the next one in the order of the list. */
function Walk() {
  const actions = useActions();
  const look = classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon);
  return (
    <div className={styles.walk}>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet, styles.back)}
        title="Close (Esc)"
        onClick={() => actions.explore.selectLatent(null)}
      >
        <Icon name="left" />
        All features
      </button>
      <button
        type="button"
        className={look}
        aria-label="Previous feature"
        title="Previous (k)"
        onClick={() => actions.explore.walk(-1)}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        className={look}
        aria-label="Next feature"
        title="Next (j)"
        onClick={() => actions.explore.walk(1)}
      >
        <Icon name="right" />
      </button>
    </div>
  );
}

function Body() {
  const dashboard = useAppState((state) => state.explore.dashboard);
  const actions = useActions();
  switch (dashboard.status) {
    case 'loading':
      return <DashboardSkeleton />;
    case 'failed':
      return (
        <ProblemNote problem={dashboard.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.loadDashboard()}
          >
            Retry
          </button>
        </ProblemNote>
      );
    case 'empty':
      return (
        <p className={wordStyles.muted}>Its numbers appear once the statistics are computed.</p>
      );
    case 'ready':
      return <Dashboard dashboard={dashboard.value} />;
    default:
      return dashboard satisfies never;
  }
}

function DashboardSkeleton() {
  return (
    <div className={layoutStyles.stack} role="status" aria-label="Loading the feature">
      <div className={layoutStyles.skeleton} style={{ width: '50%' }} />
      <div className={layoutStyles.skeleton} style={{ height: 140 }} />
      <div className={layoutStyles.skeleton} />
      <div className={layoutStyles.skeleton} />
      <div className={layoutStyles.skeleton} style={{ width: '70%' }} />
    </div>
  );
}
