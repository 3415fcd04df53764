// The run on screen: transport, progress, live charts, and its outcome.
import type { RunFacts } from '../../engine/train/api';
import { shownRun } from '../../store/train/trainSelectors';
import { count, duration, measure } from '../parts/text/numberText';
import { Note, ProblemNote } from '../parts/Messages';
import { ProgressTrack } from '../parts/ProgressBar';
import { lazyPart } from '../parts/load/lazyPart';
import { useActions, useAppState } from '../storeContext';
import { LiveCharts } from './live/LiveCharts';
import { phaseName, readsRows, runName } from './runText';
import { RunOutcome } from './RunOutcome';
import { RunTransport } from './RunTransport';
import { classNames } from '../parts/look/classNames';
import progressStyles from '../parts/ProgressBar.module.css';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './RunPanel.module.css';

const LiveLatents = lazyPart(
  'The list of features in training',
  async () => (await import('./live/LiveLatents')).LiveLatents,
);

export function RunPanel() {
  const run = useAppState(shownRun);
  return (
    <section className={layoutStyles.panel} aria-labelledby="run-name">
      {run === null ? <NoRun /> : <Run run={run} />}
    </section>
  );
}

function NoRun() {
  return (
    <div className={layoutStyles.empty}>
      <strong id="run-name">No run on screen</strong>
      <p>
        Press Play: its features appear here as it trains, below them how well it does. The run is
        saved in this browser.
      </p>
    </div>
  );
}

function Run({ run }: { run: RunFacts }) {
  return (
    <>
      <div className={layoutStyles.panelHead}>
        <h2 id="run-name">
          <span title={run.config.hookPoint}>{runName(run)}</span>{' '}
          <span className={controlStyles.chip}>{phaseName(run.phase)}</span>
        </h2>
        <RunTransport run={run} />
      </div>
      <RunProblem run={run} />
      {run.source === 'random' && <RandomNote />}
      <RunProgress run={run} />
      <RunOutcome run={run} />
      <LiveLatents run={run} />
      <LiveCharts run={run} />
    </>
  );
}

/** What broke the run or made it pause by itself, with a way to recover if there is one. */
function RunProblem({ run }: { run: RunFacts }) {
  const busy = useAppState((state) => state.train.busy);
  const actions = useActions();
  const problem = run.phase.kind === 'failed' ? run.phase.problem : run.warning;
  if (problem === null) return null;
  const from = run.savedStep === null ? 'the start' : `step ${count(run.savedStep)}`;
  return (
    <ProblemNote problem={problem}>
      {problem.kind === 'not-finite' && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={busy}
          onClick={() => void actions.train.rollBack(run.runId)}
        >
          Back to {from}, half the rate
        </button>
      )}
    </ProblemNote>
  );
}

function RandomNote() {
  return (
    <Note>
      <p>
        <strong>Random activations.</strong> A smoke test of this configuration: the features mean
        nothing and no SAE is kept.
      </p>
    </Note>
  );
}

function savedText({ phase, savedStep }: RunFacts): string {
  if (phase.kind === 'notBegun') return 'ended before its first checkpoint; its settings are kept';
  return savedStep === null ? 'not saved yet' : `saved at step ${count(savedStep)}`;
}

function RunProgress({ run }: { run: RunFacts }) {
  if (run.phase.kind === 'preparing') {
    const { what, done, total } = run.phase;
    return (
      <div className={progressStyles.progress}>
        <div className={progressStyles.line}>
          <span>
            <strong>{what}</strong>
            {run.step > 0 && (
              <span className={wordStyles.muted}>
                {' '}
                after step {count(run.step)} of {count(run.totalSteps)}
              </span>
            )}
          </span>
          <span className={wordStyles.muted}>
            {count(done)} of {count(total)}
          </span>
        </div>
        <ProgressTrack label={what} fraction={total > 0 ? done / total : null} />
      </div>
    );
  }
  return (
    <div className={progressStyles.progress}>
      <div className={classNames(progressStyles.line, styles.stats)}>
        <span>
          Step <strong>{count(run.step)}</strong>{' '}
          <span className={wordStyles.muted}>of {count(run.totalSteps)}</span>
        </span>
        {run.phase.kind === 'training' && (
          <>
            <span>
              <strong>{measure(run.tokensPerSecond)}</strong>{' '}
              <span className={wordStyles.muted}>{readsRows(run) ? 'rows' : 'tokens'}/s</span>
            </span>
            <span>
              <strong>{duration(run.etaSeconds)}</strong>{' '}
              <span className={wordStyles.muted}>left</span>
            </span>
          </>
        )}
        {run.companions > 0 && (
          <span className={wordStyles.muted}>
            shares each forward pass with {count(run.companions)} more
          </span>
        )}
        <span className={wordStyles.muted}>{savedText(run)}</span>
      </div>
      <ProgressTrack
        label="Training"
        fraction={run.totalSteps > 0 ? run.step / run.totalSteps : null}
      />
    </div>
  );
}
