// What a training form costs and which presets there are (interface.md 2.2). Pure arithmetic: the
// engine decides what is allowed, this only computes sizes.
import { memoryParts, RING_PART, type MemoryPart } from '../../core/train/trainingMemory';
import type { CorpusFacts } from '../../engine/text/api';
import type { ModelFacts } from '../../engine/model/api';
import type { SaeFacts } from '../../engine/sae/api';
import type { SaeConfig } from '../../core/sae/sae';
import type { RunFacts, TrainForm, TrainingSpeed } from '../../engine/train/api';

/** How long a run is. "One minute" is as many tokens as this machine trains on in one. */
export const LENGTHS = ['One minute', 'Quick', 'Standard', 'Thorough'] as const;
export type LengthName = (typeof LENGTHS)[number];
type Length = Pick<TrainForm, 'tokens' | 'batchSize'>;

const FIXED_LENGTHS: Readonly<Record<Exclude<LengthName, 'One minute'>, Length>> = {
  Quick: { tokens: 1_000_000, batchSize: 1024 },
  Standard: { tokens: 10_000_000, batchSize: 2048 },
  Thorough: { tokens: 50_000_000, batchSize: 4096 },
};
const MINUTE_BATCH = 512;
/** Seconds of "One minute" that the model and the steps may take; the rest is for what begins and ends it, and for a
 *  machine that is slower in a run than when it was measured. */
const MINUTE_SECONDS = 44;
/** What a run gets of them however long the model and the measure took. */
const LEAST_SECONDS = 25;
/** Until the speed is known. */
const UNMEASURED_MINUTE = 100_000;

/** Runs that a form starts at once. */
export function runsOf({ seeds = 1, everyLayer = false }: TrainForm, layers: number): number {
  return everyLayer ? layers : seeds;
}

/** speed: of one run of the form at MINUTE_BATCH, null while it is not measured; runs: how many share a pass; spent:
 *  seconds of the minute that are gone. */
export function lengthFields(
  name: LengthName,
  speed: TrainingSpeed | null,
  runs: number,
  spent = 0,
): Length {
  if (name !== 'One minute') return FIXED_LENGTHS[name];
  if (speed === null) return { tokens: UNMEASURED_MINUTE, batchSize: MINUTE_BATCH };
  const seconds = Math.max(LEAST_SECONDS, MINUTE_SECONDS - spent);
  const tokens = seconds / secondsPerToken(speed, MINUTE_BATCH, runs);
  const round = 10 ** Math.max(3, Math.floor(Math.log10(tokens)) - 1);
  const whole = Math.max(
    20 * MINUTE_BATCH,
    Math.min(50_000_000, round * Math.floor(tokens / round)),
  );
  return { tokens: whole, batchSize: MINUTE_BATCH };
}

/** Every token is read by the model once, and is in one batch of each run. */
function secondsPerToken(speed: TrainingSpeed, batchSize: number, runs: number): number {
  const { captureTokensPerSecond, stepSeconds } = speed;
  const reading = captureTokensPerSecond === null ? 0 : 1 / captureTokensPerSecond;
  return reading + (runs * stepSeconds) / batchSize;
}

/** How long so many runs like it would take together, in seconds, by what was measured of one. */
export function runSeconds(config: SaeConfig, speed: TrainingSpeed, runs: number): number {
  return config.tokens * secondsPerToken(speed, config.batchSize, runs);
}

/** What the speed of a run depends on, as text; other fields of a form change nothing about it. */
export function speedKey(config: SaeConfig, where: readonly (string | null)[]): string {
  const { hookPoint, architecture, d_in, d_sae, batchSize, contextSize } = config;
  const k = 'k' in config ? config.k : null;
  return JSON.stringify([hookPoint, architecture, d_in, d_sae, batchSize, contextSize, k, where]);
}

/** Tokens held and shuffled at once (interface.md 2.2), unless the engine chose fewer. */
const RING_TOKENS = 131_072;

/** Estimate of the GPU memory that what a form starts takes, part by part (interface.md 2.2, Pre-flight). */
export function formMemory(
  model: Pick<ModelFacts, 'n_embd' | 'n_layer'>,
  form: TrainForm,
  ringRows = RING_TOKENS,
): MemoryPart[] {
  const d_in = model.n_embd;
  const d_sae = Math.round(d_in * form.expansionFactor);
  const { batchSize, architecture = 'topk', everyLayer = false } = form;
  const runs = runsOf(form, model.n_layer);
  const { emaDecay = 0 } = form.advanced ?? {};
  const parts = memoryParts({ architecture, d_in, d_sae, batchSize, ringRows, emaDecay });
  if (runs === 1) return parts;
  return parts.map(({ name, bytes, formula }) =>
    // Runs of several seeds read one ring; each block has its own.
    name === RING_PART && !everyLayer
      ? { name, bytes, formula }
      : { name, bytes: runs * bytes, formula: `${runs} · ${formula}` },
  );
}

/** The SAE that a run became, while it is kept; older ones say it in their name alone. */
export function saeOfRun({ runId }: RunFacts, saes: readonly SaeFacts[]): SaeFacts | null {
  return saes.find((sae) => sae.runId === runId || sae.name.endsWith(`-${runId}`)) ?? null;
}

/** Average characters per token of English text, used until the tokens are counted. */
const CHARACTERS_PER_TOKEN = 3.5;
/** Share of a corpus that training sees (core/corpus.ts). */
const TRAINING_SHARE = 0.9;

/** The size of a text, and how many times a token budget passes through its training part. */
export function corpusSize(corpus: CorpusFacts, budget: number) {
  const tokens = corpus.tokens ?? Math.round(corpus.characters / CHARACTERS_PER_TOKEN);
  return {
    tokens,
    isCounted: corpus.tokens !== null,
    epochs: budget / (TRAINING_SHARE * Math.max(1, tokens)),
  };
}
