// What goes on and takes a while: the first of it with its progress and Cancel, all of it on request.
import { useMemo } from 'react';
import { textRuns } from '../../store/generate/generateSelectors';
import { runningJobs, type RunningJob } from '../../store/shell/runningJobs';
import { useShallow } from 'zustand/react/shallow';
import { Icon } from '../parts/Icon';
import { duration } from '../parts/text/numberText';
import { PopoverMenu } from '../parts/PopoverMenu';
import { ProgressTrack } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import styles from './JobsMenu.module.css';

export function JobsMenu() {
  const jobs = useJobs();
  const end = useEnd();
  const [first] = jobs;
  if (first === undefined) return null;
  return (
    <div className={styles.jobs} role="group" aria-label="Running">
      <PopoverMenu name="Running" face={<Face job={first} others={jobs.length - 1} />}>
        {() => (
          <ul className={styles.list}>
            {jobs.map((job) => (
              <li key={job.key}>
                <JobLine job={job} onEnd={() => end(job)} />
              </li>
            ))}
          </ul>
        )}
      </PopoverMenu>
      {first.end !== null && (
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, styles.end)}
          aria-label={`${endWord(first)}: ${first.label}`}
          title={endWord(first)}
          onClick={() => end(first)}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function useJobs(): RunningJob[] {
  const progress = useAppState((state) => state.progress);
  const runs = useAppState((state) => state.train.runs);
  const texts = useAppState(useShallow(textRuns));
  return useMemo(() => runningJobs(progress, runs, texts), [progress, runs, texts]);
}

function useEnd(): (job: RunningJob) => void {
  const actions = useActions();
  return ({ end }) => {
    if (end?.kind === 'job') void actions.shell.cancelJob(end.jobId);
    if (end?.kind === 'run') void actions.train.stop(end.runId);
  };
}

/** A run that is stopped leaves an SAE, other work leaves what was before. */
function endWord({ end }: RunningJob): string {
  return end?.kind === 'run' ? 'Stop' : 'Cancel';
}

function Face({ job, others }: { job: RunningJob; others: number }) {
  return (
    <>
      <span className={styles.label}>{job.label}</span> <Meter fraction={job.fraction} />
      {others > 0 && <span>+{others}</span>}
    </>
  );
}

function Meter({ fraction }: { fraction: number | null }) {
  if (fraction === null) return <span className={styles.unknown}>…</span>;
  return (
    <span className={styles.meter}>
      <span className={styles.bar} aria-hidden="true">
        <span style={{ width: `${100 * Math.min(1, fraction)}%` }} />
      </span>
      {Math.floor(100 * fraction)} %
    </span>
  );
}

function JobLine({ job, onEnd }: { job: RunningJob; onEnd: () => void }) {
  const { label, fraction, secondsLeft } = job;
  return (
    <div className={styles.line}>
      <span>{label}</span>
      <span className={styles.left}>
        {fraction === null ? 'no end known' : `${Math.floor(100 * fraction)} %`}
        {secondsLeft !== null && `, ${duration(secondsLeft)} left`}
      </span>
      <div className={styles.track}>
        <ProgressTrack label={label} fraction={fraction} />
      </div>
      {job.end !== null && (
        <button
          type="button"
          className={controlStyles.button}
          aria-label={`${endWord(job)}: ${label}`}
          onClick={onEnd}
        >
          {endWord(job)}
        </button>
      )}
    </div>
  );
}
