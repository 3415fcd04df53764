// Starts the pass that guesses names for all features; ListWork shows how it goes.
import { generationBlock } from '../../store/generate/generateSelectors';
import { selectedSae } from '../../store/sae/saeSelectors';
import { useActions, useAppState } from '../storeContext';
import controlStyles from '../parts/look/controls.module.css';

/** Renders nothing once there are guesses, or while they are made. */
export function GuessTools() {
  const saeId = useAppState((state) => selectedSae(state)?.saeId ?? null);
  const { guesses, guessingSaeId } = useAppState((state) => state.statistics.labels);
  const block = useAppState(generationBlock);
  const actions = useActions();
  if (saeId === null || guesses !== null || guessingSaeId !== null) return null;
  return (
    <button
      type="button"
      className={controlStyles.button}
      disabled={block !== null}
      title={block ?? 'Fits plain rules to some text and scores them on other text, here'}
      onClick={() => void actions.statistics.labels.guess(saeId)}
    >
      Guess names
    </button>
  );
}
