// Intents of the Train screen: the form and its check, the transport, saved runs.
import { choosesK, type SaeArchitecture } from '../../core/sae/architecture';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Outcome, Problem } from '../../engine/shared/api';
import type { AdvancedFields, RunFacts, TrainForm } from '../../engine/train/api';
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { activeRun } from '../selectors';
import { PRESETS, type PresetName } from './trainingPlan';

/** Quiet time after a key before the engine checks the form, ms. */
const CHECK_PAUSE_MS = 120;

const FIELD_WORDS: Readonly<Record<keyof TrainForm, string>> = {
  source: 'The source',
  hookPoint: 'The hook point',
  architecture: 'The architecture',
  advanced: 'An advanced field',
  expansionFactor: 'The expansion factor',
  k: 'k',
  tokens: 'The number of tokens',
  batchSize: 'The batch size',
  seed: 'The seed',
  seeds: 'The number of seeds',
};

export function makeTrainActions(context: StoreContext) {
  const { api, env, get, patch } = context;
  let cancelCheck = () => {};

  function setForm(change: Partial<TrainForm>): void {
    patch('training', {
      form: { ...get().training.form, ...change },
      check: { status: 'checking' },
      problem: null,
    });
    cancelCheck();
    cancelCheck = env.after(CHECK_PAUSE_MS, () => void checkNow());
  }

  async function checkNow(): Promise<void> {
    if (get().model.facts === null && get().training.form.source !== 'random') {
      patch('training', { check: { status: 'unchecked' } });
      return;
    }
    const { form } = get().training;
    const empty = emptyField(form);
    const outcome =
      empty === null
        ? await settle(api.train.check(form))
        : ({ ok: false, problem: empty } as const);
    if (get().training.form !== form) return;
    patch('training', {
      check: outcome.ok
        ? { status: 'valid', config: outcome.value }
        : { status: 'invalid', problem: outcome.problem },
    });
  }

  /** Sends a command that answers with a run, shows that run or what forbade it. */
  async function command(send: () => Promise<Outcome<RunFacts>>): Promise<void> {
    patch('training', { busy: true, problem: null });
    const outcome = await settle(send());
    patch('training', { busy: false });
    if (!outcome.ok) {
      patch('training', { problem: outcome.problem });
      return;
    }
    const run = outcome.value;
    const { runs } = get().training;
    const known = runs.some((other) => other.runId === run.runId);
    patch('training', {
      runs: known ? runs : [run, ...runs],
      shownRunId: run.runId,
      heldRunIds: [...new Set([...get().training.heldRunIds, run.runId])],
    });
  }

  /** Sends a command without an answer; a failure is shown, not lost. */
  async function tell(send: () => Promise<void>): Promise<void> {
    patch('training', { busy: true, problem: null });
    try {
      await send();
    } catch (cause) {
      patch('training', { problem: bugProblem(cause) });
    }
    patch('training', { busy: false });
  }

  async function refreshRuns(): Promise<void> {
    try {
      patch('training', { runs: await api.train.list() });
    } catch (cause) {
      patch('training', { problem: bugProblem(cause) });
    }
  }

  async function showRun(runId: string): Promise<void> {
    patch('training', { shownRunId: runId });
    if (get().training.points[runId] !== undefined) return;
    try {
      const points = await api.train.points(runId);
      if (get().training.points[runId] !== undefined) return;
      patch('training', { points: { ...get().training.points, [runId]: points } });
    } catch (cause) {
      patch('training', { problem: bugProblem(cause) });
    }
  }

  /** undefined: back to the recipe's default. */
  function setAdvanced(name: keyof AdvancedFields, value: unknown): void {
    const entries = Object.entries(get().training.form.advanced ?? {});
    const others = entries.filter(([other]) => other !== name);
    const chosen = value === undefined ? others : [...others, [name, value]];
    // Names and values come from the form's own fields; the engine checks them.
    setForm({ advanced: Object.fromEntries(chosen) as AdvancedFields });
  }

  return {
    setTrainForm: setForm,
    setAdvanced,
    /** The advanced fields of another architecture would mean something else. */
    chooseArchitecture: (architecture: SaeArchitecture) => setForm({ architecture, advanced: {} }),
    checkTraining: checkNow,
    choosePreset: (name: PresetName) => setForm(PRESETS[name]),
    trainOn: (hookPoint: HookPoint) => {
      patch('shell', { view: 'train' });
      setForm({ hookPoint });
    },
    startTraining: () => command(() => api.train.start(get().training.form)),
    queueTraining: async () => {
      patch('training', { busy: true, problem: null });
      const outcome = await settle(api.train.queue(get().training.form));
      patch('training', { busy: false, ...(!outcome.ok && { problem: outcome.problem }) });
      await refreshRuns();
    },
    setBudget: (budgetBytes: number) => {
      patch('training', { budgetBytes });
    },
    playQueue: async () => {
      patch('training', { busy: true, problem: null });
      const outcome = await settle(api.train.playQueue(get().training.budgetBytes));
      patch('training', { busy: false, ...(!outcome.ok && { problem: outcome.problem }) });
      await refreshRuns();
      const first = outcome.ok ? outcome.value[0] : undefined;
      if (first !== undefined) patch('training', { shownRunId: first.runId });
    },
    moveInQueue: async (runId: string, by: -1 | 1) => {
      await tell(() => api.train.moveInQueue(runId, by));
      await refreshRuns();
    },
    pauseTraining: () => tell(() => api.train.pause()),
    resumeTraining: async (runId: string) => {
      await showRun(runId);
      await command(() => api.train.resume(runId));
    },
    /** From the last checkpoint, at half the learning rate: the curve after it is forgotten. */
    rollBackTraining: async (runId: string) => {
      await showRun(runId);
      await command(() => api.train.resume(runId, { lrFactor: 0.5 }));
    },
    /** Without an id: all that are going on. */
    stopTraining: (runId?: string) => tell(() => api.train.stop(runId)),
    /** The page is being hidden: a run in progress asks for a checkpoint. */
    saveRunSoon: () => {
      if (activeRun(get()) !== null) void tell(() => api.train.saveSoon());
    },
    refreshRuns,
    showRun,
    /** After a reload: the run that was going on is on screen again, with Resume. */
    showInterruptedRun: () => {
      const { runs, shownRunId } = get().training;
      const paused = runs.find((run) => run.phase.kind === 'paused');
      if (shownRunId === null && paused !== undefined) void showRun(paused.runId);
    },
    deleteRun: async (runId: string) => {
      await tell(() => api.train.delete(runId));
      if (get().training.shownRunId === runId) patch('training', { shownRunId: null });
      await refreshRuns();
    },
  };
}

function emptyField(form: TrainForm): Problem | null {
  const fields = ['expansionFactor', 'k', 'tokens', 'batchSize', 'seed'] as const;
  const field = fields.find(
    (name) =>
      !Number.isFinite(form[name]) && (name !== 'k' || choosesK(form.architecture ?? 'topk')),
  );
  if (field === undefined) return null;
  return {
    kind: 'config',
    what: `${FIELD_WORDS[field]} is empty.`,
    wayOut: 'Type a number.',
    field,
  };
}
