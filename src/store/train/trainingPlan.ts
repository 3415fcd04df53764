// What a training form costs and which presets there are (interface.md 2.2). Pure arithmetic: the
// engine decides what is allowed, this only computes sizes.
import { memoryParts, RING_PART, type MemoryPart } from '../../core/train/trainingMemory';
import type { CorpusFacts } from '../../engine/text/api';
import type { SaeFacts } from '../../engine/sae/api';
import type { RunFacts, TrainForm } from '../../engine/train/api';

export type PresetName = 'Quick' | 'Standard' | 'Thorough';
export type Preset = Pick<TrainForm, 'expansionFactor' | 'k' | 'tokens' | 'batchSize'>;

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  Quick: { expansionFactor: 4, k: 16, tokens: 1_000_000, batchSize: 1024 },
  Standard: { expansionFactor: 8, k: 32, tokens: 10_000_000, batchSize: 2048 },
  Thorough: { expansionFactor: 16, k: 32, tokens: 50_000_000, batchSize: 4096 },
};

/** What a first run of one's own takes. */
export const SHORTEST: PresetName = 'Quick';

export function presetOf(form: TrainForm): PresetName | null {
  const fields = ['expansionFactor', 'k', 'tokens', 'batchSize'] as const;
  const names = Object.keys(PRESETS) as PresetName[];
  return names.find((name) => fields.every((f) => PRESETS[name][f] === form[f])) ?? null;
}

/** Tokens held and shuffled at once (interface.md 2.2), unless the engine chose fewer. */
const RING_TOKENS = 131_072;

/** Estimate of the GPU memory a run takes, part by part (interface.md 2.2, Pre-flight). */
export function formMemory(d_in: number, form: TrainForm, ringRows = RING_TOKENS): MemoryPart[] {
  const d_sae = Math.round(d_in * form.expansionFactor);
  const { batchSize, architecture = 'topk', seeds = 1 } = form;
  const { emaDecay = 0 } = form.advanced ?? {};
  const parts = memoryParts({ architecture, d_in, d_sae, batchSize, ringRows, emaDecay });
  if (seeds === 1) return parts;
  return parts.map(({ name, bytes, formula }) =>
    // Runs of several seeds read one ring.
    name === RING_PART
      ? { name, bytes, formula }
      : { name, bytes: seeds * bytes, formula: `${seeds} · ${formula}` },
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
