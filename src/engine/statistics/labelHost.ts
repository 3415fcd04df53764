// Guesses the labels of one SAE at a time, with progress and cancel, and stores them. No external service
// is used.
import { ConfigError } from '../../core/errors';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import { makeJobSlot, type JobStep } from '../jobs';
import type { JobId } from '../shared/api';
import { latentDashboard } from './dashboard';
import type { EngineHosts } from '../hosts';
import { runLabelPass } from './labelPass';
import { checkSaeFits } from '../sae/saeFit';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';

export type LabelHost = {
  /** tokens: of rules and scores together; the pass takes no more than the text has */
  guess: (saeId: string, tokens: number, jobId?: JobId) => Promise<LabelGuess[]>;
  /** null before the first pass */
  kept: (saeId: string) => Promise<LabelGuess[] | null>;
};

const PREFIX = 'label-guesses/';

export function createLabelHost(o: EngineHosts): LabelHost {
  const { modelHost, library } = o;
  const { storage } = o.parts;
  const slot = makeJobSlot(o, {
    kind: 'labels',
    cancelled: 'The guessing was cancelled.',
    busy: 'Labels of another SAE are being guessed. Cancel that first.',
  });

  const pass = async (saeId: string, tokens: number, step: JobStep) => {
    const facts = await library.get(saeId);
    const { tokenizer, facts: model } = modelHost.current();
    const statistics = await library.statistics(facts.saeId);
    checkSaeFits(facts, model);
    const backend = await o.device.sae();
    const encoder = await backend.createEncoder(await library.params(saeId));
    try {
      const corpus = o.corpusHost.current();
      const contextSize = Math.min(STATISTICS_CONTEXT, model.sequence_len);
      const request = { contextSize, seed: 0, epoch: 0 };
      const guesses = await runLabelPass({
        d_sae: facts.d_sae,
        hook: facts.hookPoint,
        encoder,
        runtime: await modelHost.runtime(),
        tokenizer,
        fit: await corpus.pack(tokenizer, 'train', request),
        heldOut: await corpus.pack(tokenizer, 'heldOut', request),
        examplesOf:
          statistics === null
            ? () => []
            : (latentIndex) => latentDashboard(statistics, latentIndex, () => false).topExamples,
        tokens,
        onProgress: step,
      });
      await storage.setFacts(PREFIX + facts.saeId, guesses);
      return guesses;
    } finally {
      encoder.dispose();
    }
  };

  modelHost.onClosing(slot.end);
  library.onDeleted(({ saeId }) => storage.delete(PREFIX + saeId));

  return {
    async guess(saeId, tokens, jobId) {
      if (!(tokens >= 1)) throw new ConfigError(`tokens must be at least 1: ${tokens}`, 'tokens');
      return slot.run(jobId, ({ step }) => pass(saeId, tokens, step));
    },
    kept: async (saeId) =>
      ((await storage.getFacts(PREFIX + saeId)) as LabelGuess[] | undefined) ?? null,
  };
}
