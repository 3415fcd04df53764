// Runs stored in this browser: show, resume or delete one.
import type { RunFacts } from '../../engine/train/api';
import { isHeld } from '../../store/train/trainSelectors';
import { count } from '../parts/numberText';
import { ConfirmButton } from '../parts/ConfirmButton';
import { useActions, useAppState } from '../storeContext';
import { phaseName, runDetail, runName } from './runText';
import { ResumeButton } from './RunTransport';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';

export function RunList() {
  const all = useAppState((state) => state.train.runs);
  const runs = all.filter(({ phase }) => phase.kind !== 'queued');
  const shownRunId = useAppState((state) => state.train.shownRunId);
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
        <div className={wordStyles.mono}>{runName(run)}</div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>{runDetail(run)}</div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>
          {phaseName(run.phase)} at step {count(run.step)} of {count(run.totalSteps)}
        </div>
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
        {!isOpen && (
          <ConfirmButton
            label="Delete"
            subject={subject}
            question="Delete this run and its checkpoints?"
            disabled={busy}
            onConfirm={() => void actions.train.deleteRun(run.runId)}
          />
        )}
      </div>
    </li>
  );
}
