// The commands available for the shown run: pause, resume, stop.
import type { RunFacts } from '../../engine/train/api';
import { isHeld } from '../../store/train/trainSelectors';
import { resumeBlock } from '../../store/train/runBlocks';
import { Icon } from '../parts/Icon';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

export function RunTransport({ run }: { run: RunFacts }) {
  const busy = useAppState((state) => state.train.busy);
  const actions = useActions();
  const isOpen = useAppState((state) => isHeld(state, run));
  const isLive = run.phase.kind === 'training' || run.phase.kind === 'preparing';
  return (
    <div className={layoutStyles.buttonRow}>
      {run.phase.kind === 'training' && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={busy}
          onClick={() => void actions.train.pause()}
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
          onClick={() => void actions.train.stop(run.runId)}
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
          title="Ends every running run; queued runs stay in the queue"
          onClick={() => void actions.train.stop()}
        >
          Stop all {run.companions + 1}
        </button>
      )}
    </div>
  );
}

/** For a run that can go on from its checkpoint, or from the beginning where it has none. */
export function ResumeButton({ run }: { run: RunFacts }) {
  const busy = useAppState((state) => state.train.busy);
  const reason = useAppState((state) => resumeBlock(state, run));
  const actions = useActions();
  if (!['paused', 'notBegun', 'failed', 'stopped'].includes(run.phase.kind)) return null;
  const isFresh = run.phase.kind !== 'paused' && run.savedStep === null;
  return (
    <>
      {reason !== null && <span className={wordStyles.reason}>{reason}</span>}
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        disabled={busy || reason !== null}
        onClick={() => void actions.train.resume(run.runId)}
      >
        <Icon name="play" />
        {isFresh ? 'Start' : 'Resume'}
      </button>
    </>
  );
}
