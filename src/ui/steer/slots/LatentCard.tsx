// A slot's target in three lines: a feature's firing and the tokens it promotes, or a vector's source.
import type { SteerTarget } from '../../../core/steer/steering';
import { latentKey } from '../../../store/steer/steerState';
import { measure, percent } from '../../parts/text/numberText';
import { ProblemNote } from '../../parts/Messages';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { useActions, useAppState } from '../../storeContext';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LatentCard.module.css';

const WORDS = 6;

export function LatentCard({ target }: { target: SteerTarget }) {
  return target.kind === 'vector' ? (
    <VectorLines vectorId={target.vectorId} />
  ) : (
    <FeatureLines saeId={target.saeId} latentIndex={target.latentIndex} />
  );
}

function VectorLines({ vectorId }: { vectorId: string }) {
  const vector = useAppState(({ steer }) => steer.vectors.find((one) => one.vectorId === vectorId));
  if (vector === undefined)
    return <p className={wordStyles.muted}>{vectorId} is not in this browser.</p>;
  return (
    <p className={wordStyles.small}>
      {vectorId}, made {ORIGIN_WORDS[vector.origin]}; its norm was {measure(vector.norm)} before it
      was made a unit vector.
    </p>
  );
}

export const ORIGIN_WORDS = {
  prompts: 'as the difference of two prompts',
  file: 'from a file',
  decoder: 'from a decoder row',
} as const;

function FeatureLines({ saeId, latentIndex }: { saeId: string; latentIndex: number }) {
  const loaded = useAppState(({ steer }) => steer.dashboards[latentKey(saeId, latentIndex)]);
  const actions = useActions();
  if (loaded === undefined || loaded.status === 'empty') return null;
  if (loaded.status === 'failed') return <ProblemNote problem={loaded.problem} />;
  if (loaded.status === 'loading') {
    return (
      <div className={styles.card} role="status" aria-label="Loading the feature">
        <div className={layoutStyles.skeleton} style={{ width: '60%' }} />
        <div className={layoutStyles.skeleton} />
      </div>
    );
  }
  const { row, topLogits } = loaded.value;
  return (
    <div className={styles.card} role="group" aria-label={`Feature ${row.latentIndex}`}>
      {row.fireCount === 0 ? (
        <p>Dead: it never fired, so its maximum is 0. Choose the unit norm or raw.</p>
      ) : (
        <p>
          Fires on {percent(row.density)} of tokens, at most {measure(row.maxAct)}.
        </p>
      )}
      {topLogits.length > 0 && (
        <div className={styles.words} aria-label="Promotes" role="group">
          {topLogits.slice(0, WORDS).map((token) => (
            <span key={token.tokenId}>{chipGlyphs(token.text)}</span>
          ))}
        </div>
      )}
      <button
        type="button"
        className={controlStyles.linkButton}
        onClick={() => actions.explore.openFeature(saeId, row.latentIndex)}
      >
        See its examples
      </button>
    </div>
  );
}
