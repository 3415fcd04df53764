// Pause, resume, stop: what the shown run can do now.
import type { RunFacts } from '../../engine/train/api';
import { isHeld } from '../../store/selectors';
import { resumeBlock } from '../../store/train/runBlocks';
import { Icon } from '../parts/Icon';
import { useActions, useFacts } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

export function RunTransport({ run }: { run: RunFacts }) {
  const busy = useFacts((facts) => facts.training.busy);
  const { pauseTraining, stopTraining } = useActions();
  const isOpen = useFacts((facts) => isHeld(facts, run));
  const isLive = run.phase.kind === 'training' || run.phase.kind === 'preparing';
  return (
    <div className={layoutStyles.buttonRow}>
      {run.phase.kind === 'training' && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={busy}
          onClick={() => void pauseTraining()}
        >
          <Icon name="pause" />
          Pause
        </button>
      )}
      <ResumeButton run={run} />
      {(isLive || (isOpen && run.phase.kind === 'paused')) && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={busy}
          title="Ends the run and keeps what it has learned as an SAE"
          onClick={() => void stopTraining(run.runId)}
        >
          <Icon name="stop" />
          Stop
        </button>
      )}
      {isOpen && run.companions > 0 && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={busy}
          title="Ends every run that is going on, and leaves the queue waiting"
          onClick={() => void stopTraining()}
        >
          Stop all {run.companions + 1}
        </button>
      )}
    </div>
  );
}

/** For a paused, stopped or failed run that has something to go on from. */
export function ResumeButton({ run }: { run: RunFacts }) {
  const busy = useFacts((facts) => facts.training.busy);
  const reason = useFacts((facts) => resumeBlock(facts, run));
  const { resumeTraining } = useActions();
  const canGoOn =
    run.phase.kind === 'paused' ||
    (['failed', 'stopped'].includes(run.phase.kind) && run.savedStep !== null);
  if (!canGoOn) return null;
  return (
    <>
      {reason !== null && <span className={wordStyles.reason}>{reason}</span>}
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        disabled={busy || reason !== null}
        onClick={() => void resumeTraining(run.runId)}
      >
        <Icon name="play" />
        Resume
      </button>
    </>
  );
}
