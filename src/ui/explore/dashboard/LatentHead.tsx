// Who the feature is: its name, where that is from, how often it fires; and what can be done with it.
import { openRows } from '../../../store/model/openRows';
import { isStarred, guessOf } from '../../../store/featureNames';
import { CopyLink } from '../../parts/buttons/CopyLink';
import { ShareButton } from '../../parts/buttons/ShareButton';
import { densitySentence, nameSource, SCORE_MEANING } from '../../parts/feature/nameText';
import { useFeatureName } from '../../parts/feature/useFeatureName';
import { measure } from '../../parts/text/numberText';
import { useActions, useAppState } from '../../storeContext';
import { guessText, scoreSentence } from '../guessText';
import { ExportMenu } from './ExportMenu';
import { LatentNotes } from './LatentNotes';
import { Provisional } from './LatentFacts';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LatentHead.module.css';

type LatentHeadProps = { saeId: string; latentIndex: number };

export function LatentHead({ saeId, latentIndex }: LatentHeadProps) {
  const name = useFeatureName(saeId, latentIndex);
  const canSteer = useAppState((state) => openRows(state) === null);
  return (
    <header className={styles.head}>
      <div className={styles.line}>
        <h2 id="latent-name" className={styles.name} tabIndex={-1}>
          {name.text}{' '}
          <span className={styles.number}>
            <span className={wordStyles.visuallyHidden}>feature</span> {latentIndex}
          </span>
        </h2>
        <div className={styles.actions}>
          <Star saeId={saeId} latentIndex={latentIndex} />
          <CopyLink isBrief />
          <ShareButton isBrief />
          <ExportMenu latentIndex={latentIndex} />
          {canSteer && <TurnUp saeId={saeId} latentIndex={latentIndex} />}
        </div>
      </div>
      <Facts saeId={saeId} latentIndex={latentIndex} />
      <Provisional />
      <LatentNotes latentIndex={latentIndex} key={latentIndex} />
    </header>
  );
}

function Star({ saeId, latentIndex }: LatentHeadProps) {
  const isOn = useAppState((state) => isStarred(state, saeId, latentIndex));
  const actions = useActions();
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.icon, styles.star)}
      aria-pressed={isOn}
      aria-label="Star this feature"
      title="Star (f)"
      onClick={() => void actions.statistics.notes.toggleStar(latentIndex)}
    >
      {isOn ? '★' : '☆'}
    </button>
  );
}

function TurnUp({ saeId, latentIndex }: LatentHeadProps) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.primary)}
      title="Steer text by this feature (s)"
      onClick={() => actions.steer.steerLatent(saeId, latentIndex)}
    >
      Turn up
    </button>
  );
}

/** Where the name is from and how often it fires, in a sentence or two. */
function Facts({ saeId, latentIndex }: LatentHeadProps) {
  const name = useFeatureName(saeId, latentIndex);
  const guess = useAppState((state) => guessOf(state, saeId, latentIndex));
  const dashboard = useAppState(({ explore }) =>
    explore.dashboard.status === 'ready' ? explore.dashboard.value : null,
  );
  const hasRows = useAppState((state) => openRows(state) !== null);
  const source = nameSource(name);
  const row = dashboard?.row.latentIndex === latentIndex ? dashboard.row : null;
  return (
    <p className={classNames(wordStyles.muted, styles.facts)}>
      {source !== '' && (
        <span title={guess === undefined ? SCORE_MEANING : scoreSentence(guess)}>
          {source.charAt(0).toUpperCase() + source.slice(1)}.{' '}
        </span>
      )}
      {name.source === 'label' && guess !== undefined && (
        <span title={scoreSentence(guess)}>Guess: {guessText(guess)}. </span>
      )}
      {row !== null && dashboard !== null && (
        <>
          {densitySentence(row, dashboard.tokensSeen, hasRows ? 'row' : 'token')}
          {row.fireCount > 0 && ` At most ${measure(row.maxAct)}.`}
          {row.fireCount === 0 &&
            (hasRows
              ? ' It is dead: no examples.'
              : ' It is dead: no examples, but its direction still promotes tokens.')}
        </>
      )}
    </p>
  );
}
