// Everything that steers one text, prepared on the device where the model runs and released together.
import { elementAt } from '../../core/elementAt';
import { isSteered } from '../../core/steer/steerMask';
import type { LaneName } from '../../core/steer/steeringReport';
import type { Steering } from '../../core/steer/steering';
import type { StepReadout, TextEdits } from '../generate/textEdits';
import type { EngineHosts } from '../hosts';
import {
  createFeatureStream,
  type FeatureStream,
  type StreamedSae,
  type StreamedStep,
} from './featureStream';
import { createSteeringEdits } from './steeringEdits';
import { resolveSlots, type ResolvedSlot } from './steerTargets';
import type { VectorHost } from './vectorHost';

export type PreparedSteering = TextEdits & { slots: readonly ResolvedSlot[] };

type Hosts = Pick<EngineHosts, 'device' | 'modelHost' | 'library'> & {
  vectors: Pick<VectorHost, 'get'>;
};

/** @param o.maxRows most positions of one step
 *  @param o.breathe processes messages during a step */
export async function prepareSteering(
  { device, modelHost, library, vectors }: Hosts,
  steering: Steering,
  o: { lanes: readonly LaneName[]; maxRows: number; breathe: () => Promise<void> },
): Promise<PreparedSteering> {
  const { facts: model } = modelHost.current();
  const slots = await resolveSlots({ library, vectors, model }, steering);
  const context = model.backend === 'webgpu' ? await device.acquire() : null;
  const { maxRows, breathe } = o;
  const { clip, mask } = steering;
  const edits = await createSteeringEdits({ slots, clip, maxRows, context, breathe });
  let stream: FeatureStream | null = null;
  try {
    const saes = streamedSaes(slots);
    if (steering.streamLatents > 0 && saes.length > 0) {
      const count = steering.streamLatents;
      const backend = await device.sae();
      const { lanes } = o;
      stream = await createFeatureStream({ saes, lanes, count, maxRows, context, backend });
    }
  } catch (cause) {
    edits.dispose();
    throw cause;
  }
  return {
    slots,
    edits: edits.edits,
    watchers: stream?.watchers ?? [],
    prepare: ({ lane, position, classes, values }) => {
      const steered = classes.map((maskClass, i) => isSteered(mask, maskClass, position + i));
      edits.prepare({ lane, steered, values });
    },
    values: edits.values,
    async read() {
      const readout = await edits.read();
      const streamed = (await stream?.read()) ?? null;
      if (streamed !== null) fillAchieved(readout, streamed, slots);
      return { readout, latents: streamed?.tokens ?? [] };
    },
    dispose: () => {
      edits.dispose();
      stream?.dispose();
    },
  };
}

/** Each SAE once per hook point at which one of its latents steers, a transcoder where it reads. */
function streamedSaes(slots: readonly ResolvedSlot[]): StreamedSae[] {
  const found = new Map<string, StreamedSae>();
  for (const { sae, hook } of slots) {
    const readAt = sae?.readAt ?? hook;
    if (sae !== null) found.set(`${sae.saeId} ${readAt}`, { ...sae, hook: readAt });
  }
  return [...found.values()];
}

/** f of TopK latents after the edit, which requires the whole code. */
function fillAchieved(
  readout: StepReadout,
  streamed: StreamedStep,
  slots: readonly ResolvedSlot[],
): void {
  for (const [index, { sae, edit, hook }] of slots.entries()) {
    const slot = elementAt(readout.slots, index);
    if (sae === null || edit.latent === null || slot.achieved !== null) continue;
    const { latentIndex } = edit.latent;
    slot.achieved = streamed.actOf('steered', sae.saeId, sae.readAt ?? hook, latentIndex);
  }
}
