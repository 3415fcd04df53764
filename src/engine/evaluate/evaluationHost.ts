// Evaluates SAEs one after the other, tells rows as their numbers arrive and keeps the last evaluation of
// each. One queue at a time; what a cancelled or failed evaluation had measured stays, marked as incomplete.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { ConfigError } from '../../core/errors';
import type { EvaluationForm, EvaluationRow } from './api';
import { runEvaluation } from './evaluationJob';
import { createEvaluationStore } from './evaluationStore';
import type { EngineHosts } from '../hosts';
import { CancelledError, DeviceLostError, GpuRefusalError, toProblem } from '../problems';

/** Milliseconds between two tellings of a row that fills. */
const TELL_INTERVAL = 500;

export type EvaluationHost = {
  /** Resolves when every SAE of the queue is done, failed or cancelled; rows tell which. */
  evaluate: (saeIds: readonly string[], form: EvaluationForm) => Promise<void>;
  /** Ends the one going on and those that wait. */
  cancel: () => void;
  /** Rows that have something to show. */
  list: () => Promise<EvaluationRow[]>;
  /** The SAE is gone. */
  forget: (saeId: string) => Promise<void>;
};

/** fault: why it must end, once it must. */
type Job = { fault: Error | null };

export function createEvaluationHost(o: EngineHosts): EvaluationHost {
  const { parts, emit } = o;
  const store = createEvaluationStore(parts.storage);
  const rows = new Map<string, EvaluationRow>();
  /** deleted while they were evaluated */
  const gone = new Set<string>();
  let running: Job | null = null;
  let opening: Promise<void> | null = null;

  const end = (fault: Error) => {
    if (running !== null) running.fault ??= fault;
  };
  o.device.onLost((message) => {
    end(new DeviceLostError(`The GPU device was lost (${message || 'no reason given'}).`));
  });
  o.device.onRefusal((message) => {
    end(new GpuRefusalError(`The GPU refused work: ${message}`));
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
  const tell = (saeId: string, state: EvaluationRow['state'], evaluation?: SaeEvaluation) => {
    if (gone.has(saeId)) return;
    const row = { saeId, state, evaluation: evaluation ?? rows.get(saeId)?.evaluation ?? null };
    rows.set(saeId, row);
    emit({ kind: 'evaluation', row });
  };

  const evaluateOne = async (saeId: string, form: EvaluationForm, job: Job) => {
    let lastTold = -Infinity;
    let describe: (() => SaeEvaluation) | null = null;
    tell(saeId, { kind: 'running' });
    try {
      const evaluation = await runEvaluation(o, saeId, form, {
        onProgress(phase, done, total, unit) {
          const progress = { job: 'evaluation', phase, done, total, unit } as const;
          emit({ kind: 'progress', job: 'evaluation', progress });
        },
        onMeasured(latest) {
          describe = latest;
          if (parts.now() - lastTold < TELL_INTERVAL) return;
          lastTold = parts.now();
          tell(saeId, { kind: 'running' }, latest());
        },
        async pause() {
          await parts.breathe();
          await o.turns.waitForIdle();
          if (job.fault !== null) throw job.fault;
        },
      });
      await keep(evaluation);
      tell(saeId, { kind: 'idle' }, evaluation);
    } catch (thrown) {
      // What broke because the job had to end is not what is to be told.
      const problem = toProblem(job.fault ?? thrown);
      const partial = (describe as (() => SaeEvaluation) | null)?.();
      if (partial !== undefined) await keep(partial);
      tell(
        saeId,
        problem.kind === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', problem },
        partial,
      );
    }
  };

  /** A full disk takes the row's future, not its present. */
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
    async evaluate(saeIds, form) {
      if (running !== null) {
        throw new ConfigError('An evaluation is going on. Cancel it first.', 'evaluation');
      }
      checkForm(form);
      o.modelHost.current();
      const job: Job = { fault: null };
      running = job;
      try {
        await ready();
        gone.clear();
        for (const saeId of saeIds) tell(saeId, { kind: 'queued' });
        for (const saeId of saeIds) {
          if (job.fault === null) await evaluateOne(saeId, form, job);
          else tell(saeId, { kind: 'idle' });
        }
      } finally {
        running = null;
        emit({ kind: 'progress', job: 'evaluation', progress: null });
      }
    },
    cancel() {
      end(new CancelledError('The evaluation was cancelled.'));
    },
    async list() {
      await ready();
      return [...rows.values()];
    },
    async forget(saeId) {
      gone.add(saeId);
      rows.delete(saeId);
      await store.delete(saeId);
    },
  };
}

function checkForm(form: EvaluationForm): void {
  if (Number.isInteger(form.tokens) && form.tokens >= 1) return;
  throw new ConfigError(`tokens must be a whole number from 1: ${form.tokens}`, 'tokens');
}
