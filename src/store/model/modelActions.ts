// Intents on models: open one, choose how it runs, check it.
import type { WeightPrecision } from '../../core/model/weightPrecision';
import type { SaeBackendName } from '../../core/train/saeBackend';
import type { ModelBackend, ModelFile } from '../../engine/shared/api';
import type { ModelSource } from '../../engine/model/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import type { ChoiceRef } from './modelChoice';
import { makeRemoteActions } from './remoteActions';
import { makeTokenizerActions } from './tokenizerActions';

/** Held-out tokens that a check predicts: some seconds on a laptop, and a mean good to a few percent. */
export const CHECK_TOKENS = 8192;

/** Held-out tokens for the loss of a precision: a standard error of about 0.03 nats. */
const LOSS_TOKENS = 8192;

export function makeModelActions(context: StoreContext) {
  const { api, env, get, patch, jobs } = context;
  const { open, heardModel } = makeOpening(context);
  /** the last drop: another of its models is one choice away */
  let dropped: ModelFile[] = [];

  /** Opens the latest model of a drop at once and offers the others. */
  async function openDrop(files: ModelFile[]): Promise<void> {
    dropped = files;
    patch('model', { choices: [], chosen: null });
    const found = await settle(api.model.inspect(files));
    if (dropped !== files) return;
    const choices = found.ok ? found.value : [];
    patch('model', { choices });
    const [latest] = choices;
    // Without any the engine says what is missing.
    if (latest === undefined) await open({ kind: 'files', files });
    else await openChoice(latest);
  }

  /** Rows of another tool stand in a model's place, of several matrices the one that is chosen next (`openMatrix`).
   *  False: the files are none. */
  async function openIfRows(files: ModelFile[]): Promise<boolean> {
    if (!(await api.model.holdsRows(files))) return false;
    const matrices = await api.model.rowMatrices(files);
    if (matrices.length > 1) {
      dropped = files;
      patch('model', { rowMatrices: matrices });
    } else await open({ kind: 'rows', files });
    return true;
  }

  async function openChoice({ folder, step }: ChoiceRef): Promise<void> {
    patch('model', { chosen: { folder, step } });
    await open({ kind: 'files', files: dropped, folder, step });
  }

  return {
    openDemo: () => open({ kind: 'demo' }),
    /** At the start of a visit: a kept model, otherwise the demo. */
    reopen: async (keptId: string | null) => {
      if (get().model.open !== null || get().model.opening) return;
      if (keptId !== null) {
        await open({ kind: 'kept', id: keptId });
        const { problem } = get().model;
        if (problem === null) return;
        const notice = `The model ${keptId} could not be opened: ${problem.what} ${problem.wayOut}`;
        patch('shell', { notice });
      }
      if (env.savesData) patch('model', { waitsForConsent: true });
      else await open({ kind: 'demo' });
    },
    /** A model, or rows of another tool. */
    openFiles: async (files: ModelFile[]) => {
      if (!(await openIfRows(files))) await openDrop(files);
    },
    openIfRows,
    /** One of `rowMatrices`, by its name; null: none of them. */
    openMatrix: async (tensor: string | null) => {
      patch('model', { rowMatrices: null });
      if (tensor !== null) await open({ kind: 'rows', files: dropped, tensor });
    },
    /** What the open rows stand for. */
    rows: (rows: readonly number[]) => api.model.rows(rows),
    openChoice,
    openKept: (id: string) => open({ kind: 'kept', id }),
    deleteKept: async (id: string) => {
      const outcome = await settle(api.model.deleteKept(id));
      if (!outcome.ok) patch('model', { problem: outcome.problem });
    },
    heardModel,
    setBackend: async (backend: ModelBackend | null) => {
      const outcome = await settle(api.model.setBackend(backend));
      patch('model', { problem: outcome.ok ? null : outcome.problem });
    },
    setSaeBackend: async (backend: SaeBackendName | null) => {
      const outcome = await settle(api.sae.setBackend(backend));
      patch('model', { problem: outcome.ok ? null : outcome.problem });
    },
    setSoftcap: async (logitSoftcap: number) => {
      const outcome = await settle(api.model.setSoftcap(logitSoftcap));
      patch('model', { problem: outcome.ok ? null : outcome.problem });
    },
    setPrecision: async (precision: WeightPrecision | null) => {
      const outcome = await settle(api.model.setPrecision(precision));
      patch('model', {
        precisionProblem: outcome.ok ? null : outcome.problem,
        ...(outcome.ok && { chosenPrecision: precision }),
      });
    },
    measureLoss: async () => {
      patch('model', { loss: { measuring: true, value: null, problem: null } });
      const outcome = await jobs.run('loss', (jobId) =>
        settle(api.model.measurePrecisionLoss(LOSS_TOKENS, jobId)),
      );
      const [value, problem] = outcome.ok ? [outcome.value, null] : [null, outcome.problem];
      patch('model', { loss: { measuring: false, value, problem } });
    },
    check: async () => {
      patch('model', 'check', { running: true, problem: null });
      const outcome = await jobs.run('check', (jobId) =>
        settle(api.model.checkImport(CHECK_TOKENS, jobId)),
      );
      if (outcome.ok) patch('model', 'check', { running: false, result: outcome.value });
      else {
        // A check that was cancelled has nothing to say.
        const isProblem = outcome.problem.kind !== 'cancelled';
        patch('model', 'check', { running: false, problem: isProblem ? outcome.problem : null });
      }
    },
    cancelCheck: () => jobs.cancel('check'),
    tokenizer: makeTokenizerActions(context),
    remote: makeRemoteActions(context, open),
  };
}

/** Opening a model ends when the engine has told of it, not when it has answered: until then the page knows no
 *  model, or an older one. Choosing another while one opens is allowed: only the last choice is heard. */
function makeOpening({ api, patch, jobs }: StoreContext) {
  let lastOpening = 0;
  let toldModels = 0;
  let awaitsModel = false;

  function end(): void {
    awaitsModel = false;
    patch('model', { opening: false });
  }

  async function open(source: ModelSource): Promise<void> {
    const opening = ++lastOpening;
    const toldBefore = toldModels;
    awaitsModel = false;
    patch('model', {
      opening: true,
      lastSource: source.kind,
      problem: null,
      waitsForConsent: false,
    });
    const outcome = await jobs.run(source.kind === 'url' ? 'download' : 'model', (jobId) =>
      settle(api.model.open(source, jobId)),
    );
    if (opening !== lastOpening) return;
    if (!outcome.ok) patch('model', { problem: outcome.problem });
    if (!outcome.ok || toldModels !== toldBefore) end();
    else awaitsModel = true;
  }

  return {
    open,
    /** After every event that tells of the open model. */
    heardModel: () => {
      toldModels++;
      if (awaitsModel) end();
    },
  };
}
