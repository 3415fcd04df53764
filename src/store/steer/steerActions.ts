// Intents of the Steer screen put together, and what follows from a change: rows of targets, scales of dials,
// the slots of a link once their SAEs are listed.
import type { SteerTool } from '../../core/share/formShare';
import { clampDial } from '../../core/steer/steerDial';
import type { SharedSlot } from '../../core/share/sharedSteer';
import type { LatentDashboard, LatentRow } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { loadableOf, type Loadable } from '../loadable';
import { settle } from '../problems';
import { makeDoseActions } from './doseActions';
import { makePresetActions } from './presetActions';
import { makeReadingActions } from './readingActions';
import { makeVectorActions } from './vectorActions';
import { findSae } from '../../core/sae/findSae';
import { saeOf } from '../sae/saeSelectors';
import { latentKey } from './steerState';
import { toSteering } from './steerRequest';
import { makeSteerRunActions } from './steerRunActions';
import { dialScale, steeringBlock } from './steerSelectors';
import { EMPTY_SETUP, NO_HISTORY, type SlotDraft } from './steerSetup';
import { makeSteerSlotActions } from './steerSlotActions';
import type { SteerTarget } from '../../core/steer/steering';

/** Quiet time after a change before the engine is asked what the dials mean, ms. */
const CHECK_PAUSE_MS = 250;

