// Turns the slots of a request into what an edit needs: directions, readers, scales, hooks; refused with the
// reason if a target, a statistic or a hook point is missing.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { isTranscoderPoint, writePoint, type HookPoint } from '../../core/activations/hookPoint';
import type { SaeParams } from '../../core/sae/sae';
import { unitVector } from '../../core/numeric/vectors';
import { decoderRow } from '../../core/sae/latentWeights';
import { readsActivation, type EditSlot } from '../../core/steer/steerEdit';
import type { SteerSlot, Steering } from '../../core/steer/steering';
import type { ModelFacts } from '../model/api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { checkSaeFits } from '../sae/saeFit';
import type { SaeLibrary } from '../sae/saeLibrary';
import type { VectorHost } from './vectorHost';

export type ResolvedSlot = {
  hook: HookPoint;
  edit: EditSlot;
  /** A_i; null: no statistics, or a vector */
  maxAct: number | null;
  /** the SAE whose latent it is; readAt: a transcoder's own input, where it is read wherever the slot edits */
  sae: { saeId: string; params: SaeParams; readAt: HookPoint | null } | null;
};

/** What slots are resolved from. */
export type SlotSources = {
  library: SaeLibrary;
  vectors: Pick<VectorHost, 'get'>;
  model: ModelFacts;
};

/** In the order of the slots. Throws ConfigError. */
export async function resolveSlots(
  sources: SlotSources,
  steering: Pick<Steering, 'slots'>,
): Promise<ResolvedSlot[]> {
  const resolved: ResolvedSlot[] = [];
  for (const slot of steering.slots) resolved.push(await resolveSlot(sources, slot));
  return resolved;
}

async function resolveSlot(sources: SlotSources, slot: SteerSlot): Promise<ResolvedSlot> {
  const { target } = slot;
  const found =
    target.kind === 'latent'
      ? await findLatent(sources, target.saeId, target.latentIndex)
      : await findVector(sources, target.vectorId);
  const hook = slot.hook ?? found.hook;
  if (hook === null || !sources.model.hookPoints.includes(hook)) {
    throw new ConfigError(
      `${slot.id}: the open model has no hook point ${hook ?? '(none was named)'}. Choose one of its layers.`,
      'hook',
    );
  }
  const { direction, latent, maxAct, sae } = found;
  const usesUnit = slot.mode === 'add' || slot.mode === 'set' || slot.mode === 'cap';
  if (usesUnit && slot.unit === 'max' && maxAct === null) {
    throw new ConfigError(
      `${slot.id}: its SAE has no statistics yet, so its max activation is unknown. Compute them on Explore first, or choose the unit norm or raw.`,
      'sae',
    );
  }
  if (sae !== null && sae.readAt !== null && readsActivation(slot.mode)) {
    throw new ConfigError(
      `${slot.id}: a feature of a transcoder is read before its MLP and written after it, so it can only be added here. Choose the mode add.`,
      'steer',
    );
  }
  const isNorm = usesUnit && slot.unit === 'norm';
  const scale = usesUnit && slot.unit === 'max' ? (maxAct ?? 0) : 1;
  return { hook, maxAct, sae, edit: { mode: slot.mode, isNorm, scale, direction, latent } };
}

async function findLatent({ library, model }: SlotSources, saeId: string, latentIndex: number) {
  const facts = await library.get(saeId);
  checkSaeFits(facts, model);
  checkLatentIndex(latentIndex, facts.d_sae);
  const params = await library.params(facts.saeId);
  const statistics = await library.statistics(facts.saeId);
  return {
    hook: writePoint(facts.hookPoint),
    direction: unitVector(decoderRow(params, latentIndex)),
    latent: { params, latentIndex },
    maxAct: statistics === null ? null : (statistics.maxAct[latentIndex] ?? 0),
    sae: {
      saeId: facts.saeId,
      params,
      readAt: isTranscoderPoint(facts.hookPoint) ? facts.hookPoint : null,
    },
  };
}

async function findVector({ vectors, model }: SlotSources, vectorId: string) {
  const { facts, direction } = await vectors.get(vectorId);
  if (direction.length !== model.n_embd) {
    throw new ConfigError(
      `${facts.name} has ${direction.length} values; the open model's stream has ${model.n_embd}. Make it again with this model.`,
      'vector',
    );
  }
  return { hook: facts.hook, direction, latent: null, maxAct: null, sae: null };
}

/** Slots by hook, with their indices in the request. */
export function groupByHook(slots: readonly ResolvedSlot[]): Map<HookPoint, number[]> {
  const groups = new Map<HookPoint, number[]>();
  for (const index of slots.keys()) {
    const { hook } = elementAt(slots, index);
    groups.set(hook, [...(groups.get(hook) ?? []), index]);
  }
  return groups;
}
