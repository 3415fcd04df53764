// The Steer screen in a link: what its state says there, and what a link makes of them. Pure.
import { isDefaultMask, type SharedSlot } from '../../core/share/sharedSteer';
import type { ShareState } from '../../core/share/shareState';
import { DEFAULT_MASK } from '../../core/steer/steering';
import { FIRST_FORM } from '../generate/generateState';
import type { AppState } from '../state';
import type { SteerState } from '../steer/steerState';
import { EMPTY_SETUP, NO_HISTORY, isHeard, type SlotDraft } from '../steer/steerSetup';
import type { GenerationForm } from '../generate/generationRun';

export function steerShare(state: AppState): Partial<ShareState> {
  const { steer, model, sae } = state;
  const { form, setup, wanted } = steer;
  const slots = wanted?.slots ?? setup.slots.map((slot) => sharedSlot(steer, slot));
  const auto =
    wanted?.automation ??
    setup.automation.map(({ slotId, token, value }) => ({
      slot: setup.slots.findIndex(({ id }) => id === slotId),
      token,
      value,
    }));
  return {
    model: model.open?.id ?? null,
    sae: steer.saeId ?? sae.wantedRef,
    steer: slots.length === 0 ? null : slots,
    mask: isDefaultMask(setup.mask) ? null : setup.mask,
    clip: setup.isClipped ? true : null,
    auto: auto.length === 0 ? null : auto,
    lanes: steer.lanes === 'both' ? null : steer.lanes,
    chat: steer.chosenMode === null ? null : steer.chosenMode === 'chat',
    prompt: form.prompt,
    temperature: unlessDefault(form.temperature, FIRST_FORM.temperature),
    topK: unlessDefault(form.topK, FIRST_FORM.topK),
    length: form.maxTokens,
    seed: form.seed,
    tool: steer.tool,
  };
}

/** A link has no solo: a slot silenced by another's solo is off in it. */
function sharedSlot({ setup, saeId }: SteerState, slot: SlotDraft): SharedSlot {
  const { target, hook, dial } = slot;
  const { mode, value, unit } = dial;
  const hasUnit = mode !== 'scale' && mode !== 'ablate';
  return {
    target:
      target.kind === 'vector'
        ? target
        : {
            kind: 'latent',
            latentIndex: target.latentIndex,
            saeRef: target.saeId === saeId ? null : hashOf(target.saeId),
          },
    hook,
    mode,
    value: mode === 'ablate' ? 0 : value,
    unit: hasUnit ? unit : 'raw',
    isMuted: !isHeard(setup, slot),
  };
}

function hashOf(saeId: string): string | null {
  const hash = saeId.split('~').at(-1) ?? '';
  return /^[0-9a-f]{4,12}$/.test(hash) ? hash : null;
}

function unlessDefault(value: number, first: number): number | null {
  return value === first ? null : value;
}

/** The SAEs a link names may not be listed yet: its slots wait as `wanted`. */
export function steerFrom(state: AppState, share: ShareState): SteerState {
  const { steer } = state;
  const form: GenerationForm = {
    prompt: share.prompt ?? steer.form.prompt,
    temperature: share.temperature ?? steer.form.temperature,
    topK: share.topK ?? steer.form.topK,
    maxTokens: share.length ?? steer.form.maxTokens,
    seed: share.seed ?? steer.form.seed,
  };
  const slots = share.steer ?? slotsOfFeature(share.feature);
  const { lanes, tool } = share;
  const chosenMode = modeOf(share, steer);
  const named = { ...steer, form, lanes: lanes ?? 'both', chosenMode, tool };
  if (slots.length === 0) return named;
  return {
    ...named,
    history: NO_HISTORY,
    chosenSlotId: null,
    scales: {},
    setup: {
      ...EMPTY_SETUP,
      mask: share.mask ?? DEFAULT_MASK,
      isClipped: share.clip ?? false,
    },
    wanted: { slots, automation: share.auto ?? [] },
    saeId: share.sae === null ? steer.saeId : null,
  };
}

function modeOf({ chat }: ShareState, steer: SteerState): SteerState['chosenMode'] {
  if (chat === null) return steer.chosenMode;
  return chat ? 'chat' : 'completion';
}

/** `feature=12` alone: one slot at the start value. */
function slotsOfFeature(feature: number | null): SharedSlot[] {
  if (feature === null) return [];
  const target = { kind: 'latent', latentIndex: feature, saeRef: null } as const;
  return [{ target, hook: null, mode: 'add', value: 1, unit: 'max', isMuted: false }];
}
