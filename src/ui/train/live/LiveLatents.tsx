// What features do during training: 12 cards that can be pinned, any one opened large. Asks every two seconds
// while it is on screen. When the run has ended they stay, and are doors to its SAE.
import { useEffect } from 'react';
import type { RunFacts } from '../../../engine/train/api';
import { LOOK_INTERVAL } from '../../../store/train/liveActions';
import { endedSae } from '../../../store/train/trainSelectors';
import { count } from '../../parts/text/numberText';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import { LiveLatentPanel } from './LiveLatentPanel';
import { LiveCard } from './LiveCard';
import { OpenByIndex } from './OpenByIndex';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import figureStyles from '../../parts/look/figure.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LiveLatents.module.css';

export function LiveLatents({ run }: { run: RunFacts }) {
  const { runId } = run;
  const isTraining = run.phase.kind === 'training';
  const live = useAppState((state) => state.train.live);
  const sae = useAppState((state) => endedSae(state, run));
  const actions = useActions();
  useEffect(() => {
    if (!isTraining) return;
    void actions.train.live.look(runId);
    const timer = setInterval(() => void actions.train.live.look(runId), LOOK_INTERVAL);
    return () => clearInterval(timer);
  }, [isTraining, actions, runId]);
  const { latest, opened } = live;
  if (live.runId !== runId || latest === null) return null;
  if (latest.refusal !== null)
    return <p className={classNames(wordStyles.muted, wordStyles.small)}>{latest.refusal}</p>;
  if (latest.step === null)
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>Live features in a moment…</p>
    );
  const tiles = live.shown.flatMap(
    (index) => latest.tiles.find(({ latentIndex }) => latentIndex === index) ?? [],
  );
  const openTile = latest.tiles.find(({ latentIndex }) => latentIndex === opened);
  return (
    <section className={figureStyles.figure} aria-label="Live features">
      <div className={layoutStyles.panelHead}>
        <h3>{sae === null ? 'Live features' : 'Its features'}</h3>
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          step {count(latest.step)}, from {count(latest.tokens)} tokens of the last batches
        </span>
      </div>
      <ProblemNote problem={live.problem} />
      {opened !== null ? (
        <LiveLatentPanel latentIndex={opened} tile={openTile} latest={latest} />
      ) : (
        <>
          {isTraining && (
            <div className={layoutStyles.toolRow}>
              <OpenByIndex d_sae={run.config.d_sae} />
              <button
                type="button"
                className={controlStyles.button}
                onClick={() => void actions.train.live.refresh(runId)}
              >
                Show others
              </button>
            </div>
          )}
          <ul className={styles.cards} aria-label="Feature cards">
            {tiles.map((tile) => (
              <li key={tile.latentIndex}>
                <LiveCard tile={tile} tokens={latest.tokens} sae={sae} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
