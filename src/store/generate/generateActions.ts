// Intents of unsteered texts: generate, stop, and the conversation beside them.
import type { StoreContext } from '../context';
import { makeChatActions } from './chatActions';
import { beginGeneration, capabilityPlace } from './generation';
import type { GenerationForm } from './generationRun';

export function makeGenerateActions(context: StoreContext) {
  const { env, get, patch, jobs } = context;

  function setForm(change: Partial<GenerationForm>): void {
    patch('generate', { form: { ...get().generate.form, ...change } });
  }

  return {
    setForm,
    rollSeed: () => setForm({ seed: env.randomSeed() }),
    start: () =>
      beginGeneration(context, capabilityPlace(context, 'generate'), {
        ...get().generate.form,
        steer: null,
      }),
    stop: () => jobs.cancel('generation'),
    chat: makeChatActions(context),
  };
}
