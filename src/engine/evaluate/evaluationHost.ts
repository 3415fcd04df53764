// Evaluates SAEs one after the other, reports rows as their numbers arrive and stores the last evaluation of
// each. One queue at a time; the results of a cancelled or failed evaluation are kept, marked as incomplete.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { ConfigError } from '../../core/errors';
import type { EvaluationForm, EvaluationRow } from './api';
import { createEvaluationRows, type EvaluationRows } from './evaluationRows';
import { onGpuFault } from '../gpuFault';
import type { EngineHosts } from '../hosts';
import { makeJobSlot, type Job } from '../jobs';
import { toProblem } from '../problems';
import type { JobId } from '../shared/api';

/** Milliseconds between two reports of a running row. */
const TELL_INTERVAL = 500;

export type EvaluationHost = {
  /** Resolves when every SAE of the queue is done, failed or cancelled; its row says which. */
  evaluate: (saeIds: readonly string[], form: EvaluationForm, jobId?: JobId) => Promise<void>;
  /** Rows that have something to show. */
  list: () => Promise<EvaluationRow[]>;
};

export function createEvaluationHost(o: EngineHosts): EvaluationHost {
  const rows = createEvaluationRows(o);
  const slot = makeJobSlot(o, {
    kind: 'evaluation',
    cancelled: 'The evaluation was cancelled.',
    busy: 'An evaluation is running. Cancel it first.',
    field: 'evaluation',
  });
  onGpuFault(o, slot.end);
  o.modelHost.onClosing(slot.end);

  return {
    evaluate: (saeIds, form, jobId) =>
      slot.run(jobId, async (job) => {
        checkForm(form);
        o.modelHost.current();
        await rows.ready();
        rows.forgetDeleted();
        for (const saeId of saeIds) rows.tell(saeId, { kind: 'queued' });
        for (const saeId of saeIds) {
          if (job.signal.aborted) rows.tell(saeId, { kind: 'idle' });
          else await evaluateOne(o, rows, saeId, form, job);
        }
        if (!job.signal.aborted) await evaluateAll(o, rows, saeIds, form, job);
      }),
    async list() {
      await rows.ready();
      return rows.list();
    },
  };
}

async function evaluateOne(
  o: EngineHosts,
  rows: EvaluationRows,
  saeId: string,
  form: EvaluationForm,
  job: Job,
): Promise<void> {
  const { now } = o.parts;
  let lastTold = -Infinity;
  let describe: (() => SaeEvaluation) | null = null;
  rows.tell(saeId, { kind: 'running' });
  try {
    const { runEvaluation } = await import('./evaluationJob');
    const evaluation = await runEvaluation(o, saeId, form, {
      ...hooksOf(o, job),
      onMeasured(latest) {
        describe = latest;
        if (now() - lastTold < TELL_INTERVAL) return;
        lastTold = now();
        rows.tell(saeId, { kind: 'running' }, latest());
      },
    });
    await rows.keep(evaluation);
    rows.tell(saeId, { kind: 'idle' }, evaluation);
  } catch (thrown) {
    const partial = (describe as (() => SaeEvaluation) | null)?.();
    if (partial !== undefined) await rows.keep(partial);
    rows.tell(saeId, stateAfter(job, thrown), partial);
  }
}

/** After each alone: transcoders of several blocks, all in their MLPs' places at once. What each has stays. */
async function evaluateAll(
  o: EngineHosts,
  rows: EvaluationRows,
  saeIds: readonly string[],
  form: EvaluationForm,
  job: Job,
): Promise<void> {
  const measured = new Map<string, SaeEvaluation>();
  for (const saeId of saeIds) {
    const evaluation = rows.settled(saeId);
    if (evaluation?.isComplete === true) measured.set(saeId, evaluation);
  }
  const here = (await o.library.list()).filter(({ saeId }) => measured.has(saeId));
  const { measuredTogether } = await import('./evaluateTogether');
  const saes = measuredTogether(here);
  if (saes.length === 0) return;
  for (const { saeId } of saes) rows.tell(saeId, { kind: 'running' });
  try {
    const { runTogether } = await import('./evaluationJob');
    const together = await runTogether(o, saes, form, hooksOf(o, job));
    for (const { saeId } of saes) {
      const alone = measured.get(saeId);
      if (alone === undefined) continue;
      const evaluation = { ...alone, together };
      await rows.keep(evaluation);
      rows.tell(saeId, { kind: 'idle' }, evaluation);
    }
  } catch (thrown) {
    const state = stateAfter(job, thrown);
    for (const { saeId } of saes) rows.tell(saeId, state);
  }
}

function hooksOf(o: EngineHosts, job: Job) {
  return {
    onProgress: job.tell,
    async pause() {
      await o.parts.breathe();
      await o.turns.waitForIdle();
      job.signal.throwIfAborted();
    },
  };
}

/** Errors that follow from ending the job are not reported. */
function stateAfter(job: Job, thrown: unknown): EvaluationRow['state'] {
  const problem = toProblem(job.signal.aborted ? job.signal.reason : thrown);
  return problem.kind === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', problem };
}

function checkForm(form: EvaluationForm): void {
  if (Number.isInteger(form.tokens) && form.tokens >= 1) return;
  throw new ConfigError(`tokens must be a whole number from 1: ${form.tokens}`, 'tokens');
}
