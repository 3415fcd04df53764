// The evidence about one latent: its identity and relations, then where it fires.
import { useCallback, useState } from 'react';
import { exampleGroups } from './examples/exampleGroups';
import type { ExampleToken, LatentDashboard } from '../../../engine/statistics/api';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { useActions, useAppState } from '../../storeContext';
import { DeadLatent } from './DeadLatent';
import { ExampleGroupsView } from './examples/ExampleGroupsView';
import { GuessedLabel } from './GuessedLabel';
import { HistogramFigure } from './HistogramFigure';
import { LatentFacts } from './LatentFacts';
import { LatentNotes } from './LatentNotes';
import { LatentProbe } from '../probe/LatentProbe';
import { TrainingReplay } from './TrainingReplay';
import { Logits } from './Logits';
import { Relations } from './Relations';
import messageStyles from '../../parts/Messages.module.css';
import controlStyles from '../../parts/look/controls.module.css';
import featureStyles from '../../parts/look/feature.module.css';

export function Dashboard({ dashboard }: { dashboard: LatentDashboard }) {
  const { row, details } = dashboard;
  const [marked, setMarked] = useState<number | null>(null);
  const onShow = useCallback(
    (token: ExampleToken | null) => setMarked(token !== null && token.act > 0 ? token.act : null),
    [],
  );
  const isDead = row.fireCount === 0;
  return (
    <>
      <LatentNotes latentIndex={row.latentIndex} key={row.latentIndex} />
      <GuessedLabel dashboard={dashboard} />
      <LatentFacts dashboard={dashboard} />
      {details === null && <EarlierVersion />}
      <div className={featureStyles.pair}>
        {!isDead && <HistogramFigure dashboard={dashboard} marked={marked} />}
        <Logits dashboard={dashboard} />
      </div>
      {details !== null && <Relations latentIndex={row.latentIndex} details={details} />}
      <LatentProbe dashboard={dashboard} />
      <TrainingReplay dashboard={dashboard} />
      {isDead ? (
        <DeadLatent latentIndex={row.latentIndex} />
      ) : (
        <ExampleGroupsView
          groups={exampleGroups(dashboard)}
          maxAct={row.maxAct}
          hasGroups={details !== null}
          onShow={onShow}
        />
      )}
    </>
  );
}

/** For statistics of the first format: what they lack, and how to get it. */
function EarlierVersion() {
  const sae = useAppState(selectedSae);
  const counting = useAppState((state) => state.statistics.counting.saeId);
  const actions = useActions();
  return (
    <div className={messageStyles.note}>
      <p>
        These statistics are of an earlier version of this page: they have the strongest examples
        only, without intervals, random examples, moments, neighbours and co-activation.
      </p>
      {sae !== null && sae.origin !== 'demo' && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={counting !== null}
          onClick={() => void actions.statistics.compute(sae.saeId, sae.statisticsTokens)}
        >
          Compute them again
        </button>
      )}
    </div>
  );
}
