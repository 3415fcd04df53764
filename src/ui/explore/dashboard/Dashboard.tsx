// The open feature as an argument: where it fires, your own text, what it does to the next token and to a text; then the evidence.
import { useCallback, useState } from 'react';
import { exampleGroups } from './examples/exampleGroups';
import type { Hideable } from '../../../core/share/shareState';
import type { ExampleToken, LatentDashboard } from '../../../engine/statistics/api';
import { openRows } from '../../../store/model/openRows';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { useActions, useAppState } from '../../storeContext';
import { DeadLatent } from './DeadLatent';
import { Evidence } from './Evidence';
import { ExampleGroupsView } from './examples/ExampleGroupsView';
import { LatentProbe } from '../probe/LatentProbe';
import { HistogramFigure } from './HistogramFigure';
import { Logits } from './Logits';
import { SteerInPlace } from './SteerInPlace';
import messageStyles from '../../parts/Messages.module.css';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';

type DashboardProps = {
  dashboard: LatentDashboard;
  /** as it was received, without what asks the engine; of that, what an embedding page leaves out */
  shared?: { hide: readonly Hideable[] };
};

export function Dashboard({ dashboard, shared }: DashboardProps) {
  const { row, details } = dashboard;
  const isShared = shared !== undefined;
  const file = useAppState((state) => (isShared ? null : (openRows(state)?.file ?? null)));
  const shows = (part: Hideable) => shared?.hide.includes(part) !== true;
  const hasExamples = !isShared || (dashboard.topExamples.length > 0 && shows('examples'));
  const [marked, setMarked] = useState<number | null>(null);
  const onShow = useCallback(
    (token: ExampleToken | null) => setMarked(token !== null && token.act > 0 ? token.act : null),
    [],
  );
  return (
    <>
      {details === null && !isShared && <EarlierVersion />}
      {row.fireCount === 0 && !isShared && <DeadLatent latentIndex={row.latentIndex} />}
      {row.fireCount > 0 && hasExamples && (
        <ExampleGroupsView
          key={row.latentIndex}
          groups={exampleGroups(dashboard)}
          maxAct={row.maxAct}
          hasGroups={details !== null}
          isShared={isShared}
          onShow={onShow}
        />
      )}
      {file === null ? (
        <InModel dashboard={dashboard} isShared={isShared} />
      ) : (
        <p className={wordStyles.muted}>
          What it promotes, steering by it and trying your own text need the language model that the
          rows of {file} came from; it is not here.
        </p>
      )}
      {!isShared && <Evidence dashboard={dashboard} marked={marked} />}
      {isShared && row.fireCount > 0 && shows('plots') && (
        <HistogramFigure dashboard={dashboard} marked={marked} />
      )}
    </>
  );
}

/** What it does in the model: on your text, to the next token, to what is written. */
function InModel({ dashboard, isShared }: { dashboard: LatentDashboard; isShared: boolean }) {
  return (
    <>
      {!isShared && <LatentProbe dashboard={dashboard} />}
      <Logits dashboard={dashboard} isShared={isShared} />
      {!isShared && dashboard.row.fireCount > 0 && <SteerInPlace row={dashboard.row} />}
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
        These statistics are of an earlier version of this page, which kept the strongest examples
        only.
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
