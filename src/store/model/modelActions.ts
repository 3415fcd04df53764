// Intents of the Model screen: open a model, tokenise what is typed, generate.
import type { WeightPrecision } from '../../core/model/weightPrecision';
import type { ModelBackend, ModelFile } from '../../engine/shared/api';
import type { ModelSource } from '../../engine/model/api';
import type { StoreContext } from '../context';
import type { ChoiceRef } from '../facts';
import type { GenerationForm } from '../generate/textFacts';
import { beginGeneration, slicePlace } from '../generate/generation';
import { bugProblem, settle } from '../problems';

/** Held-out tokens that a check predicts: some seconds on a laptop, and a mean good to a few percent. */
export const CHECK_TOKENS = 8192;

/** Quiet time after a key before the worker is asked, ms; it answers the last key only. */
const TYPING_PAUSE_MS = 30;

/** Held-out tokens for the loss of a precision: a standard error of about 0.03 nats. */
const LOSS_TOKENS = 8192;

export function makeModelActions(context: StoreContext) {
  const { api, env, get, patch, jobs } = context;
  let cancelTyping = () => {};
  let lastOpening = 0;
  /** the last drop: another of its models is one choice away */
  let dropped: ModelFile[] = [];

  /** Choosing another model while one opens is allowed: only the last choice is heard. */
  async function open(source: ModelSource): Promise<void> {
    const opening = ++lastOpening;
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
    patch('model', { opening: false });
    if (!outcome.ok) {
      patch('model', { problem: outcome.problem });
      return;
    }
    patch('model', { facts: outcome.value });
    fitTraining();
    await tokenizeNow();
  }

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

  async function openChoice({ folder, step }: ChoiceRef): Promise<void> {
    patch('model', { chosen: { folder, step } });
    await open({ kind: 'files', files: dropped, folder, step });
  }

  /** The form's hook point must be one of the model that is open. */
  function fitTraining(): void {
    const hooks = get().model.facts?.hookPoints ?? [];
    const { form } = get().training;
    const fallback = hooks[Math.floor(hooks.length / 2)];
    if (fallback === undefined || hooks.includes(form.hookPoint)) return;
    const residual = hooks.filter((hook) => hook.endsWith('hook_resid_post'));
    const middle = residual[Math.floor(residual.length / 2)] ?? fallback;
    patch('training', { form: { ...form, hookPoint: middle } });
  }

  async function tokenizeNow(): Promise<void> {
    const { text } = get().tokenizer;
    if (get().model.facts === null) return;
    try {
      const tokens = await api.model.tokenize(text);
      // An answer to an older text would show the wrong tokens for a moment.
      if (get().tokenizer.text === text) patch('tokenizer', { tokens, problem: null });
    } catch (cause) {
      patch('tokenizer', { problem: bugProblem(cause) });
    }
  }

  return {
    setModelBackend: async (backend: ModelBackend | null) => {
      const outcome = await settle(api.model.setBackend(backend));
      patch('model', { problem: outcome.ok ? null : outcome.problem });
    },
    checkImport: async () => {
      patch('check', { running: true, problem: null });
      const outcome = await jobs.run('check', (jobId) =>
        settle(api.model.checkImport(CHECK_TOKENS, jobId)),
      );
      if (outcome.ok) patch('check', { running: false, result: outcome.value });
      else {
        // A check that was cancelled has nothing to say.
        const isProblem = outcome.problem.kind !== 'cancelled';
        patch('check', { running: false, problem: isProblem ? outcome.problem : null });
      }
    },
    cancelImportCheck: () => jobs.cancel('check'),
    setWeightPrecision: async (precision: WeightPrecision | null) => {
      const outcome = await settle(api.model.setPrecision(precision));
      patch('model', {
        precisionProblem: outcome.ok ? null : outcome.problem,
        ...(outcome.ok && { chosenPrecision: precision }),
      });
    },
    measurePrecisionLoss: async () => {
      patch('model', { loss: { measuring: true, value: null, problem: null } });
      const outcome = await jobs.run('loss', (jobId) =>
        settle(api.model.measurePrecisionLoss(LOSS_TOKENS, jobId)),
      );
      const [value, problem] = outcome.ok ? [outcome.value, null] : [null, outcome.problem];
      patch('model', { loss: { measuring: false, value, problem } });
    },
    openKept: (id: string) => open({ kind: 'kept', id }),
    deleteKept: async (id: string) => {
      const outcome = await settle(api.model.deleteKept(id));
      if (!outcome.ok) patch('model', { problem: outcome.problem });
    },
    openDemo: () => open({ kind: 'demo' }),
    openFiles: openDrop,
    openChoice,
    openSource: open,
    setTokenizerText: (text: string) => {
      patch('tokenizer', { text });
      cancelTyping();
      cancelTyping = env.after(TYPING_PAUSE_MS, () => void tokenizeNow());
    },
    setGenerationForm: (change: Partial<GenerationForm>) => {
      patch('generation', { form: { ...get().generation.form, ...change } });
    },
    rollGenerationSeed: () => {
      patch('generation', { form: { ...get().generation.form, seed: env.randomSeed() } });
    },
    generate: () =>
      beginGeneration(context, slicePlace(context, 'generation'), {
        ...get().generation.form,
        steer: null,
      }),
    stopGeneration: () => jobs.cancel('generation'),
  };
}
