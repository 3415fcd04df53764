// Checks an import by what it predicts: loss and bits per byte of the open model on the held-out part of the
// open text, beside the figure its meta file brought. One check at a time, with progress and cancel.
import { bitsPerByte, isNanochatValidation } from '../core/bitsPerByte';
import { ConfigError } from '../core/errors';
import type { Tokenizer } from '../model/tokenizer';
import type { ImportCheck } from './api';
import type { PackedCorpus } from './corpusHost';
import type { EngineHosts } from './hosts';
import { CancelledError } from './problems';
import { measureValidationLoss } from './validationLoss';

/** Logits of one sequence: 128 MiB of f32. A large vocabulary is measured on shorter contexts. */
const LOGITS_PER_SEQUENCE = 32 * 2 ** 20;

export type ImportCheckHost = {
  /** tokens: targets wanted; fewer where the held-out part ends */
  check: (tokens: number) => Promise<ImportCheck>;
  cancel: () => void;
};

export function createImportCheckHost(o: EngineHosts): ImportCheckHost {
  const { modelHost, emit } = o;
  let running: { isCancelled: boolean } | null = null;

  const measure = async (tokens: number, job: { isCancelled: boolean }): Promise<ImportCheck> => {
    const { facts: model, tokenizer } = modelHost.current();
    const text = o.corpusHost.current();
    const contextSize = Math.min(
      model.sequence_len,
      Math.max(16, Math.floor(LOGITS_PER_SEQUENCE / model.vocab_size)),
    );
    const corpus = await text.pack(tokenizer, 'heldOut', { contextSize, seed: 0, epoch: 0 });
    const progress = { job: 'check', phase: 'Predicting held-out text', unit: 'tokens' } as const;
    emit({ kind: 'progress', job: 'check', progress: { ...progress, done: 0, total: tokens } });
    const runtime = await modelHost.runtime();
    const loss = await measureValidationLoss(runtime, corpus, tokens, async (done) => {
      emit({ kind: 'progress', job: 'check', progress: { ...progress, done, total: tokens } });
      await o.parts.breathe();
      await o.turns.waitForIdle();
      if (job.isCancelled) throw new CancelledError('The check was cancelled.');
    });
    const bytes = targetBytes(corpus, tokenizer, loss.tokens);
    const { name, isDemo } = text.facts();
    return {
      modelId: model.id,
      loss: loss.nats,
      tokens: loss.tokens,
      bytes,
      bitsPerByte: bitsPerByte(loss.nats * loss.tokens, bytes),
      contextSize,
      corpus: { name, isDemo },
      isNanochatText: isNanochatValidation(name),
    };
  };

  return {
    async check(tokens) {
      if (running !== null) throw new ConfigError('A check is going on. Cancel it first.');
      if (!Number.isInteger(tokens) || tokens < 1) {
        throw new ConfigError(`tokens must be a whole number from 1: ${tokens}`, 'tokens');
      }
      const job = { isCancelled: false };
      running = job;
      try {
        return await measure(tokens, job);
      } finally {
        running = null;
        emit({ kind: 'progress', job: 'check', progress: null });
      }
    },
    cancel() {
      if (running !== null) running.isCancelled = true;
    },
  };
}

/** Bytes of the first `tokens` targets, in the order in which measureValidationLoss takes them: counted
 *  tokens that have one before them. Special tokens are none, so they count no bytes, as in nanochat. */
export function targetBytes(corpus: PackedCorpus, tokenizer: Tokenizer, tokens: number): number {
  let bytes = 0;
  let seen = 0;
  for (let i = 0; i < corpus.count && seen < tokens; i++) {
    const sequence = corpus.sequence(i);
    for (const position of corpus.countedPositions(i)) {
      if (position === 0 || seen === tokens) continue;
      bytes += tokenizer.tokenBytes(sequence[position] ?? 0).length;
      seen++;
    }
  }
  return bytes;
}
