// What the dials of a steering request mean at their hook points, and warnings before it runs.
import { elementAt } from '../../core/elementAt';
import { dot } from '../../core/numeric/vectors';
import { NEARLY_ONE, readsActivation } from '../../core/steer/steerEdit';
import { checkSteering, startValues, type Steering } from '../../core/steer/steering';
import type { SlotScale, SteeringCheck } from '../../core/steer/steeringReport';
import type { HookReader } from '../activations/hookReader';
import { groupByHook, resolveSlots, type ResolvedSlot, type SlotSources } from './steerTargets';

/** ‖Δ‖ / median ‖h‖ beyond which texts tend to fall apart (interface.md 4). */
const STRONG = 0.5;

export async function describeSteering(
  sources: SlotSources & { hookReader: HookReader },
  steering: Steering,
): Promise<SteeringCheck> {
  checkSteering(steering);
  const slots = await resolveSlots(sources, steering);
  const scales: SlotScale[] = [];
  for (const [index, { hook, maxAct }] of slots.entries()) {
    const medianNorm = await sources.hookReader.medianNorm(hook);
    scales.push({ slotId: elementAt(steering.slots, index).id, hook, maxAct, medianNorm });
  }
  return {
    scales,
    warnings: [...nearlyOne(steering, slots), ...strong(steering, slots, scales)],
  };
}

function nearlyOne(steering: Steering, slots: readonly ResolvedSlot[]): string[] {
  const warnings: string[] = [];
  for (const indices of groupByHook(slots).values()) {
    const projecting = indices.filter((index) => {
      const { edit } = elementAt(slots, index);
      return edit.latent === null && readsActivation(edit.mode);
    });
    for (const [i, a] of projecting.entries()) {
      for (const b of projecting.slice(i + 1)) {
        const cosine = dot(elementAt(slots, a).edit.direction, elementAt(slots, b).edit.direction);
        if (Math.abs(cosine) <= NEARLY_ONE) continue;
        const [one, other] = [elementAt(steering.slots, a).id, elementAt(steering.slots, b).id];
        warnings.push(
          `${one} and ${other} point in almost the same direction (cosine ${cosine.toFixed(3)}): both targets cannot be met.`,
        );
      }
    }
  }
  return warnings;
}

function strong(
  steering: Steering,
  slots: readonly ResolvedSlot[],
  scales: readonly SlotScale[],
): string[] {
  const values = startValues(steering.slots);
  return slots.flatMap(({ edit }, index) => {
    const value = elementAt(values, index);
    if (edit.mode !== 'add' || value === null) return [];
    const { slotId, medianNorm } = elementAt(scales, index);
    const ratio = edit.isNorm ? Math.abs(value) : Math.abs(value * edit.scale) / medianNorm;
    if (!(ratio > STRONG)) return [];
    return [
      `${slotId} adds ${ratio.toFixed(2)} times the typical norm of the stream: texts tend to become incoherent beyond ${STRONG}.`,
    ];
  });
}
