// One feature turned up beside the text without it, wherever that is done in passing: it opens inside the useful zone, and
// moving the slider writes both texts again. Steer has the rest.
import { DEFAULT_CLIP, DEFAULT_MASK, type Steering } from '../../core/steer/steering';
import { zoneEdges } from '../../core/steer/steerDial';
import type { StoreContext } from '../context';
import { beginGeneration, type RunPlace } from '../generate/generation';
import type { GenerationForm } from '../generate/generationRun';
import { settle } from '../problems';
import type { TurnedUp } from './turnedUp';

/** Quiet time after a move of the slider before the texts are written again, ms. */
const SLIDER_PAUSE_MS = 200;
/** Tokens in each of the two texts. */
export const WRITTEN = 24;
/** Where between nothing and the end of the useful zone a feature is turned up to. */
const OPENING = 0.7;
const SLOT = 'turned';

/** Where it is kept, and what the texts go on from. */
export type TurnUpPlace = {
  get: () => TurnedUp | null;
  set: (turned: TurnedUp) => void;
  prompt: () => string;
};

export function makeTurnUp(context: StoreContext, place: TurnUpPlace) {
  const { api, env, get } = context;
  let cancelSlider = () => {};

  const isTurned = (latentIndex: number) => place.get()?.latentIndex === latentIndex;

  function change(parts: Partial<TurnedUp>): void {
    const turned = place.get();
    if (turned !== null) place.set({ ...turned, ...parts });
  }

  /** A strength that a link names is kept. */
  async function turnUp(latentIndex: number, wanted: number | null = null): Promise<void> {
    if (isTurned(latentIndex) && place.get()?.run?.running === true) return;
    place.set({ latentIndex, strength: wanted, most: null, run: null, problem: null });
    await context.until(({ model, sae }) => model.open !== null && sae.selectedId !== null);
    if (!isTurned(latentIndex)) return;
    const outcome = await settle(api.steer.check(steering(latentIndex, 0)));
    if (!isTurned(latentIndex)) return;
    if (!outcome.ok) {
      change({ problem: outcome.problem });
      return;
    }
    const [scale] = outcome.value.scales;
    const dial = { mode: 'add', unit: 'max', value: 0, isMuted: false } as const;
    const edges = scale === undefined ? null : zoneEdges(dial, scale);
    const most = edges === null ? 1 : round(edges.beyond);
    change({ most, strength: Math.min(wanted ?? round(OPENING * most), most) });
    await write();
  }

  async function write(): Promise<void> {
    const turned = place.get();
    if (turned === null || turned.strength === null) return;
    const { latentIndex, strength } = turned;
    const runPlace: RunPlace = {
      get: () => (isTurned(latentIndex) ? (place.get()?.run ?? null) : null),
      set: (run) => {
        if (isTurned(latentIndex)) change({ run });
      },
    };
    const form: GenerationForm = {
      ...get().generate.form,
      prompt: place.prompt(),
      maxTokens: WRITTEN,
    };
    await beginGeneration(context, runPlace, { ...form, steer: steering(latentIndex, strength) });
  }

  function steering(latentIndex: number, value: number): Steering {
    const saeId = get().sae.selectedId ?? '';
    return {
      slots: [
        {
          id: SLOT,
          target: { kind: 'latent', saeId, latentIndex },
          hook: null,
          mode: 'add',
          unit: 'max',
          value,
          isMuted: false,
          isSolo: false,
        },
      ],
      mask: DEFAULT_MASK,
      clip: DEFAULT_CLIP,
      automation: null,
      lanes: 'both',
      streamLatents: 0,
    };
  }

  return {
    turnUp,
    /** A link came: what it turns up begins to write. */
    follow: () => {
      const turned = place.get();
      if (turned?.run === null) void turnUp(turned.latentIndex, turned.strength);
    },
    write,
    setStrength: (strength: number) => {
      change({ strength });
      cancelSlider();
      cancelSlider = env.after(SLIDER_PAUSE_MS, () => void write());
    },
  };
}

/** Two decimals, at least 0.05: the step of the slider. */
function round(value: number): number {
  return Math.max(0.05, Math.round(20 * value) / 20);
}
