// From the Steer screen's state to what the engine is asked: steering, prompt, branches, replays. Pure.
import type { Conversation } from '../../core/model/chat';
import {
  DEFAULT_CLIP,
  startValues,
  type AutomationPoint,
  type Steering,
} from '../../core/steer/steering';
import type { LaneName } from '../../core/steer/steeringReport';
import type { GeneratedToken } from '../../engine/generate/api';
import type { SteeredRequest } from '../../engine/steer/api';
import { suggestedMode } from '../generate/generateSelectors';
import type { AppState } from '../state';
import type { SteerState } from './steerState';
import { toSlot, type SteerSetup } from './steerSetup';
import type { GenerationMode, GenerationRun, TextRequest } from '../generate/generationRun';

/** Strongest features reported per token. */
const STREAM_LATENTS = 8;

export function steerMode({ steer, model }: AppState): GenerationMode {
  return steer.chosenMode ?? suggestedMode(model);
}

export function toSteering({ setup, lanes }: Pick<SteerState, 'setup' | 'lanes'>): Steering {
  return {
    slots: setup.slots.map(toSlot),
    mask: setup.mask,
    clip: setup.isClipped ? DEFAULT_CLIP : null,
    automation: setup.automation.length === 0 ? null : setup.automation,
    lanes,
    streamLatents: STREAM_LATENTS,
  };
}

export function steerRequest(state: AppState): SteeredRequest {
  const { steer } = state;
  const { prompt: text, ...sampling } = steer.form;
  const prompt: string | Conversation =
    steerMode(state) === 'chat'
      ? { system: steer.chat.system, turns: [...steer.chat.turns, { role: 'user', text }] }
      : text;
  return { ...sampling, prompt, steer: toSteering(steer) };
}

/** Current value of each slot, by id. */
export function valuesInForce(setup: SteerSetup): Map<string, number | null> {
  const values = startValues(setup.slots.map(toSlot));
  return new Map(setup.slots.map(({ id }, i) => [id, values[i] ?? null]));
}

/** The curve with which a run's tokens were generated: a point wherever a slot's value changed. */
export function playedCurve(run: GenerationRun): AutomationPoint[] {
  const slots = run.request.steer?.slots ?? [];
  return run.lanes.steered.flatMap((token, i) => {
    const before = run.lanes.steered[i - 1]?.values;
    return slots.flatMap(({ id: slotId }, slot): AutomationPoint[] => {
      const value = token.values[slot] ?? null;
      return before !== undefined && (before[slot] ?? null) === value
        ? []
        : [{ slotId, token: i, value }];
    });
  });
}

/** Repeats the run: same request, every value at its token. */
export function replayRequest(run: GenerationRun): TextRequest {
  const { request } = run;
  if (request.steer === null) return request;
  const automation = run.automation ?? playedCurve(run);
  return { ...request, steer: { ...request.steer, automation } };
}

/** Repeats the run up to token `index`, then uses the current dials. */
export function branchRequest(state: AppState, run: GenerationRun, index: number) {
  const request = steerRequest(state);
  const { setup } = state.steer;
  const known = new Set(setup.slots.map(({ id }) => id));
  const played = playedCurve(run).filter(({ token, slotId }) => token < index && known.has(slotId));
  const planned = setup.automation.filter(({ token }) => token > index);
  const now = [...valuesInForce(setup)].map(([slotId, value]) => ({ slotId, token: index, value }));
  const ids = (lane: LaneName) => run.lanes[lane].slice(0, index).map(({ tokenId }) => tokenId);
  const steering: Steering = {
    ...toSteering(state.steer),
    automation: [...played, ...now, ...planned],
  };
  return {
    ...request,
    // The text so far is this run's, even if something else was typed since.
    prompt: run.request.prompt,
    steer: steering,
    prefix:
      steering.lanes === 'both'
        ? { baseline: ids('baseline'), steered: ids('steered') }
        : { steered: ids('steered') },
  } satisfies SteeredRequest;
}

/** Whether the setup differs from the run's request in a way that only a rerun applies. */
export function needsRerun(steer: SteerState): boolean {
  const asked = steer.run?.request.steer;
  if (asked === undefined || asked === null) return false;
  const shape = (steering: Steering) =>
    JSON.stringify([
      steering.slots.map(({ id, target, hook, mode, unit }) => [id, target, hook, mode, unit]),
      steering.mask,
      steering.clip,
      steering.lanes,
    ]);
  return shape(asked) !== shape(toSteering(steer));
}

/** Index of the first token at which two texts differ; null if one is a prefix of the other. */
export function firstDifference(
  a: readonly Pick<GeneratedToken, 'tokenId'>[],
  b: readonly Pick<GeneratedToken, 'tokenId'>[],
): number | null {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i]?.tokenId !== b[i]?.tokenId) return i;
  }
  return null;
}
