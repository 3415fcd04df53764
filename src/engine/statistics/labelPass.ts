// One pass that guesses a label for every latent of an SAE: sparse codes of some training text, rules
// fitted to it, and of held-out text, on which they are scored. core/statistics/latentLabel.ts defines the
// rules.
import { makeFiringsBuilder, type Firings } from '../../core/statistics/firings';
import type { HookPoint } from '../../core/activations/hookPoint';
import {
  makeCellIndexer,
  type LabelExample,
  type LabelText,
} from '../../core/statistics/labelCells';
import { guessLabel, type LabelGuess } from '../../core/statistics/latentLabel';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import { forEachCapture } from '../activations/activationFeed';
import type { Progress } from '../shared/api';
import type { PackedCorpus } from '../text/corpusHost';

/** Share of the tokens on which rules are scored. */
const HELD_OUT_SHARE = 0.5;
/** Tokens of an example on each side of its peak that a rule may learn from … */
const REACH = 5;
/** … and those of them that are searched in the held-out text: a rule must not be scored on text it has
 *  seen. */
const LOOKED_UP = 3;
const MAX_EXAMPLES = 10;
/** Latents between two turns of other jobs. */
const LATENTS_PER_TURN = 64;

export type LabelPassSetup = {
  d_sae: number;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  /** the text of the rules, and one that shares no document with it */
  fit: PackedCorpus;
  heldOut: PackedCorpus;
  /** a latent's top examples: tokens, activations on them, and which one made it an example */
  examplesOf: (latentIndex: number) => readonly TopExample[];
  /** total tokens of both */
  tokens: number;
  /** Called between batches; throws to cancel. */
  onProgress: (phase: string, done: number, total: number, unit: Progress['unit']) => Promise<void>;
};

export async function runLabelPass(o: LabelPassSetup): Promise<LabelGuess[]> {
  const { d_sae, tokenizer } = o;
  const heldOutTokens = Math.round(o.tokens * HELD_OUT_SHARE);
  const fit = await readCodes(o, o.fit, o.tokens - heldOutTokens, 'Reading text for the rules');
  const heldOut = await readCodes(o, o.heldOut, heldOutTokens, 'Reading held-out text');
  const indexer = makeCellIndexer(tokenizer.tokenText);
  const cells = { fit: indexer.index(fit.text), heldOut: indexer.index(heldOut.text) };
  const isHeldOut = makePassageSearch(heldOut.text.tokenIds);
  const guesses: LabelGuess[] = [];
  for (let latentIndex = 0; latentIndex < d_sae; latentIndex++) {
    guesses.push(
      guessLabel({
        latentIndex,
        indexer,
        fit: {
          cells: cells.fit,
          firing: fit.firings.of(latentIndex),
          examples: o
            .examplesOf(latentIndex)
            .flatMap((one) => cutExample(one, isHeldOut) ?? [])
            .slice(0, MAX_EXAMPLES),
        },
        heldOut: { cells: cells.heldOut, firing: heldOut.firings.of(latentIndex) },
      }),
    );
    if (guesses.length % LATENTS_PER_TURN === 0) {
      await o.onProgress('Guessing labels', guesses.length, d_sae, 'features');
    }
  }
  return guesses;
}

type TopExample = { tokens: readonly { tokenId: number; act: number }[]; peak: number };

/** null for a passage that is in the held-out text. */
function cutExample(
  { tokens, peak }: TopExample,
  isHeldOut: (tokenIds: readonly number[]) => boolean,
): LabelExample | null {
  const around = (reach: number) => tokens.slice(Math.max(0, peak - reach), peak + reach + 1);
  if (isHeldOut(around(LOOKED_UP).map(({ tokenId }) => tokenId))) return null;
  const kept = around(REACH);
  return { tokenIds: kept.map(({ tokenId }) => tokenId), acts: kept.map(({ act }) => act) };
}

/** Whether a passage of at most 2 · LOOKED_UP + 1 tokens occurs in the text. */
function makePassageSearch(tokenIds: ArrayLike<number>): (passage: readonly number[]) => boolean {
  const length = 2 * LOOKED_UP + 1;
  const all = Array.from(tokenIds);
  const passages = new Set(all.map((_, t) => all.slice(t, t + length).join()));
  const whole = `,${all.join()},`;
  return (passage) =>
    passage.length === length
      ? passages.has(passage.join())
      : whole.includes(`,${passage.join()},`);
}

type Codes = { text: LabelText; firings: Firings };

async function readCodes(
  o: LabelPassSetup,
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
