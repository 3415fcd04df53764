// Starting a text, on either screen that makes one: the run's first facts, the command, its failure.
import type { GenerationRequest } from '../engine/api';
import type { StoreContext } from './context';
import type { GenerationRun } from './facts';
import { settle } from './problems';

export async function beginGeneration(
  context: StoreContext,
  slice: 'generation' | 'steer',
  request: GenerationRequest,
): Promise<void> {
  const { api, env, get, patch } = context;
  // One text at a time: the engine has one decoder.
  if (get().generation.run?.running === true || get().steer.run?.running === true) {
    await api.stopGeneration();
  }
  const generationId = context.nextGenerationId();
  const now = env.now();
  const run: GenerationRun = {
    generationId,
    running: true,
    prompt: [],
    lanes: { baseline: [], steered: [] },
    reason: null,
    problem: null,
    startedAt: now,
    updatedAt: now,
    prefillStrength: request.steer?.strength ?? null,
  };
  patch(slice, { run });
  const outcome = await settle(api.generate(generationId, request));
  const current = get()[slice].run;
  if (current?.generationId !== generationId) return;
  // The last tokens may still be on their way as events: only `generated` ends a text that went well.
  if (!outcome.ok) {
    patch(slice, {
      run: { ...current, running: false, reason: 'failed', problem: outcome.problem },
    });
  }
}
