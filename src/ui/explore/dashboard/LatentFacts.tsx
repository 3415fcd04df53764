// The numbers of one latent, with the counts behind them.
import { counted } from '../../../core/text/counted';
import { selectedSae, statisticsUnit } from '../../../store/sae/saeSelectors';
import type { LatentDashboard } from '../../../engine/statistics/api';
import { meaningOf } from '../../parts/text/glossary';
import { count, measure, percent } from '../../parts/text/numberText';
import { Fact, Facts } from '../../parts/Facts';
import { useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import dataStyles from '../../parts/look/data.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LatentFacts.module.css';

export function LatentFacts({ dashboard }: { dashboard: LatentDashboard }) {
  const { row, tokensSeen, details } = dashboard;
  const unit = useAppState(statisticsUnit);
  return (
    <>
      <Facts>
        <Fact name="Density" meaning={meaningOf('Density')} title={String(row.density)}>
          {percent(row.density)}
          {row.isAlwaysOn && (
            <span
              className={styles.badge}
              title={`Fires on more than 10 % of the ${unit}s of the statistics`}
            >
              dense
            </span>
          )}
          <div className={classNames(wordStyles.muted, wordStyles.small)}>
            {count(row.fireCount)} of {counted(tokensSeen, unit)}
          </div>
        </Fact>
        <Fact
          name="Max activation"
          meaning={meaningOf('Max activation')}
          title={String(row.maxAct)}
        >
          {measure(row.maxAct)}
        </Fact>
        <Fact name="Mean when firing" title={String(row.meanAct)}>
          {measure(row.meanAct)}
        </Fact>
        <Fact
          name="Kurtosis when firing"
          meaning={meaningOf('Kurtosis')}
          title={String(row.kurtosis)}
        >
          {measure(row.kurtosis)}
        </Fact>
      </Facts>
      {details !== null && <Moments details={details} />}
    </>
  );
}

/** For statistics of a pass that is running or was ended early. */
export function Provisional() {
  const sae = useAppState(selectedSae);
  const isCounting = useAppState(
    ({ statistics, sae }) => statistics.counting.saeId === sae.selectedId,
  );
  const unit = useAppState(statisticsUnit);
  if (sae?.statisticsGoal === undefined) return null;
  const share = percent(sae.statisticsTokens / sae.statisticsGoal);
  return (
    <p className={styles.stamp} role="note">
      <b>Provisional:</b> {share} of {unit === 'row' ? 'the rows' : 'corpus'} seen
      {isCounting ? '' : '; the pass was ended early'}.
    </p>
  );
}

function Moments({ details }: { details: NonNullable<LatentDashboard['details']> }) {
  const { moments } = details;
  const unit = useAppState(statisticsUnit);
  return (
    <details className={dataStyles.details}>
      <summary>Moments over all {unit}s</summary>
      <Facts>
        <Fact name="E[a]" title={String(moments.mean)}>
          {measure(moments.mean)}
        </Fact>
        <Fact name="E[a²]" title={String(moments.meanSquare)}>
          {measure(moments.meanSquare)}
        </Fact>
        <Fact name="Skew E[a³] / E[a²]^1.5" title={String(moments.skew)}>
          {measure(moments.skew)}
        </Fact>
        <Fact name="Kurtosis E[a⁴] / E[a²]²" title={String(moments.kurtosis)}>
          {measure(moments.kurtosis)}
        </Fact>
      </Facts>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        With silent {unit}s as zeros: the rarer a feature, the larger.
        {unit === 'token' &&
          ` ${counted(details.excludedTokens, 'special token was', 'special tokens were')} left out of all counts.`}
      </p>
    </details>
  );
}
