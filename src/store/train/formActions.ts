// Intents of the Train screen's form: what is typed, its check, what fits the open model.
import { usualK } from '../../core/sae/usualK';
import { choosesK, type SaeArchitecture } from '../../core/sae/architecture';
import {
  hookPoint as pointAt,
  isTranscoderPoint,
  parseHookPoint,
  type HookPoint,
} from '../../core/activations/hookPoint';
import type { Problem } from '../../engine/shared/api';
import type { AdvancedFields, TrainForm } from '../../engine/train/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { makeSpeedActions } from './speedActions';
import { lengthFields, runsOf, type LengthName } from './trainingPlan';

/** Quiet time after a key before the engine checks the form, ms. */
const CHECK_PAUSE_MS = 120;

const FIELD_WORDS: Readonly<Record<keyof TrainForm, string>> = {
  source: 'The source',
  hookPoint: 'The place',
  architecture: 'The architecture',
  advanced: 'An advanced field',
  expansionFactor: 'The expansion factor',
  k: 'k',
  tokens: 'The number of tokens',
  batchSize: 'The batch size',
  seed: 'The seed',
  seeds: 'The number of seeds',
  everyLayer: 'Every block',
};

export function makeFormActions(context: StoreContext) {
  const { api, env, get, patch } = context;
  let cancelCheck = () => {};

  const speed = makeSpeedActions(context, fitLength);

  function setForm(change: Partial<TrainForm>): void {
    const isTyped = change.tokens !== undefined || change.batchSize !== undefined;
    if (isTyped) patch('train', { length: null });
    patch('train', {
      form: { ...get().train.form, ...change },
      check: { status: 'checking' },
      problem: null,
    });
    cancelCheck();
    cancelCheck = env.after(CHECK_PAUSE_MS, () => void checkNow());
  }

  async function checkNow(): Promise<void> {
    if (get().model.open === null && get().train.form.source !== 'random') {
      patch('train', { check: { status: 'unchecked' } });
      return;
    }
    const { form } = get().train;
    const empty = emptyField(form);
    const outcome =
      empty === null
        ? await settle(api.train.check(form))
        : ({ ok: false, problem: empty } as const);
    if (get().train.form !== form) return;
    patch('train', {
      check: outcome.ok
        ? { status: 'valid', config: outcome.value }
        : { status: 'invalid', problem: outcome.problem },
    });
  }

  /** undefined: resets to the recipe's default. */
  function setAdvanced(name: keyof AdvancedFields, value: unknown): void {
    const entries = Object.entries(get().train.form.advanced ?? {});
    const others = entries.filter(([other]) => other !== name);
    const chosen = value === undefined ? others : [...others, [name, value]];
    // Names and values come from the form's own fields; the engine checks them.
    setForm({ advanced: Object.fromEntries(chosen) as AdvancedFields });
  }

  /** The form's hook point must be one of the model that is open. */
  function fitHook(): void {
    const hooks = get().model.open?.hookPoints ?? [];
    const { form } = get().train;
    const fallback = hooks[Math.floor(hooks.length / 2)];
    if (fallback === undefined || hooks.includes(form.hookPoint)) return;
    const site = isTranscoderPoint(form.hookPoint) ? 'ln2.hook_normalized' : 'hook_resid_post';
    const residual = hooks.filter((hook) => hook.endsWith(site));
    const middle = residual[Math.floor(residual.length / 2)] ?? fallback;
    patch('train', { form: { ...form, hookPoint: middle } });
  }

  function runs(): number {
    return runsOf(get().train.form, get().model.open?.n_layer ?? 1);
  }

  /** spent: seconds of "One minute" that are gone */
  function chooseLength(length: LengthName, spent = 0): void {
    const { speed: known } = get().train;
    setForm(lengthFields(length, known?.status === 'known' ? known.value : null, runs(), spent));
    patch('train', { length });
  }

  /** "One minute" is what this machine does in one, once that is known. */
  function fitLength(): void {
    const { length, form, speed: known } = get().train;
    if (length !== 'One minute' || known?.status !== 'known') return;
    const { tokens, batchSize } = lengthFields(length, known.value, runs());
    // Its own batch size first: the speed is measured with the form's.
    if (form.batchSize === batchSize && form.tokens !== tokens) chooseLength(length);
  }

  /** What reads there: a transcoder at the input of an MLP, elsewhere an SAE. */
  function placeAt(hookPoint: HookPoint): void {
    const { architecture = 'topk' } = get().train.form;
    const isTranscoder = isTranscoderPoint(hookPoint);
    const fits = (architecture === 'transcoder') === isTranscoder;
    const kind = fits
      ? {}
      : ({ architecture: isTranscoder ? 'transcoder' : 'topk', advanced: {} } as const);
    setForm({ ...kind, hookPoint, everyLayer: false });
  }

  return {
    set: setForm,
    /** A k that was typed stays. */
    chooseSize: (expansionFactor: number) => {
      const { k, expansionFactor: before } = get().train.form;
      setForm({ expansionFactor, k: k === usualK(before) ? usualK(expansionFactor) : k });
    },
    chooseLength,
    measureSpeed: speed.now,
    followSpeed: speed.follow,
    setAdvanced,
    /** Advanced fields are reset, because in another architecture they mean something else. A transcoder reads
     *  at places of its own: the block stays. */
    chooseArchitecture: (architecture: SaeArchitecture) => {
      const { hookPoint } = get().train.form;
      setForm({
        architecture,
        advanced: {},
        hookPoint: placeFor(architecture, hookPoint),
        everyLayer: false,
      });
    },
    /** null: the MLP of every block */
    choosePlace: (hookPoint: HookPoint | null) =>
      setForm(hookPoint === null ? { everyLayer: true } : { hookPoint, everyLayer: false }),
    check: checkNow,
    fitHook,
    trainOn: (hookPoint: HookPoint) => {
      patch('shell', { view: 'train' });
      placeAt(hookPoint);
    },
    placeAt,
  };
}

/** The form's block, at a place where the architecture reads. */
function placeFor(architecture: SaeArchitecture, hookPoint: HookPoint): HookPoint {
  const isTranscoder = architecture === 'transcoder';
  if (isTranscoder === isTranscoderPoint(hookPoint)) return hookPoint;
  const { layer } = parseHookPoint(hookPoint);
  return pointAt(layer, isTranscoder ? 'ln2.hook_normalized' : 'hook_resid_post');
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
