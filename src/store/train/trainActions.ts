// Intents of the Train screen: start a run, pause, go on, stop, look at one, delete it.
import type { Outcome } from '../../engine/shared/api';
import type { RunFacts } from '../../engine/train/api';
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { makeFormActions } from './formActions';
import { makeLiveActions } from './liveActions';
import { makeQueueActions } from './queueActions';
import { refreshRuns, tell } from './runCommand';
import { selectedSae } from '../sae/saeSelectors';
import { activeRun, heldRun, trainingBlock } from './trainSelectors';

export function makeTrainActions(context: StoreContext) {
  const { api, env, get, patch, until } = context;

  /** Sends a command that answers with a run, shows that run or what forbade it. Busy until an event has
   *  told of the run: before that another could be started beside it. */
  async function command(send: () => Promise<Outcome<RunFacts>>): Promise<void> {
    patch('train', { busy: true, problem: null });
    const before = get().train.runs;
    const outcome = await settle(send());
    if (outcome.ok) {
      const { runId } = outcome.value;
      patch('train', { shownRunId: runId });
      await until(({ train }) =>
        train.runs.some((run) => run.runId === runId && !before.includes(run)),
      );
    }
    patch('train', { busy: false, problem: outcome.ok ? null : outcome.problem });
  }

  async function show(runId: string): Promise<void> {
    patch('train', { shownRunId: runId });
    if (get().train.points[runId] !== undefined) return;
    try {
      const points = await api.train.points(runId);
      if (get().train.points[runId] !== undefined) return;
      patch('train', { points: { ...get().train.points, [runId]: points } });
    } catch (cause) {
      patch('train', { problem: bugProblem(cause) });
    }
  }

  const form = makeFormActions(context);
  const start = () => command(() => api.train.start(get().train.form));

  return {
    start,
    /** The form's run as files for other machines. */
    handoff: (as: 'zip' | 'files') => settle(api.train.handoff({ forms: [get().train.form], as })),
    /** A run of one minute at the place of the chosen SAE, at once; where something forbids it, the
     *  screen says what. */
    trainShortest: async () => {
      const asked = env.now();
      patch('shell', { view: 'train' });
      if (heldRun(get()) !== null) return;
      // A first visit may press it before the model has come.
      await until(({ model, shell }) => model.open !== null || shell.view !== 'train');
      if (get().shell.view !== 'train') return;
      const hookPoint = selectedSae(get())?.hookPoint;
      if (hookPoint !== undefined) form.placeAt(hookPoint);
      form.chooseLength('One minute');
      await form.check();
      await form.measureSpeed();
      // On a first visit the minute has begun while the model came.
      form.chooseLength('One minute', (env.now() - asked) / 1000);
      await form.check();
      if (trainingBlock(get()) === null) await start();
    },
    pause: () => tell(context, () => api.train.pause()),
    resume: async (runId: string) => {
      await show(runId);
      await command(() => api.train.resume(runId));
    },
    /** From the last checkpoint, at half the learning rate: the curve after it is forgotten. */
    rollBack: async (runId: string) => {
      await show(runId);
      await command(() => api.train.resume(runId, { lrFactor: 0.5 }));
    },
    /** Without an id: all running ones. */
    stop: (runId?: string) => tell(context, () => api.train.stop(runId)),
    /** The page is being hidden: a run in progress asks for a checkpoint. */
    saveSoon: () => {
      if (activeRun(get()) !== null) void tell(context, () => api.train.saveSoon());
    },
    show,
    /** What another tab changed. */
    refresh: () => refreshRuns(context),
    /** At the start of a visit: the run that was going on is on screen again, with Resume or Start. */
    showInterrupted: async () => {
      await refreshRuns(context);
      const { runs, shownRunId } = get().train;
      const paused =
        runs.find((run) => run.phase.kind === 'paused') ??
        runs.find((run) => run.phase.kind === 'notBegun');
      if (shownRunId === null && paused !== undefined) await show(paused.runId);
    },
    deleteRun: async (runId: string) => {
      await tell(context, () => api.train.delete(runId));
      if (get().train.shownRunId === runId) patch('train', { shownRunId: null });
      await refreshRuns(context);
    },
    form,
    queue: makeQueueActions(context),
    live: makeLiveActions(context),
  };
}