/** openLink: brings the state to what a link says. */
export function makeSteerActions(context: StoreContext, openLink: (hash: string) => void) {
  const { api, get, patch } = context;
  const askScales = makeScaleQuestion(context, () => slots.fitStrengths());
  const afterChange = () => {
    for (const { target } of get().steer.setup.slots) loadTarget(target);
    askScales();
  };
  const slots = makeSteerSlotActions(context, afterChange);

  function loadTarget(target: SteerTarget): void {
    if (target.kind === 'vector') return;
    void loadRows(target.saeId);
    void loadDashboard(target.saeId, target.latentIndex);
  }

  /** Once per SAE and its statistics, and again after a failure. */
  async function loadRows(saeId: string): Promise<void> {
    const sae = saeOf(get(), saeId);
    if (sae === null || sae.statisticsTokens === 0) return;
    const { statisticsTokens } = sae;
    const known = get().steer.rows[saeId];
    const isKnown =
      known?.statisticsTokens === statisticsTokens && known.loaded.status !== 'failed';
    if (isKnown) return;
    const put = (loaded: Loadable<LatentRow[]>) =>
      patch('steer', {
        rows: { ...get().steer.rows, [saeId]: { statisticsTokens, loaded } },
      });
    put({ status: 'loading' });
    const outcome = await settle(api.statistics.rows(saeId));
    put(loadableOf(outcome));
  }

  async function loadDashboard(saeId: string, latentIndex: number): Promise<void> {
    const key = latentKey(saeId, latentIndex);
    const known = get().steer.dashboards[key]?.status;
    const sae = saeOf(get(), saeId);
    if (known === 'loading' || known === 'ready') return;
    if (sae === null || sae.statisticsTokens === 0) return;
    const put = (loaded: Loadable<LatentDashboard>) =>
      patch('steer', { dashboards: { ...get().steer.dashboards, [key]: loaded } });
    put({ status: 'loading' });
    const outcome = await settle(api.statistics.dashboard(saeId, latentIndex));
    put(loadableOf(outcome));
  }

  /** After every list of SAEs, once Explore has made its choice. */
  function followSae(): void {
    const { sae: saes, steer } = get();
    const { list, selectedId } = saes;
    if (list === null || selectedId === null) return;
    const isListed = list.some((sae) => sae.saeId === steer.saeId);
    if (!isListed || steer.wanted !== null) patch('steer', { saeId: selectedId });
    if (steer.wanted !== null) takeWanted();
    else afterChange();
  }

  function takeWanted(): void {
    const { wanted, setup } = get().steer;
    if (wanted === null) return;
    const made = wanted.slots.map(slotOfLink);
    const missing = wanted.slots.filter((_, i) => made[i] === null);
    if (missing.length > 0) tellMissing(missing);
    const automation = wanted.automation.flatMap(({ slot, token, value }) => {
      const slotId = made[slot]?.id;
      return slotId === undefined ? [] : [{ slotId, token, value }];
    });
    patch('steer', {
      wanted: null,
      chosenSlotId: null,
      history: NO_HISTORY,
      setup: { ...EMPTY_SETUP, ...setup, slots: made.filter((slot) => slot !== null), automation },
    });
    afterChange();
  }

  function slotOfLink(shared: SharedSlot): SlotDraft | null {
    const target = targetOfLink(shared);
    if (target === null) return null;
    const slot = { ...slots.newSlot(target), hook: shared.hook };
    const { mode, unit, value, isMuted } = shared;
    return { ...slot, dial: clampDial({ mode, unit, value, isMuted }, dialScale(get(), slot)) };
  }

  function targetOfLink({ target }: SharedSlot): SteerTarget | null {
    if (target.kind === 'vector') return target;
    const { list } = get().sae;
    const { saeId } = get().steer;
    const named = target.saeRef === null ? saeId : findSae(list ?? [], target.saeRef)?.saeId;
    return named === null || named === undefined
      ? null
      : { kind: 'latent', saeId: named, latentIndex: target.latentIndex };
  }

  function tellMissing(missing: readonly SharedSlot[]): void {
    const refs = missing.flatMap(({ target }) =>
      target.kind === 'latent' && target.saeRef !== null ? [target.saeRef] : [],
    );
    const notice = `The link steers features of SAEs that are not in this browser (${refs.join(', ')}): those slots are left out.`;
    patch('shell', { notice });
  }

  const run = makeSteerRunActions(context, slots);

  return {
    slots: slots.actions,
    run,
    dose: makeDoseActions(context),
    reading: makeReadingActions(context),
    vectors: makeVectorActions(context),
    presets: makePresetActions(context, (hash) => {
      openLink(hash);
      patch('steer', { run: null, replayed: null, dose: null, tool: null, isAwaited: true });
      followSae();
    }),
    followSae,
    /** A preset that was opened writes as soon as model and SAE are there. */
    writeAwaited: () => {
      const { isAwaited, wanted, setup } = get().steer;
      // None of its features is here: nothing will come.
      if (wanted === null && setup.slots.length === 0) patch('steer', { isAwaited: false });
      if (!isAwaited || steeringBlock(get()) !== null) return;
      patch('steer', { isAwaited: false });
      void run.start();
    },
    /** Opens a tool in the drawer; null closes it. */
    openTool: (tool: SteerTool | null) => patch('steer', { tool }),
    /** SAE in which new slots are searched. */
    chooseSae: (saeId: string) => {
      patch('steer', { saeId });
      void loadRows(saeId);
    },
    loadRows,
    /** From another screen: adds a slot for the feature, as strong as is useful. */
    steerLatent: (saeId: string, latentIndex: number) => {
      patch('shell', { view: 'steer' });
      if (get().steer.setup.slots.length === 0) patch('steer', { saeId });
      slots.actions.add({ kind: 'latent', saeId, latentIndex });
    },
  };
}

/** Asks the engine what the dials mean and for warnings, shortly after the last change of targets. */
function makeScaleQuestion(
  { api, env, get, patch }: StoreContext,
  onScales: () => void,
): () => void {
  let cancel = () => {};
  let asked = '';

  async function ask(): Promise<void> {
    const steering = toSteering(get().steer);
    if (steering.slots.length === 0 || get().model.open === null) return;
    const outcome = await settle(api.steer.check(steering));
    if (!outcome.ok) {
      asked = '';
      patch('steer', { warnings: [outcome.problem.what] });
      return;
    }
    const scales = Object.fromEntries(outcome.value.scales.map((scale) => [scale.slotId, scale]));
    patch('steer', { scales, warnings: outcome.value.warnings });
    onScales();
  }

  return () => {
    const { setup } = get().steer;
    const question = JSON.stringify([setup.slots, get().model.open?.id]);
    if (question === asked) return;
    asked = question;
    cancel();
    cancel = env.after(CHECK_PAUSE_MS, () => void ask());
  };
}
