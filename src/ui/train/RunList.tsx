// Runs stored in this browser: show, resume or delete one.
import type { RunFacts } from '../../engine/train/api';
import { saeOfRun } from '../../store/train/trainingPlan';
import { isHeld } from '../../store/train/trainSelectors';
import { ConfirmButton } from '../parts/buttons/ConfirmButton';
import { useActions, useAppState } from '../storeContext';
import { progressText, runDetail, runName } from './runText';
import { ResumeButton } from './RunTransport';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';

export function RunList() {
  const all = useAppState((state) => state.train.runs);
  const shownRunId = useAppState((state) => state.train.shownRunId);
  // One that is on its way is no saved one yet, and stands above.
  const runs = all.filter(
    ({ runId, phase }) =>
      phase.kind !== 'queued' &&
      !(runId === shownRunId && (phase.kind === 'preparing' || phase.kind === 'training')),
  );
  if (runs.length === 0) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="saved-runs">
      <h2 id="saved-runs">Saved runs</h2>
      <ul className={rowStyles.list}>
        {runs.map((run) => (
          <RunItem key={run.runId} run={run} isShown={run.runId === shownRunId} />
        ))}
      </ul>
    </section>
  );
}

function RunItem({ run, isShown }: { run: RunFacts; isShown: boolean }) {
  const busy = useAppState((state) => state.train.busy);
  const actions = useActions();
  const isOpen = useAppState((state) => isHeld(state, run));
  const subject = `run on ${runName(run)}, ${runDetail(run)}`;
  return (
    <li className={rowStyles.item}>
      <div className={rowStyles.name}>
        <div title={run.config.hookPoint}>{runName(run)}</div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>{runDetail(run)}</div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>{progressText(run)}</div>
      </div>
      <div className={layoutStyles.buttonRow}>
        {!isShown && (
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.quiet)}
            aria-label={`Show ${subject}`}
            onClick={() => void actions.train.show(run.runId)}
          >
            Show
          </button>
        )}
        {!isShown && <ResumeButton run={run} />}
        <OpenSaeButton run={run} subject={subject} />
        {!isOpen && (
          <ConfirmButton
            label="Delete"
            subject={subject}
            question={
              run.phase.kind === 'done'
                ? 'Delete this run and its curve? Its SAE stays.'
                : 'Delete this run and its checkpoints?'
            }
            disabled={busy}
            onConfirm={() => void actions.train.deleteRun(run.runId)}
          />
        )}
      </div>
    </li>
  );
}

/** What a run made, as long as it is kept. */
function OpenSaeButton({ run, subject }: { run: RunFacts; subject: string }) {
  const sae = useAppState((state) => saeOfRun(run, state.sae.list ?? []));
  const actions = useActions();
  if (sae === null) {
    return run.phase.kind === 'done' && run.source === 'model' ? (
      <span className={wordStyles.reason}>Its SAE was deleted.</span>
    ) : null;
  }
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.quiet)}
      aria-label={`Open SAE: ${subject}`}
      onClick={() => actions.explore.openSae(sae.saeId)}
    >
      Open SAE
    </button>
  );
}
