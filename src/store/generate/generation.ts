// Starting a text, wherever one is made: the run's first state, the command, its failure.
import type { Problem } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { isGenerating } from './generateSelectors';
import type { GenerationRun, TextRequest } from './generationRun';

/** Where a run is kept. */
export type RunPlace = {
  get: () => GenerationRun | null;
  set: (run: GenerationRun) => void;
};

/** The place of a capability that has one run. */
export function capabilityPlace(
  { get, patch }: StoreContext,
  capability: 'generate' | 'steer',
): RunPlace {
  return { get: () => get()[capability].run, set: (run) => patch(capability, { run }) };
}

/** The problem of a request that was refused or failed, which the run then has; null when it went well. */
export async function beginGeneration(
  { api, env, get, jobs }: StoreContext,
  place: RunPlace,
  request: TextRequest,
): Promise<Problem | null> {
  if (isGenerating(get())) await jobs.cancel('generation');
  return jobs.run('generation', async (generationId) => {
    const now = env.now();
    place.set({
      generationId,
      running: true,
      prompt: [],
      lanes: { baseline: [], steered: [] },
      reason: null,
      problem: null,
      startedAt: now,
      updatedAt: now,
      isPaused: false,
      request,
      automation: null,
      latents: [],
    });
    const { steer, ...plain } = request;
    const outcome = await settle(
      steer === null
        ? api.generate.run(generationId, plain)
        : api.steer.generate(generationId, { ...plain, steer }),
    );
    const current = place.get();
    // The last tokens may still be on their way as events: only `generated` ends a text that went well.
    if (outcome.ok || current?.generationId !== generationId) return null;
    place.set({ ...current, running: false, reason: 'failed', problem: outcome.problem });
    return outcome.problem;
  });
}
