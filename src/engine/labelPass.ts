// One pass that guesses a label for every latent of an SAE: sparse codes of some training text, rules fitted to
// it, and of held-out text, on which they are scored. What a rule is stands in core/latentLabel.ts.
import { makeFiringsBuilder, type Firings } from '../core/firings';
import type { HookPoint } from '../core/hookPoint';
import { makeCellIndexer, type LabelText } from '../core/labelCells';
import { guessLabel, type LabelGuess } from '../core/latentLabel';
import type { SaeEncoder } from '../gpu/saeEncoder';
import type { ModelRuntime } from '../model/modelTypes';
import type { Tokenizer } from '../model/tokenizer';
import { forEachCapture } from './activationFeed';
import type { Progress } from './api';
import type { PackedCorpus } from './corpusHost';

/** Part of the tokens read on which rules are scored. */
const HELD_OUT_SHARE = 0.25;
/** Latents between two turns of other jobs. */
const LATENTS_PER_TURN = 64;

export async function runLabelPass(o: {
  d_sae: number;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  /** the text of the rules, and one that shares no document with it */
  fit: PackedCorpus;
  heldOut: PackedCorpus;
  /** tokens wanted of both together */
  tokens: number;
  /** Called between batches; throws to cancel. */
  onProgress: (phase: string, done: number, total: number, unit: Progress['unit']) => Promise<void>;
}): Promise<LabelGuess[]> {
  const { d_sae, tokenizer } = o;
  const heldOutTokens = Math.round(o.tokens * HELD_OUT_SHARE);
  const fit = await readCodes(o, o.fit, o.tokens - heldOutTokens, 'Reading text for the rules');
  const heldOut = await readCodes(o, o.heldOut, heldOutTokens, 'Reading held-out text');
  const indexer = makeCellIndexer(tokenizer.tokenText);
  const cells = { fit: indexer.index(fit.text), heldOut: indexer.index(heldOut.text) };
  const guesses: LabelGuess[] = [];
  for (let latentIndex = 0; latentIndex < d_sae; latentIndex++) {
    guesses.push(
      guessLabel({
        latentIndex,
        indexer,
        fit: { cells: cells.fit, firing: fit.firings.of(latentIndex) },
        heldOut: { cells: cells.heldOut, firing: heldOut.firings.of(latentIndex) },
      }),
    );
    if (guesses.length % LATENTS_PER_TURN === 0) {
      await o.onProgress('Guessing labels', guesses.length, d_sae, 'features');
    }
  }
  return guesses;
}

type Codes = { text: LabelText; firings: Firings };

async function readCodes(
  o: Parameters<typeof runLabelPass>[0],
  corpus: PackedCorpus,
  tokens: number,
  phase: string,
): Promise<Codes> {
  const { contextSize } = corpus;
  const sequences = Math.max(1, Math.min(corpus.count, Math.ceil(tokens / contextSize)));
  const tokenIds = new Int32Array(sequences * contextSize);
  const counted: number[] = [];
  const builder = makeFiringsBuilder(o.d_sae);
  await forEachCapture({ ...o, corpus }, async (captured, first, count) => {
    const taken = Math.min(count, sequences - first) * contextSize;
    const start = first * contextSize;
    const rows = captured.rows.filter((row) => row < taken);
    const places = rows.map((row) => start + row);
    builder.add(await o.encoder.encode(captured.activations, rows), places);
    tokenIds.set(captured.tokenIds.subarray(0, taken), start);
    counted.push(...places);
    await o.onProgress(phase, start + taken, tokenIds.length, 'tokens');
    return start + taken < tokenIds.length;
  });
  const text = { tokenIds, contextSize, counted: Uint32Array.from(counted) };
  return { text, firings: builder.finish() };
}
