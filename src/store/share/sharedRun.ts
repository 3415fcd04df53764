// A pair of texts on Steer as it is shared, and as the settings that make it again. Pure.
import { EMPTY_SHARE, type ShareState } from '../../core/share/shareState';
import { FILE_LIMITS, LINK_LIMITS, type SharedContent } from '../../core/share/sharedContent';
import type { SharedSlot } from '../../core/share/sharedSteer';
import { hashOfId } from '../../core/contentId';
import type { AutomationPoint, SteerSlot } from '../../core/steer/steering';
import type { GeneratedToken } from '../../engine/generate/api';
import type { GenerationRun } from '../generate/generationRun';
import { playedCurve } from '../steer/steerRequest';

/** Why the texts on screen cannot be carried; null: they can. */
export function runBlock(run: GenerationRun | null, into: 'link' | 'file'): string | null {
  const most = (into === 'link' ? LINK_LIMITS : FILE_LIMITS).laneTokens;
  if (run === null || run.request.steer === null) return 'There is no steered text yet.';
  if (run.running) return 'The texts are still being written.';
  if (typeof run.request.prompt !== 'string') {
    return 'A conversation cannot be carried yet; its settings can.';
  }
  if (run.lanes.steered.length === 0) return 'There is no steered text yet.';
  return run.lanes.steered.length > most
    ? `The texts have ${run.lanes.steered.length} tokens; at most ${most} are carried.`
    : null;
}

/** null where `runBlock` has a reason. */
export function runContent(
  run: GenerationRun | null,
  facts: { app: string; model: string | null },
): SharedContent | null {
  if (run === null) return null;
  const { prompt, maxTokens, temperature, topK, seed, steer } = run.request;
  if (steer === null || typeof prompt !== 'string') return null;
  const automation = run.automation ?? playedCurve(run);
  const request = { prompt, maxTokens, temperature, topK, seed };
  return {
    ...facts,
    sae: null,
    features: [],
    run: {
      request: {
        ...request,
        steer: { ...steer, automation: automation.slice(), streamLatents: 0 },
      },
      prompt: run.prompt.map(({ tokenId, text }) => ({ tokenId, text })),
      lanes: {
        baseline: run.lanes.baseline.map(laneToken),
        steered: run.lanes.steered.map(laneToken),
      },
    },
  };
}

function laneToken({ tokenId, text, logProb, steered }: GeneratedToken) {
  return { tokenId, text, logProb, kl: steered?.kl ?? null };
}

/** The link that sets up the same on Steer. */
export function recipeOf({ run, model }: SharedContent): ShareState | null {
  if (run === null) return null;
  const { request } = run;
  const { slots, mask, clip, automation, lanes } = request.steer;
  const first = slots.find(({ target }) => target.kind === 'latent')?.target;
  const pointOf = ({ slotId, token, value }: AutomationPoint) => ({
    slot: slots.findIndex(({ id }) => id === slotId),
    token,
    value,
  });
  const saeId = first?.kind === 'latent' ? first.saeId : null;
  return {
    ...EMPTY_SHARE,
    view: 'steer',
    model,
    sae: saeId,
    steer: slots.map((slot) => sharedSlot(slot, saeId)),
    mask,
    clip: clip !== null,
    auto: automation === null || automation.length === 0 ? null : automation.map(pointOf),
    lanes: lanes === 'both' ? null : lanes,
    chat: false,
    prompt: request.prompt,
    temperature: request.temperature,
    topK: request.topK,
    length: request.maxTokens,
    seed: request.seed,
  };
}

function sharedSlot({ target, hook, mode, unit, value, isMuted }: SteerSlot, saeId: string | null) {
  const slot: SharedSlot = {
    target:
      target.kind === 'vector'
        ? target
        : {
            kind: 'latent',
            latentIndex: target.latentIndex,
            saeRef: target.saeId === saeId ? null : hashOfId(target.saeId),
          },
    hook,
    mode,
    value: mode === 'ablate' ? 0 : (value ?? 0),
    unit: mode === 'scale' || mode === 'ablate' ? 'raw' : unit,
    isMuted: isMuted || value === null,
  };
  return slot;
}
