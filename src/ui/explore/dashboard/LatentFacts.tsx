// The numbers of one latent, with the counts behind them.
import type { LatentDashboard } from '../../../engine/statistics/api';
import { selectedSae } from '../../../store/sae/saeSelectors';
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
  return (
    <>
      <Facts>
        <Fact name="Density" meaning={meaningOf('Density')} title={String(row.density)}>
          {percent(row.density)}
          {row.isAlwaysOn && (
            <span
              className={styles.badge}
              title="Fires on more than 10 % of the tokens of the statistics"
            >
              dense
            </span>
          )}
          <div className={classNames(wordStyles.muted, wordStyles.small)}>
            {count(row.fireCount)} of {count(tokensSeen)} tokens
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
  if (sae?.statisticsGoal === undefined) return null;
  const share = percent(sae.statisticsTokens / sae.statisticsGoal);
  return (
    <p className={styles.stamp} role="note">
      <b>Provisional:</b> {share} of corpus seen{isCounting ? '' : '; the pass was ended early'}.
    </p>
  );
}

function Moments({ details }: { details: NonNullable<LatentDashboard['details']> }) {
  const { moments } = details;
  return (
    <details className={dataStyles.details}>
      <summary>Moments over all tokens</summary>
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
        With silent tokens as zeros: the rarer a feature, the larger.{' '}
        {count(details.excludedTokens)} special tokens were left out of all counts.
      </p>
    </details>
  );
}
