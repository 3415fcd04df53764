// Starts, shows and stops the pass over the corpus that computes statistics.
import { useState } from 'react';
import { STATISTICS_CONTEXT, statisticsMemory } from '../../core/statistics/statisticsMemory';
import type { SaeFacts } from '../../engine/sae/api';
import { generationBlock } from '../../store/generate/generateSelectors';
import { openRows } from '../../store/model/openRows';
import { selectedSae } from '../../store/sae/saeSelectors';
import { progressOf } from '../../store/progress';
import { bytes } from '../parts/text/numberText';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useAppState } from '../storeContext';
import { defaultStatistics, statisticsSizes } from '../../store/statistics/statisticsSizes';
import { FirstCards } from './FirstCards';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './StatisticsPanel.module.css';

/** Stands in place of the list while there are no statistics. */
export function StatisticsPanel({ sae }: { sae: SaeFacts }) {
  const counting = useAppState((state) => state.statistics.counting.saeId);
  const progress = useAppState(progressOf('statistics'));
  const problem = useAppState((state) => state.statistics.counting.problem);
  const actions = useActions();
  const isCounting = counting === sae.saeId;
  return (
    <>
      <div className={styles.panel}>
        <ProblemNote problem={problem} />
        {isCounting && progress !== null && (
          <ProgressBar
            label="Statistics"
            progress={progress}
            onCancel={() => void actions.statistics.cancel()}
          />
        )}
        {isCounting && progress === null && <p className={wordStyles.muted}>Begins in a moment…</p>}
        {!isCounting && <NoStatistics sae={sae} />}
      </div>
      {isCounting && <FirstCards sae={sae} />}
    </>
  );
}

/** Shown once there are statistics and no pass is running. */
export function StatisticsAgain() {
  const sae = useAppState(selectedSae);
  const counting = useAppState((state) => state.statistics.counting.saeId);
  if (sae === null || counting === sae.saeId || sae.statisticsTokens === 0) return null;
  return (
    <details className={dataStyles.details}>
      <summary>Compute again</summary>
      {sae.origin === 'demo' && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          The statistics that ship with the page have fewer examples than a pass keeps. Statistics
          of this tab are lost when you close it.
        </p>
      )}
      <StatisticsForm sae={sae} />
    </details>
  );
}

function NoStatistics({ sae }: { sae: SaeFacts }) {
  const ownText = useAppState(({ text }) =>
    text.corpus?.isDemo === false ? text.corpus.name : null,
  );
  const hasRows = useAppState((state) => openRows(state) !== null);
  return (
    <div className={layoutStyles.stack}>
      {sae.statisticsDamage !== undefined && (
        <p>
          Its stored statistics cannot be read ({sae.statisticsDamage}). Compute them again: its
          weights, notes and evaluations are as they were.
        </p>
      )}
      <p className={wordStyles.muted}>
        {sae.statisticsDamage === undefined && 'What its features fire on is not known yet. '}It
        takes one pass over {ownText ?? 'the bundled text'}.
        {!hasRows && ' Another text is chosen on Train.'}
      </p>
      <StatisticsForm sae={sae} />
    </div>
  );
}

function StatisticsForm({ sae }: { sae: SaeFacts }) {
  const usual = useAppState((state) => defaultStatistics(state.device));
  const hasRows = useAppState((state) => openRows(state) !== null);
  const [chosen, setTokens] = useState<number | null>(null);
  const tokens = chosen ?? usual;
  const blocked = useAppState(
    (state) =>
      generationBlock(state) ??
      (state.statistics.counting.saeId === null ? null : 'Another SAE is being counted.'),
  );
  const actions = useActions();
  const active = sae.k ?? sae.l0;
  const memory =
    active === null
      ? null
      : statisticsMemory({ ...sae, active, tokens, contextSize: STATISTICS_CONTEXT });
  return (
    <div className={layoutStyles.stack}>
      <SelectField
        id="statistics-size"
        label={hasRows ? 'Rows to count' : 'Corpus tokens'}
        value={String(tokens)}
        options={statisticsSizes(hasRows ? 'row' : 'token')}
        onChange={(value) => setTokens(Number(value))}
      />
      {memory !== null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Holds at most {bytes(memory)} while it runs.
        </p>
      )}
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={blocked !== null}
          onClick={() => void actions.statistics.compute(sae.saeId, tokens)}
        >
          Compute statistics
        </button>
        {blocked !== null && <span className={wordStyles.reason}>{blocked}</span>}
      </div>
    </div>
  );
}
