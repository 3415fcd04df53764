// The open feature turned up on the spot: one slider and two short texts. Steer has dials, seeds and the rest.
import { useState } from 'react';
import type { LatentRow } from '../../../engine/statistics/api';
import { inPlacePrompt } from '../../../store/explore/exploreSelectors';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { ProblemNote } from '../../parts/Messages';
import { TurnUpLanes } from '../../parts/turnUp/TurnUpLanes';
import { TurnUpSlider } from '../../parts/turnUp/TurnUpSlider';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './SteerInPlace.module.css';

export function SteerInPlace({ row: { latentIndex } }: { row: LatentRow }) {
  const turned = useAppState(({ explore }) =>
    explore.turned?.latentIndex === latentIndex ? explore.turned : null,
  );
  const prompt = useAppState(inPlacePrompt);
  /** the feature whose offer was taken */
  const [pressed, setPressed] = useState<number | null>(null);
  const actions = useActions();
  return (
    <section className={styles.steer} aria-labelledby="steer-in-place">
      <h3 id="steer-in-place">What the model writes with it</h3>
      {turned === null ? (
        <Offer latentIndex={latentIndex} onPress={() => setPressed(latentIndex)} />
      ) : (
        <>
          <div className={styles.dial}>
            <TurnUpSlider
              turned={turned}
              takesFocus={pressed === latentIndex}
              onStrength={actions.explore.steer.setStrength}
            />
          </div>
          <div className={styles.lanes}>
            <TurnUpLanes turned={turned} />
          </div>
          <ProblemNote problem={turned.problem ?? turned.run?.problem ?? null} />
        </>
      )}
      <p className={classNames(wordStyles.muted, wordStyles.small, styles.prompt)}>
        Goes on from “{prompt}”
      </p>
    </section>
  );
}

function Offer({ latentIndex, onPress }: { latentIndex: number; onPress: () => void }) {
  const blocked = useAppState(generationBlock);
  const actions = useActions();
  return (
    <div>
      <button
        type="button"
        className={controlStyles.button}
        disabled={blocked !== null}
        title={blocked ?? 'The model writes twice: without and with this feature turned up'}
        onClick={() => {
          onPress();
          void actions.explore.steer.turnUp(latentIndex);
        }}
      >
        Write without and with it
      </button>
    </div>
  );
}
