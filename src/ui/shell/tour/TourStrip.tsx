// The tour above the screen: what comes next, a button that does it, a way out. Steps tick themselves off.
import { shownToken, startReading, tellingAt } from '../../../store/start/startSelectors';
import { nextStep, TOUR_STEPS, type TourStep } from '../../../store/tour/tourState';
import { CopyLink } from '../../parts/buttons/CopyLink';
import { useActions, useAppState, useReadState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './TourStrip.module.css';

const WORDS: Readonly<Record<TourStep, { name: string; what: string }>> = {
  word: { name: 'Click a word', what: 'Click a word on Start: the cards show what it wakes.' },
  open: { name: 'Open a feature', what: 'Click a card: you see all the texts a feature fires on.' },
  turn: { name: 'Turn it up', what: 'Turn a feature up and watch the text change.' },
  train: { name: 'Train', what: 'Train features of your own. You can look at them meanwhile.' },
  share: { name: 'Share', what: 'Copy the link: it opens what you see now.' },
};

export function TourStrip() {
  const isOn = useAppState((state) => state.tour.isOn);
  const done = useAppState((state) => state.tour.done);
  const step = useAppState((state) => nextStep(state.tour));
  const actions = useActions();
  if (!isOn) return null;
  return (
    <section className={styles.tour} aria-label="Tour">
      <ol className={styles.steps}>
        {TOUR_STEPS.map((each) => (
          <li
            key={each}
            className={done.includes(each) ? styles.done : undefined}
            aria-current={each === step ? 'step' : undefined}
          >
            <span aria-hidden="true">{done.includes(each) ? '✓ ' : ''}</span>
            {WORDS[each].name}
            {done.includes(each) && <span className={wordStyles.visuallyHidden}> (done)</span>}
          </li>
        ))}
      </ol>
      <p className={styles.what} role="status">
        {step === null ? 'That was all of it. The rest is yours.' : WORDS[step].what}
      </p>
      {step === 'share' ? <CopyLink /> : step !== null && <DoIt step={step} />}
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet)}
        onClick={actions.tour.leave}
      >
        {step === null ? 'Close' : 'Leave the tour'}
      </button>
    </section>
  );
}

function DoIt({ step }: { step: Exclude<TourStep, 'share'> }) {
  const actions = useActions();
  const readState = useReadState();
  function act() {
    const state = readState();
    const token = shownToken(state);
    const saeId = startReading(state)?.saeId ?? null;
    const latentIndex = tellingAt(state, token)[0]?.latentIndex ?? null;
    switch (step) {
      case 'word':
        actions.shell.show('start');
        if (token !== null) actions.start.choose(token);
        return;
      case 'open':
        if (saeId !== null && latentIndex !== null) actions.explore.openFeature(saeId, latentIndex);
        return;
      case 'turn':
        actions.shell.show('start');
        if (latentIndex !== null) void actions.start.turnUp(latentIndex);
        return;
      case 'train':
        void actions.start.trainOwn();
        return;
      default:
        step satisfies never;
    }
  }
  return (
    <button type="button" className={controlStyles.button} onClick={act}>
      Do it for me
    </button>
  );
}

/** On Start: begins the tour, or goes on where it was left. */
export function TourButton() {
  const isOn = useAppState((state) => state.tour.isOn);
  const done = useAppState((state) => state.tour.done.length);
  const actions = useActions();
  if (isOn) return null;
  const isBegun = done > 0 && done < TOUR_STEPS.length;
  return (
    <button type="button" className={controlStyles.linkButton} onClick={actions.tour.begin}>
      {isBegun ? `Go on with the tour: ${done} of ${TOUR_STEPS.length} done` : 'Show me around'}
    </button>
  );
}
