// Intents of reading any text for its features, nothing steered.
import type { StoreContext } from '../context';
import { beginGeneration } from '../generate/generation';
import type { GenerationRun } from '../generate/generationRun';

export function makeReadingActions(context: StoreContext) {
  const { get, patch } = context;
  return {
    setText: (text: string) => patch('steer', 'reading', { text }),
    /** The strongest features of every token of a text, for every SAE that fits, without steering. */
    run: async () => {
      const { reading } = get().steer;
      const model = get().model.open;
      const saes = (get().sae.list ?? []).filter((sae) => sae.d_in === model?.n_embd).slice(0, 8);
      if (saes.length === 0) return;
      const slots = saes.map(({ saeId }, i) => ({
        id: `read-${i}`,
        target: { kind: 'latent' as const, saeId, latentIndex: 0 },
        hook: null,
        mode: 'add' as const,
        unit: 'raw' as const,
        value: 0,
        isMuted: true,
        isSolo: false,
      }));
      const place = {
        get: () => get().steer.reading.run,
        set: (run: GenerationRun) => patch('steer', 'reading', { run }),
      };
      await beginGeneration(context, place, {
        prompt: reading.text,
        maxTokens: 1,
        temperature: 0,
        topK: 0,
        seed: 0,
        steer: {
          slots,
          mask: { kind: 'classes', classes: [] },
          clip: null,
          automation: null,
          lanes: 'steered',
          streamLatents: 16,
        },
      });
    },
  };
}
