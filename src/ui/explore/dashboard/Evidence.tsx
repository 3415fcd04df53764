// What a claim about the feature rests on: numbers, relations, its training. Folded until asked for, and as it was left.
import type { LatentDashboard } from '../../../engine/statistics/api';
import { lazyPart } from '../../parts/load/lazyPart';
import { useActions, useAppState } from '../../storeContext';
import { findLanguageModel } from '../languageModel';
import { HistogramFigure } from './HistogramFigure';
import { LatentFacts } from './LatentFacts';
import { Relations } from './relations/Relations';
import { TrainingReplay } from './training/TrainingReplay';
import { classNames } from '../../parts/look/classNames';
import dataStyles from '../../parts/look/data.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import styles from './Evidence.module.css';

const SecondOpinion = lazyPart(
  'The second opinion',
  async () => (await import('../compare/SecondOpinion')).SecondOpinion,
);

type EvidenceProps = {
  dashboard: LatentDashboard;
  /** activation under the pointer, marked in the histogram */
  marked: number | null;
};

export function Evidence({ dashboard, marked }: EvidenceProps) {
  const isOpen = useAppState((state) => state.explore.isEvidenceOpen);
  const actions = useActions();
  const { row, details, topExamples } = dashboard;
  return (
    <details
      className={classNames(dataStyles.details, styles.evidence)}
      open={isOpen}
      onToggle={(event) => {
        const { open } = event.currentTarget;
        if (open !== isOpen) actions.explore.inquiry.foldEvidence(open);
      }}
    >
      <summary>
        <h3>Evidence</h3>
        <span className={styles.what}>
          histogram, moments, neighbours, fires together with, second SAE, through training
        </span>
      </summary>
      {isOpen && (
        <div className={layoutStyles.stack}>
          <LatentFacts dashboard={dashboard} />
          {row.fireCount > 0 && <HistogramFigure dashboard={dashboard} marked={marked} />}
          {details !== null && <Relations latentIndex={row.latentIndex} details={details} />}
          <TrainingReplay dashboard={dashboard} />
          {findLanguageModel() !== null && topExamples.length > 0 && (
            <SecondOpinion key={row.latentIndex} dashboard={dashboard} />
          )}
        </div>
      )}
    </details>
  );
}
