// Upper bound of a statistics pass's memory, computed from its shapes: shown before a pass starts
// and checked by the bench. The model, the SAE and the corpus exist anyway and are not counted.
import { archiveBytesFor } from './codeArchive';
import { FIRST_STRIDE, MAX_ENTRIES, PARTNERS } from './coActivation';
import { FULL_EXAMPLES, mostExamples } from './exampleChoice';
import { BYTES_PER_CHOSEN } from './latentExamples';
import { HISTOGRAM_BINS, statisticsBytesPerLatent } from './latentStatistics';
import { NEIGHBOURS, RANKED_LOGITS } from './saeStatistics';

/** Tokens per sequence of a pass; each starts with <|bos|> (interface.md 5). */
export const STATISTICS_CONTEXT = 128;
/** Sample of co-activations: grown by half at a time, so the old one, the new one, and a list by latent
 *  of it. */
const SAMPLE_COPIES = 1 + 1.5 + 1;
/** Spans are sorted by sequence: two more numbers each, and their passage and where their activations end. */
const BYTES_PER_SPAN = 4 * 4;
/** place and activation of a firing token in a passage */
const BYTES_PER_FIRING = 2 + 2;

export type StatisticsShape = {
  d_sae: number;
  d_in: number;
  /** active latents per token: k, or the measured l0 */
  active: number;
  /** counted tokens */
  tokens: number;
  contextSize: number;
};

/** Bytes, at most: running state, codes of all tokens, sample of co-activations, and the examples that
 *  are cut from them, with one preview beside. */
export function statisticsMemory(shape: StatisticsShape): number {
  const { d_sae, d_in, active, contextSize } = shape;
  // Each sequence starts with a token that is not counted.
  const tokens = Math.ceil((shape.tokens * contextSize) / (contextSize - 1));
  const entries = tokens * active;
  const sampled = Math.min(MAX_ENTRIES, entries / FIRST_STRIDE);
  const archive = archiveBytesFor({ tokens, entries, d_sae });
  // Directions are compared before the archive fills: three copies, one of them transposed.
  const comparing = 3 * 4 * d_sae * d_in;
  const result = resultBytes(shape, entries, tokens);
  const reading = archive + 4 * SAMPLE_COPIES * sampled + 2 * result;
  return d_sae * statisticsBytesPerLatent() + Math.max(comparing, reading);
}

/** A latent and a passage hold each entry of the archive at most once. */
function resultBytes({ d_sae, contextSize }: StatisticsShape, entries: number, tokens: number) {
  const spans = d_sae * mostExamples(FULL_EXAMPLES);
  const firings = Math.min(entries, spans * contextSize);
  const relations = 16 * RANKED_LOGITS + 8 * NEIGHBOURS + 16 * PARTNERS;
  const numbers = 4 * HISTOGRAM_BINS + 48;
  return (
    d_sae * (relations + numbers) +
    spans * (BYTES_PER_CHOSEN + BYTES_PER_SPAN) +
    firings * BYTES_PER_FIRING +
    4 * tokens
  );
}
