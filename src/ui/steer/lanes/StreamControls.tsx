// The stream's buttons: generate, pause, step, stop, rerun, new seed, replay; and what a rerun would change.
import { useEffect, useState } from 'react';
import type { GenerationRun } from '../../../store/generate/generationRun';
import { firstDifference, needsRerun, valuesInForce } from '../../../store/steer/steerRequest';
import { steeringBlock } from '../../../store/steer/steerSelectors';
import { CopyLink } from '../../parts/buttons/CopyLink';
import { ShareButton } from '../../parts/buttons/ShareButton';
import { Icon } from '../../parts/Icon';
import { samplingProblem } from '../../parts/fields/sampling';
import { Segmented } from '../../parts/fields/Segmented';
import { useActions, useAppState } from '../../storeContext';
import { writtenValue } from '../slots/strengthText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './StreamControls.module.css';

export function StreamControls() {
  const reason = useAppState((state) => steeringBlock(state) ?? samplingProblem(state.steer.form));
  const running = useAppState(({ steer }) => steer.run?.running === true);
  const generationId = useAppState(({ steer }) => steer.run?.generationId ?? 0);
  return (
    <>
      <div className={classNames(layoutStyles.buttonRow, styles.main)}>
        <MainButton reason={reason} />
        {running && <StopButton />}
        <NewSeedButton reason={reason} />
        <PrefillChip />
        <ThrottleBadge key={generationId} running={running} />
        <ReplayResult />
        {reason !== null && <span className={wordStyles.reason}>{reason}</span>}
      </div>
      <div className={classNames(layoutStyles.buttonRow, styles.more)}>
        <StepButton reason={reason} />
        {!running && <ReplayButton />}
        <ViewChoice />
        <CopyLink />
        <ShareButton />
      </div>
    </>
  );
}

function streamState(run: GenerationRun | null): 'none' | 'running' | 'paused' | 'ended' {
  if (run === null) return 'none';
  if (!run.running) return 'ended';
  return run.isPaused ? 'paused' : 'running';
}

function MainButton({ reason }: { reason: string | null }) {
  const state = useAppState(({ steer }) => streamState(steer.run));
  const actions = useActions();
  if (state === 'running') {
    return (
      <>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => void actions.steer.run.pause()}
        >
          <Icon name="pause" />
          Pause
        </button>
        <button
          type="button"
          className={controlStyles.button}
          disabled={reason !== null}
          onClick={() => void actions.steer.run.start()}
        >
          <Icon name="play" />
          Rerun
        </button>
      </>
    );
  }
  if (state === 'paused') {
    return (
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        onClick={() => void actions.steer.run.resume()}
      >
        <Icon name="play" />
        Go on
      </button>
    );
  }
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.primary)}
      disabled={reason !== null}
      onClick={() => void actions.steer.run.start()}
    >
      <Icon name="play" />
      {state === 'none' ? 'Generate' : 'Rerun'}
    </button>
  );
}

function StopButton() {
  const actions = useActions();
  return (
    <button
      type="button"
      className={controlStyles.button}
      onClick={() => void actions.steer.run.stop()}
    >
      <Icon name="stop" />
      Stop
    </button>
  );
}

function StepButton({ reason }: { reason: string | null }) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={controlStyles.button}
      disabled={reason !== null}
      title="One token, then hold"
      onClick={() => void actions.steer.run.step()}
    >
      Step
    </button>
  );
}

function NewSeedButton({ reason }: { reason: string | null }) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={controlStyles.button}
      disabled={reason !== null}
      onClick={() => void actions.steer.run.startNewSeed()}
    >
      <Icon name="dice" />
      New seed
    </button>
  );
}

function ReplayButton() {
  const canReplay = useAppState(({ steer }) => (steer.run?.lanes.steered.length ?? 0) > 0);
  const actions = useActions();
  if (!canReplay) return null;
  return (
    <button
      type="button"
      className={controlStyles.button}
      title="The same text again, with every dial change at its token"
      onClick={() => void actions.steer.run.replay()}
    >
      Replay exactly
    </button>
  );
}

function ViewChoice() {
  const isDiffOn = useAppState((state) => state.steer.isDiffOn);
  const lanes = useAppState((state) => state.steer.lanes);
  const actions = useActions();
  return (
    <>
      <Segmented
        label="Lanes"
        value={lanes}
        options={[
          { value: 'both', label: 'With baseline' },
          { value: 'steered', label: 'Steered alone' },
        ]}
        onChange={actions.steer.run.setLanes}
      />
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.toggle)}
        aria-pressed={isDiffOn}
        onClick={actions.steer.run.toggleDiff}
      >
        Diff
      </button>
    </>
  );
}

/** The prompt's keys and values depend on the strength it was read with: only a rerun reads it again. */
function PrefillChip() {
  const text = useAppState(({ steer }) => {
    const asked = steer.run?.request.steer;
    const first = steer.run?.lanes.steered[0];
    if (asked === undefined || asked === null) return null;
    if (needsRerun(steer))
      return 'Slots, modes, mask or lanes changed: they count from the next run.';
    if (first === undefined) return null;
    const now = valuesInForce(steer.setup);
    const at = asked.slots.findIndex(({ id }, i) => (first.values[i] ?? null) !== now.get(id));
    const slot = asked.slots[at];
    if (slot === undefined) return null;
    const { mode, unit } = slot;
    const read = writtenValue(mode, unit, first.values[at] ?? null);
    return `The prompt keeps its strength: read at ${read}; a rerun reads it at ${writtenValue(mode, unit, now.get(slot.id) ?? null)}.`;
  });
  const actions = useActions();
  if (text === null) return null;
  return (
    <span className={classNames(controlStyles.chip, styles.wrap)}>
      {text}{' '}
      <button
        type="button"
        className={controlStyles.linkButton}
        onClick={() => void actions.steer.run.start()}
      >
        Rerun now
      </button>
    </span>
  );
}

function ThrottleBadge({ running }: { running: boolean }) {
  const wasHidden = useWasHidden(running);
  if (!wasHidden) return null;
  return (
    <span className={controlStyles.chip} role="status">
      throttled by the browser while the tab was hidden
    </span>
  );
}

/** Whether the page was hidden since the text started; the caller resets it for each text. */
function useWasHidden(running: boolean): boolean {
  const [wasHidden, setWasHidden] = useState(() => document.visibilityState === 'hidden');
  useEffect(() => {
    if (!running) return;
    const look = () => {
      if (document.visibilityState === 'hidden') setWasHidden(true);
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [running]);
  return wasHidden;
}

function ReplayResult() {
  const text = useAppState(({ steer }) => {
    const { run, replayed } = steer;
    if (run === null || replayed === null) return null;
    const at = firstDifference(run.lanes.steered, replayed.steered);
    if (at !== null) return `Differs from the first run at token ${at + 1}.`;
    if (run.running) return 'Replaying: the same so far.';
    return run.lanes.steered.length === replayed.steered.length
      ? 'Reproduced: the same tokens.'
      : 'The same as far as it goes.';
  });
  return text === null ? null : (
    <span className={controlStyles.chip} role="status">
      {text}
    </span>
  );
}
