// Checks an import by its predictions: loss and bits per byte of the open model on the held-out part of the
// open text, beside the figure in its meta file. One check at a time, with progress and cancel.
import { bitsPerByte, isNanochatValidation } from '../../core/model/bitsPerByte';
import { ConfigError } from '../../core/errors';
import type { Tokenizer } from '../../model/tokenizer';
import type { ImportCheck } from './api';
import { makeJobSlot, type JobStep } from '../jobs';
import type { JobId } from '../shared/api';
import type { PackedCorpus } from '../text/corpusHost';
import type { EngineHosts } from '../hosts';

/** Logits of one sequence: 128 MiB of f32. A large vocabulary is measured on shorter contexts. */
const LOGITS_PER_SEQUENCE = 32 * 2 ** 20;

export type ImportCheckHost = {
  /** tokens: number of targets; fewer if the held-out part is shorter */
  check: (tokens: number, jobId?: JobId) => Promise<ImportCheck>;
};

export function createImportCheckHost(o: EngineHosts): ImportCheckHost {
  const { modelHost } = o;
  const slot = makeJobSlot(o, {
    kind: 'check',
    cancelled: 'The check was cancelled.',
    busy: 'A check is running. Cancel it first.',
  });

  const measure = async (tokens: number, step: JobStep): Promise<ImportCheck> => {
    const { facts: model, tokenizer } = modelHost.current();
    const text = o.corpusHost.current();
    const contextSize = Math.min(
      model.sequence_len,
      Math.max(16, Math.floor(LOGITS_PER_SEQUENCE / model.vocab_size)),
    );
    const corpus = await text.pack(tokenizer, 'heldOut', { contextSize, seed: 0, epoch: 0 });
    const tell = (done: number) => step('Predicting held-out text', done, tokens, 'tokens');
    await tell(0);
    const runtime = await modelHost.runtime();
    const { measureValidationLoss } = await import('./validationLoss');
    const loss = await measureValidationLoss(runtime, corpus, tokens, tell);
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

  modelHost.onClosing(slot.end);

  return {
    async check(tokens, jobId) {
      if (!Number.isInteger(tokens) || tokens < 1) {
        throw new ConfigError(`tokens must be a whole number from 1: ${tokens}`, 'tokens');
      }
      return slot.run(jobId, ({ step }) => measure(tokens, step));
    },
  };
}

/** Bytes of the first `tokens` targets, in the order in which measureValidationLoss takes them: counted
 *  tokens with a predecessor. Special tokens are not counted and add no bytes, as in nanochat. */
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
