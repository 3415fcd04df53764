// The commands on a text in the making. It goes before background work.
import type { EngineHosts } from '../hosts';
import { atOnce, outcomes } from '../problems';
import type { JobId } from '../shared/api';
import type { GenerateApi, GenerationRequest } from './api';
import type { GenerationHost } from './generation';

export function makeGenerateSlice({
  turns,
  generation,
}: Pick<EngineHosts, 'turns'> & { generation: GenerationHost }): GenerateApi {
  return {
    ...outcomes({
      run: (generationId: JobId, request: GenerationRequest) =>
        turns.foreground(() => generation.generate(generationId, request, null)),
    }),
    ...atOnce({ pause: generation.pause, resume: generation.resume, step: generation.step }),
  };
}
