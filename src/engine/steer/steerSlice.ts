// The commands on steering. Steered texts and doses go before background work.
import type { Steering } from '../../core/steer/steering';
import { createHookReader } from '../activations/hookReader';
import type { GenerationHost } from '../generate/generation';
import type { EngineHosts } from '../hosts';
import { atOnce, outcomes } from '../problems';
import type { JobId } from '../shared/api';
import type { DoseRequest, SteerApi, SteeredRequest } from './api';
import { createDoseHost } from './doseResponse';
import { createSteeredTexts } from './steeredTexts';
import { createVectorHost } from './vectorHost';

export function makeSteerSlice(hosts: EngineHosts & { generation: GenerationHost }): SteerApi {
  const { modelHost, turns } = hosts;
  const hookReader = createHookReader(hosts);
  const vectors = createVectorHost({ ...hosts, hookReader });
  const steered = createSteeredTexts({ ...hosts, vectors });
  const dose = createDoseHost({ ...hosts, vectors });
  return {
    ...outcomes({
      generate: (generationId: JobId, request: SteeredRequest) =>
        turns.foreground(() => steered.generate(generationId, request)),
      check: async (steering: Steering) =>
        (await import('./steeringCheck')).describeSteering(
          { ...hosts, vectors, hookReader, model: modelHost.current().facts },
          steering,
        ),
      measureDose: (request: DoseRequest, jobId?: JobId) =>
        turns.foreground(() => dose.measure(request, jobId)),
      makeVector: vectors.make,
    }),
    ...atOnce({ setSlotValue: steered.setSlotValue }),
    listVectors: vectors.list,
    deleteVector: vectors.delete,
  };
}
