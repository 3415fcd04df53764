// Evaluates SAEs one after the other, reports rows as their numbers arrive and stores the last evaluation of
// each. One queue at a time; the results of a cancelled or failed evaluation are kept, marked as incomplete.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { ConfigError } from '../../core/errors';
import type { EvaluationForm, EvaluationRow } from './api';
import { runEvaluation, runTogether } from './evaluationJob';
import { measuredTogether } from './evaluateTogether';
import { createEvaluationStore, EVALUATION_RECORDS } from './evaluationStore';
import { onGpuFault } from '../gpuFault';
import type { EngineHosts } from '../hosts';
import { makeJobSlot, type Job } from '../jobs';
import { toProblem } from '../problems';
import { followRecords } from '../recordNews';
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
  const { parts, emit } = o;
  const store = createEvaluationStore(parts.storage);
  const rows = new Map<string, EvaluationRow>();
  /** deleted while they were evaluated */
  const gone = new Set<string>();
  let opening: Promise<void> | null = null;
  const slot = makeJobSlot(o, {
    kind: 'evaluation',
    cancelled: 'The evaluation was cancelled.',
    busy: 'An evaluation is running. Cancel it first.',
    field: 'evaluation',
  });
  onGpuFault(o, slot.end);
  o.modelHost.onClosing(slot.end);
  o.library.onDeleted(async ({ saeId }) => {
    gone.add(saeId);
    rows.delete(saeId);
    await store.delete(saeId);
  });

  const ready = () => {
    opening ??= readStored().catch((cause: unknown) => {
      opening = null;
      throw cause;
    });
    return opening;
  };
  const readStored = async () => {
    for (const evaluation of await store.list()) {
      const saeId = evaluation.sae.id;
      if (!rows.has(saeId)) rows.set(saeId, { saeId, state: { kind: 'idle' }, evaluation });
    }
  };
  followRecords(o, EVALUATION_RECORDS, async (saeIds) => {
    // Nobody has asked yet: who does will read all.
    if (opening === null) return;
    await ready();
    for (const evaluation of await store.list()) {
      const { id } = evaluation.sae;
      const isBusy = (rows.get(id)?.state.kind ?? 'idle') !== 'idle';
      if (saeIds.includes(id) && !isBusy) tell(id, { kind: 'idle' }, evaluation);
    }
  });
  const tell = (saeId: string, state: EvaluationRow['state'], evaluation?: SaeEvaluation) => {
    if (gone.has(saeId)) return;
    const row = { saeId, state, evaluation: evaluation ?? rows.get(saeId)?.evaluation ?? null };
    rows.set(saeId, row);
    emit({ kind: 'evaluation', row });
  };

  const hooksOf = (job: Job) => ({
    onProgress: job.tell,
    async pause() {
      await parts.breathe();
      await o.turns.waitForIdle();
      job.signal.throwIfAborted();
    },
  });

  const evaluateOne = async (saeId: string, form: EvaluationForm, job: Job) => {
    let lastTold = -Infinity;
    let describe: (() => SaeEvaluation) | null = null;
    tell(saeId, { kind: 'running' });
    try {
      const evaluation = await runEvaluation(o, saeId, form, {
        ...hooksOf(job),
        onMeasured(latest) {
          describe = latest;
          if (parts.now() - lastTold < TELL_INTERVAL) return;
          lastTold = parts.now();
          tell(saeId, { kind: 'running' }, latest());
        },
      });
      await keep(evaluation);
      tell(saeId, { kind: 'idle' }, evaluation);
    } catch (thrown) {
      // Errors that follow from ending the job must not be reported.
      const problem = toProblem(job.signal.aborted ? job.signal.reason : thrown);
      const partial = (describe as (() => SaeEvaluation) | null)?.();
      if (partial !== undefined) await keep(partial);
      tell(
        saeId,
        problem.kind === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', problem },
        partial,
      );
    }
  };

  /** After each alone: transcoders of several blocks, all in their MLPs' places at once. What each has stays. */
  const evaluateAll = async (saeIds: readonly string[], form: EvaluationForm, job: Job) => {
    const measured = new Map<string, SaeEvaluation>();
    for (const saeId of saeIds) {
      const row = rows.get(saeId);
      const evaluation = row?.state.kind === 'idle' ? row.evaluation : null;
      if (evaluation?.isComplete === true) measured.set(saeId, evaluation);
    }
    const here = (await o.library.list()).filter(({ saeId }) => measured.has(saeId));
    const saes = measuredTogether(here);
    if (saes.length === 0) return;
    for (const { saeId } of saes) tell(saeId, { kind: 'running' });
    try {
      const together = await runTogether(o, saes, form, hooksOf(job));
      for (const { saeId } of saes) {
        const alone = measured.get(saeId);
        if (alone === undefined) continue;
        const evaluation = { ...alone, together };
        await keep(evaluation);
        tell(saeId, { kind: 'idle' }, evaluation);
      }
    } catch (thrown) {
      const problem = toProblem(job.signal.aborted ? job.signal.reason : thrown);
      const state: EvaluationRow['state'] =
        problem.kind === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', problem };
      for (const { saeId } of saes) tell(saeId, state);
    }
  };

  /** A full disk prevents storing the row, but it stays on screen. */
  const keep = async (evaluation: SaeEvaluation) => {
    if (gone.has(evaluation.sae.id)) return;
    try {
      await store.put(evaluation);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `The evaluation of ${evaluation.sae.name} is kept in this tab only: download the report now. ${problem.wayOut}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut } });
    }
  };

  return {
    evaluate: (saeIds, form, jobId) =>
      slot.run(jobId, async (job) => {
        checkForm(form);
        o.modelHost.current();
        await ready();
        gone.clear();
        for (const saeId of saeIds) tell(saeId, { kind: 'queued' });
        for (const saeId of saeIds) {
          if (job.signal.aborted) tell(saeId, { kind: 'idle' });
          else await evaluateOne(saeId, form, job);
        }
        if (!job.signal.aborted) await evaluateAll(saeIds, form, job);
      }),
    async list() {
      await ready();
      return [...rows.values()];
    },
  };
}

function checkForm(form: EvaluationForm): void {
  if (Number.isInteger(form.tokens) && form.tokens >= 1) return;
  throw new ConfigError(`tokens must be a whole number from 1: ${form.tokens}`, 'tokens');
}
