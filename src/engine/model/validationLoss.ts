// How well the given model predicts held-out text: mean next-token cross-entropy, in the precision and on
// the backend of the runtime. Knows token ids only, never text or bytes.
import { ConfigError } from '../../core/errors';
import { logProbability } from '../../core/model/sampling';
import type { ModelRuntime } from '../../model/modelTypes';
import type { PackedCorpus } from '../text/corpusHost';

/** Tokens in one forward pass, at most, whatever the vocabulary. */
const TOKENS_PER_PASS = 1024;
/** Logits of one pass, at most: 32 MiB of f32, so that 65,536 words do not fill the heap. */
const LOGITS_PER_PASS = 8 * 1024 * 1024;

/** Mean of −ln p(token | the tokens before it in its sequence) over the first `tokens` counted (non-special)
 *  tokens with a predecessor; fewer if the corpus ends. A sequence is at least one pass.
 *  onProgress receives the tokens so far after each pass; throwing there ends the measurement.
 *  Throws ConfigError if the corpus has no token to predict. */
export async function measureValidationLoss(
  runtime: ModelRuntime,
  corpus: PackedCorpus,
  tokens: number,
  onProgress: (tokens: number) => Promise<void> | void,
): Promise<{ nats: number; tokens: number }> {
  const vocabSize = runtime.checkpoint.config.vocab_size;
  const length = corpus.contextSize;
  const rows = Math.min(TOKENS_PER_PASS, LOGITS_PER_PASS / vocabSize);
  const batch = Math.max(1, Math.floor(rows / length));
  let sum = 0;
  let seen = 0;
  for (let first = 0; first < corpus.count && seen < tokens; first += batch) {
    const count = Math.min(batch, corpus.count - first);
    const tokenIds = new Int32Array(count * length);
    for (let i = 0; i < count; i++) tokenIds.set(corpus.sequence(first + i), i * length);
    const logits = await runtime.logits(tokenIds, count);
    for (let i = 0; i < count; i++) {
      for (const position of corpus.countedPositions(first + i)) {
        if (position === 0 || seen === tokens) continue;
        const row = i * length + position - 1;
        const given = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
        sum -= logProbability(given, tokenIds[row + 1] ?? 0);
        seen++;
      }
    }
    await onProgress(seen);
  }
  if (seen === 0) {
    throw new ConfigError(
      'This text has no token to predict: use a text of at least two sequences.',
      'corpus',
    );
  }
  return { nats: sum / seen, tokens: seen };
}
