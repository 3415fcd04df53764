// The guess at what the open feature fires on, with its score; and, if the browser has a language
// model of its own on this device, its opinion on request.
import type { LatentDashboard } from '../../../engine/statistics/api';
import type { LabelGuess } from '../../../core/statistics/latentLabel';
import { useAppState } from '../../storeContext';
import { lazyPart } from '../../parts/load/lazyPart';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { GuessTools } from '../GuessTools';
import { guessText, scoreSentence } from '../guessText';
import { findLanguageModel } from '../languageModel';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './GuessedLabel.module.css';

const SecondOpinion = lazyPart(
  'The second opinion',
  async () => (await import('../compare/SecondOpinion')).SecondOpinion,
);

export function GuessedLabel({ dashboard }: { dashboard: LatentDashboard }) {
  const guess = useAppState(
    (state) => state.statistics.labels.guesses?.[dashboard.row.latentIndex] ?? null,
  );
  return (
    <div className={styles.guess}>
      {guess !== null && <Guess guess={guess} dashboard={dashboard} />}
      <GuessTools />
      {findLanguageModel() !== null && dashboard.topExamples.length > 0 && (
        <SecondOpinion key={dashboard.row.latentIndex} dashboard={dashboard} />
      )}
    </div>
  );
}

function Guess({ guess, dashboard }: { guess: LabelGuess; dashboard: LatentDashboard }) {
  const promoted = dashboard.topLogits.slice(0, 3).map(({ text }) => `“${chipGlyphs(text)}”`);
  return (
    <>
      <p>
        <span className={controlStyles.chip}>guess</span> <strong>{guessText(guess)}</strong>
        {promoted.length > 0 && (
          <span className={wordStyles.muted}> · promotes {promoted.join(', ')}</span>
        )}
      </p>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>{scoreSentence(guess)}</p>
    </>
  );
}
