// The open feature as an argument: where it fires, your own text, what it does to the next token; then the evidence.
import { useCallback, useState } from 'react';
import { exampleGroups } from './examples/exampleGroups';
import type { ExampleToken, LatentDashboard } from '../../../engine/statistics/api';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { useActions, useAppState } from '../../storeContext';
import { DeadLatent } from './DeadLatent';
import { Evidence } from './Evidence';
import { ExampleGroupsView } from './examples/ExampleGroupsView';
import { LatentProbe } from '../probe/LatentProbe';
import { Logits } from './Logits';
import messageStyles from '../../parts/Messages.module.css';
import controlStyles from '../../parts/look/controls.module.css';

export function Dashboard({ dashboard }: { dashboard: LatentDashboard }) {
  const { row, details } = dashboard;
  const [marked, setMarked] = useState<number | null>(null);
  const onShow = useCallback(
    (token: ExampleToken | null) => setMarked(token !== null && token.act > 0 ? token.act : null),
    [],
  );
  return (
    <>
      {details === null && <EarlierVersion />}
      {row.fireCount === 0 ? (
        <DeadLatent latentIndex={row.latentIndex} />
      ) : (
        <ExampleGroupsView
          key={row.latentIndex}
          groups={exampleGroups(dashboard)}
          maxAct={row.maxAct}
          hasGroups={details !== null}
          onShow={onShow}
        />
      )}
      <LatentProbe dashboard={dashboard} />
      <Logits dashboard={dashboard} />
      <Evidence dashboard={dashboard} marked={marked} />
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
