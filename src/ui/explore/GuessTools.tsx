// The pass that guesses labels for all features: start it, follow it, stop it.
import { useEffect } from 'react';
import { generationBlock, selectedSae, progressOf } from '../../store/selectors';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useFacts } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';

/** Nothing once there are guesses. */
export function GuessTools() {
  const saeId = useFacts((facts) => selectedSae(facts)?.saeId ?? null);
  const guesses = useFacts((facts) => facts.explore.guesses);
  const { guessingSaeId, problem } = useFacts((facts) => facts.labels);
  const block = useFacts((facts) => facts.device?.problem ?? generationBlock(facts));
  const { loadGuesses, guessLabels } = useActions();
  useEffect(() => void loadGuesses(), [loadGuesses, saeId]);
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
          onClick={() => void guessLabels(saeId)}
        >
          Guess labels
        </button>
      )}
    </>
  );
}

function GuessProgress() {
  const progress = useFacts(progressOf('labels'));
  const { cancelGuessing } = useActions();
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
            onClick={() => void cancelGuessing()}
          >
            Cancel guessing
          </button>
        </div>
      }
    />
  );
}
