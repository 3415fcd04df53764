// Starts, shows and stops the pass that guesses labels for all features.
import { generationBlock } from '../../store/generate/generateSelectors';
import { selectedSae } from '../../store/sae/saeSelectors';
import { progressOf } from '../../store/progress';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';

/** Renders nothing once there are guesses. */
export function GuessTools() {
  const saeId = useAppState((state) => selectedSae(state)?.saeId ?? null);
  const guesses = useAppState((state) => state.statistics.labels.guesses);
  const { guessingSaeId, problem } = useAppState((state) => state.statistics.labels);
  const block = useAppState((state) => generationBlock(state));
  const actions = useActions();
  if (saeId === null) return null;
  return (
    <>
      <ProblemNote problem={problem} />
      {guessingSaeId === saeId && <GuessProgress />}
      {guesses === null && guessingSaeId === null && (
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.smallButton)}
          disabled={block !== null}
          title={block ?? 'Fits plain rules to some text and scores them on other text, here'}
          onClick={() => void actions.statistics.labels.guess(saeId)}
        >
          Guess labels
        </button>
      )}
    </>
  );
}

function GuessProgress() {
  const progress = useAppState(progressOf('labels'));
  const actions = useActions();
  if (progress === null)
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        The guessing is about to start…
      </p>
    );
  return (
    <ProgressBar
      label="Guessing labels"
      progress={progress}
      action={
        <div>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.statistics.labels.cancel()}
          >
            Cancel guessing
          </button>
        </div>
      }
    />
  );
}
