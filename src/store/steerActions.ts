// Intents of the Steer screen: which latent, how strong, which text. A moved slider reaches the engine
// while the text streams; commands never pile up.
import { addLatent } from '../core/steering';
import type { StoreContext } from './context';
import type { GenerationForm } from './facts';
import { beginGeneration, slicePlace } from './generation';
import { settle } from './problems';

/** Dial of interface.md 4: ±3 times the maximum activation. */
export const STRENGTH_LIMIT = 3;
export const STRENGTH_STEP = 0.05;

/** The one slot (addLatent names it). */
const SLOT_ID = 'slot-1';

/** Nearest strength on the dial. */
function clampStrength(value: number): number {
  const inside = Math.max(-STRENGTH_LIMIT, Math.min(STRENGTH_LIMIT, value));
  return Math.round(inside / STRENGTH_STEP) / Math.round(1 / STRENGTH_STEP);
}

export function makeSteerActions(context: StoreContext) {
  const { api, env, get, patch } = context;
  let sending = false;

  async function loadLatent(): Promise<void> {
    const { saeId, latentIndex } = get().steer;
    const sae = get().saes.list?.find((known) => known.saeId === saeId);
    if (sae === undefined || sae.statisticsTokens === 0) {
      patch('steer', { latent: { status: 'empty' } });
      return;
    }
    patch('steer', { latent: { status: 'loading' } });
    const outcome = await settle(api.latentDashboard(sae.saeId, latentIndex));
    const { steer } = get();
    if (steer.saeId !== saeId || steer.latentIndex !== latentIndex) return;
    patch('steer', {
      latent: outcome.ok
        ? { status: 'ready', value: outcome.value }
        : { status: 'failed', problem: outcome.problem },
    });
  }

  function chooseLatent(saeId: string, latentIndex: number): void {
    patch('steer', { saeId, latentIndex });
    void loadLatent();
  }

  /** Sends the newest strength; values set meanwhile are sent once the engine has answered. */
  async function sendStrength(): Promise<void> {
    if (sending || get().steer.run?.running !== true) return;
    sending = true;
    try {
      let sent: number;
      do {
        sent = get().steer.strength;
        await api.setSlotValue(SLOT_ID, sent);
      } while (sent !== get().steer.strength);
    } finally {
      sending = false;
    }
  }

  function setStrength(value: number): void {
    if (!Number.isFinite(value)) return;
    patch('steer', { strength: clampStrength(value) });
    void sendStrength();
  }

  return {
    chooseLatent,
    steerThis: (saeId: string, latentIndex: number) => {
      patch('shell', { view: 'steer' });
      chooseLatent(saeId, latentIndex);
    },
    loadSteerLatent: loadLatent,
    /** After every list of SAEs, once Explore has made its choice: take that, unless one is chosen. */
    followSteerSae: () => {
      const { list, selectedId } = get().saes;
      const { steer } = get();
      const isListed = list?.some((sae) => sae.saeId === steer.saeId) ?? false;
      if (isListed && steer.latent.status === 'empty') void loadLatent();
      if (!isListed && selectedId !== null) chooseLatent(selectedId, steer.latentIndex);
    },
    setStrength,
    nudgeStrength: (steps: number) => setStrength(get().steer.strength + steps * STRENGTH_STEP),
    setSteerForm: (change: Partial<GenerationForm>) => {
      patch('steer', { form: { ...get().steer.form, ...change } });
    },
    rollSteerSeed: () => {
      patch('steer', { form: { ...get().steer.form, seed: env.randomSeed() } });
    },
    steer: () => {
      const { saeId, latentIndex, strength, form } = get().steer;
      if (saeId === null) return Promise.resolve();
      return beginGeneration(context, slicePlace(context, 'steer'), {
        ...form,
        steer: addLatent({ saeId, latentIndex, value: strength }),
      });
    },
    stopSteering: () => api.stopGeneration(),
  };
}
