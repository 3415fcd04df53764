// One latent: the dashboard, or what is shown while there is none.
import type { LatentDashboard } from '../../../engine/statistics/api';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { CopyLink } from '../../parts/CopyLink';
import { Icon } from '../../parts/Icon';
import { Note, ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import { Dashboard } from './Dashboard';
import { ExportMenu } from './ExportMenu';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import featureStyles from '../../parts/look/feature.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';

export function LatentPanel() {
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const dashboard = useAppState((state) => state.explore.dashboard);
  const actions = useActions();
  if (latentIndex === null) return <NoLatent />;
  return (
    <section className={layoutStyles.panel} aria-labelledby="latent-name">
      <LatentHead latentIndex={latentIndex} />
      {dashboard.status === 'loading' && <DashboardSkeleton />}
      {dashboard.status === 'failed' && (
        <ProblemNote problem={dashboard.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.loadDashboard()}
          >
            Retry
          </button>
        </ProblemNote>
      )}
      {dashboard.status === 'empty' && (
        <p className={wordStyles.muted}>Its numbers appear once the statistics are computed.</p>
      )}
      {dashboard.status === 'ready' && <LatentBody dashboard={dashboard.value} />}
    </section>
  );
}

function LatentBody({ dashboard }: { dashboard: LatentDashboard }) {
  return (
    <>
      {dashboard.row.fireCount === 0 && (
        <Note>
          This feature is dead: it fires on none of the tokens of the statistics, so there is no
          histogram and there are no examples. Its direction still has logits.
        </Note>
      )}
      <Dashboard dashboard={dashboard} />
    </>
  );
}

function LatentHead({ latentIndex }: { latentIndex: number }) {
  const sae = useAppState(selectedSae);
  const actions = useActions();
  return (
    <div className={featureStyles.head}>
      <h2 id="latent-name">Feature {latentIndex}</h2>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, layoutStyles.phoneOnly)}
          onClick={() => actions.explore.selectLatent(null)}
        >
          Back to table
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)}
          aria-label="Previous feature"
          title="Previous (k)"
          onClick={() => actions.explore.walk(-1)}
        >
          <Icon name="left" />
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)}
          aria-label="Next feature"
          title="Next (j)"
          onClick={() => actions.explore.walk(1)}
        >
          <Icon name="right" />
        </button>
        <CopyLink />
        <ExportMenu latentIndex={latentIndex} />
        {sae !== null && (
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.primary)}
            title="Steer with this feature (s)"
            onClick={() => actions.steer.steerLatent(sae.saeId, latentIndex)}
          >
            Steer this
          </button>
        )}
      </div>
    </div>
  );
}

function NoLatent() {
  return (
    <section className={layoutStyles.panel}>
      <div className={layoutStyles.empty}>
        <strong>Choose a feature</strong>
        <p>
          Click a row of the table, or press <kbd>j</kbd> to walk down it.
        </p>
      </div>
    </section>
  );
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
