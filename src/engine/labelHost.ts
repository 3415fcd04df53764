// Guesses the labels of one SAE at a time, with progress and cancel, and keeps them. No service is asked.
import { ConfigError } from '../core/errors';
import type { LabelGuess } from '../core/latentLabel';
import { createSaeEncoder } from '../gpu/saeEncoder';
import type { EngineHosts } from './hosts';
import { runLabelPass } from './labelPass';
import { CancelledError } from './problems';
import { checkSaeFits } from './saeFit';
import { STATISTICS_CONTEXT } from './statisticsPass';

export type LabelHost = {
  /** tokens: of rules and scores together; the pass takes no more than the text has */
  guess: (saeId: string, tokens: number) => Promise<LabelGuess[]>;
  cancel: () => void;
  /** null before the first pass */
  kept: (saeId: string) => Promise<LabelGuess[] | null>;
  forget: (saeId: string) => Promise<void>;
};

const PREFIX = 'label-guesses/';

export function createLabelHost(o: EngineHosts): LabelHost {
  const { modelHost, library, emit } = o;
  const { storage } = o.parts;
  let running: { isCancelled: boolean } | null = null;

  const pass = async (saeId: string, tokens: number, job: { isCancelled: boolean }) => {
    const facts = await library.get(saeId);
    const { tokenizer, facts: model } = modelHost.current();
    checkSaeFits(facts, model);
    const encoder = await createSaeEncoder(await o.device.acquire(), await library.params(saeId));
    try {
      const corpus = o.corpusHost.current();
      const contextSize = Math.min(STATISTICS_CONTEXT, model.sequence_len);
      const request = { contextSize, seed: 0, epoch: 0, leadWithBos: true };
      const guesses = await runLabelPass({
        d_sae: facts.d_sae,
        hook: facts.hookPoint,
        encoder,
        runtime: await modelHost.runtime(),
        tokenizer,
        fit: await corpus.pack(tokenizer, 'train', request),
        heldOut: await corpus.pack(tokenizer, 'heldOut', request),
        tokens,
        onProgress: async (phase, done, total, unit) => {
          const progress = { job: 'labels', phase, done, total, unit } as const;
          emit({ kind: 'progress', job: 'labels', progress });
          await o.parts.breathe();
          await o.turns.waitForIdle();
          if (job.isCancelled) throw new CancelledError('The guessing was cancelled.');
        },
      });
      await storage.setFacts(PREFIX + facts.saeId, guesses);
      return guesses;
    } finally {
      encoder.dispose();
    }
  };

  return {
    async guess(saeId, tokens) {
      if (running !== null) {
        throw new ConfigError('Labels of another SAE are being guessed. Cancel that first.');
      }
      if (!(tokens >= 1)) throw new ConfigError(`tokens must be at least 1: ${tokens}`, 'tokens');
      const job = { isCancelled: false };
      running = job;
      try {
        return await pass(saeId, tokens, job);
      } finally {
        running = null;
        emit({ kind: 'progress', job: 'labels', progress: null });
      }
    },
    cancel() {
      if (running !== null) running.isCancelled = true;
    },
    kept: async (saeId) =>
      ((await storage.getFacts(PREFIX + saeId)) as LabelGuess[] | undefined) ?? null,
    forget: (saeId) => storage.delete(PREFIX + saeId),
  };
}
