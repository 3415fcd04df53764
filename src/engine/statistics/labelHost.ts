// Guesses the labels of one SAE at a time, with progress and cancel, and stores them. No external service
// is used.
import * as v from 'valibot';
import { ConfigError } from '../../core/errors';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import { getRecord, listKind } from '../../storage/records';
import type { Storage } from '../../storage/storage';
import { makeJobSlot, type JobStep } from '../jobs';
import type { JobId } from '../shared/api';
import type { BundledFeatures } from './bundledFeatures';
import { latentDashboard } from './dashboard';
import type { EngineHosts } from '../hosts';
import { checkSaeFits } from '../sae/saeFit';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';

export type LabelHost = {
  /** tokens: of rules and scores together; the pass takes no more than the text has */
  guess: (saeId: string, tokens: number, jobId?: JobId) => Promise<LabelGuess[]>;
  /** null before the first pass */
  kept: (saeId: string) => Promise<LabelGuess[] | null>;
};

const Guess: v.GenericSchema<unknown, LabelGuess> = v.looseObject({
  latentIndex: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  text: v.nullable(v.string()),
  score: v.nullable(v.number()),
  fires: v.number(),
  heldOutFires: v.number(),
});
/** One record per SAE. */
export const GUESS_RECORDS = listKind({
  prefix: 'label-guesses/',
  what: 'guessed labels of SAE',
  entry: Guess,
});

export type GuessStore = {
  /** null before the first pass */
  read: (saeId: string) => Promise<LabelGuess[] | null>;
  /** In place of those before. */
  write: (saeId: string, guesses: readonly LabelGuess[]) => Promise<void>;
  forget: (saeId: string) => Promise<void>;
};

export function createGuessStore(storage: Storage): GuessStore {
  const { prefix } = GUESS_RECORDS;
  return {
    async read(saeId) {
      const guesses = await getRecord(storage, GUESS_RECORDS, saeId);
      return guesses === null ? null : [...guesses];
    },
    write: (saeId, guesses) => storage.setFacts(prefix + saeId, guesses),
    forget: (saeId) => storage.delete(prefix + saeId),
  };
}

/** bundled: guesses that ship with an SAE, until its own are made */
export function createLabelHost(
  o: EngineHosts,
  bundled: Pick<BundledFeatures, 'guesses'>,
): LabelHost {
  const { modelHost, library } = o;
  const store = createGuessStore(o.parts.storage);
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
      const { runLabelPass } = await import('./labelPass');
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
      await store.write(facts.saeId, guesses);
      return guesses;
    } finally {
      encoder.dispose();
    }
  };

  modelHost.onClosing(slot.end);
  library.onDeleted(({ saeId }) => store.forget(saeId));

  return {
    async guess(saeId, tokens, jobId) {
      if (!(tokens >= 1)) throw new ConfigError(`tokens must be at least 1: ${tokens}`, 'tokens');
      return slot.run(jobId, ({ step }) => pass(saeId, tokens, step));
    },
    kept: async (saeId) => (await store.read(saeId)) ?? bundled.guesses(await library.get(saeId)),
  };
}
