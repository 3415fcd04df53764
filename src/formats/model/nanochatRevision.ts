// The table of nanochat's architecture revisions and how a state dict shows which one it is
// (nanochat.md 2). Uses names and shapes only, never values or files.
import { cutCharacters } from '../../core/text/cutCharacters';
import { FormatError } from '../../core/errors';
import { NANOCHAT_NORM_EPS } from '../../core/model/nanochat';
import type { NanochatConfig, NanochatRevision } from '../../core/model/nanochat';

type Shape = readonly number[];
/** Names and shapes of a whole state dict. */
export type TensorShapes = ReadonlyMap<string, Shape>;

/** Newest first. A new row needs its tensors in `expectedTensors` if it brings new ones. */
export const NANOCHAT_REVISIONS: readonly NanochatRevision[] = [
  {
    name: 'r5',
    since: '2026-03-14',
    rotaryBase: 100_000,
    rotaryDtype: 'f32',
    qkScale: 1.2,
    shortWindow: (sequenceLen) => Math.ceil(sequenceLen / 4 / 128) * 128,
    hasResidualScalars: true,
    valueEmbeddingGate: { channels: 12, scale: 3 },
    smearChannels: 24,
    hasBackout: true,
    isVocabularyPadded: true,
    logitSoftcap: 15,
    normEps: NANOCHAT_NORM_EPS,
  },
  {
    name: 'r4',
    since: '2026-03-09',
    rotaryBase: 100_000,
    rotaryDtype: 'f32',
    qkScale: 1.15,
    shortWindow: (sequenceLen) => Math.ceil(sequenceLen / 3 / 128) * 128,
    hasResidualScalars: true,
    valueEmbeddingGate: { channels: 12, scale: 3 },
    smearChannels: null,
    hasBackout: false,
    isVocabularyPadded: true,
    logitSoftcap: 15,
    normEps: NANOCHAT_NORM_EPS,
  },
  {
    name: 'r3',
    since: '2026-01-16',
    rotaryBase: 10_000,
    rotaryDtype: 'bf16',
    qkScale: 1,
    shortWindow: (sequenceLen) => Math.floor(sequenceLen / 2),
    hasResidualScalars: true,
    valueEmbeddingGate: { channels: 32, scale: 2 },
    smearChannels: null,
    hasBackout: false,
    isVocabularyPadded: true,
    // Or 20: the user says which (possibleSoftcaps).
    logitSoftcap: 15,
    normEps: NANOCHAT_NORM_EPS,
  },
  {
    name: 'r2',
    since: '2026-01-11',
    rotaryBase: 10_000,
    rotaryDtype: 'bf16',
    qkScale: 1,
    shortWindow: (sequenceLen) => Math.floor(sequenceLen / 2),
    hasResidualScalars: true,
    valueEmbeddingGate: null,
    smearChannels: null,
    hasBackout: false,
    isVocabularyPadded: true,
    logitSoftcap: 15,
    normEps: NANOCHAT_NORM_EPS,
  },
  {
    name: 'r1',
    since: '2025-10-13',
    rotaryBase: 10_000,
    rotaryDtype: 'bf16',
    qkScale: 1,
    // No windows yet: its meta has no window_pattern, so every layer is long.
    shortWindow: (sequenceLen) => sequenceLen,
    hasResidualScalars: false,
    valueEmbeddingGate: null,
    smearChannels: null,
    hasBackout: false,
    isVocabularyPadded: false,
    logitSoftcap: 15,
    normEps: NANOCHAT_NORM_EPS,
  },
];

/** wte, lm_head and value_embeds have their rows padded to a multiple of this, since 2025-12-09. */
const VOCAB_PADDING = 64;
/** names listed in one error sentence */
const MAX_LISTED = 8;

/** The revision whose tensors, for this configuration, are exactly these. Throws FormatError naming the
 *  unexpected and missing tensors of the closest revision, or those of a wrong shape. */
export function detectRevision(shapes: TensorShapes, config: NanochatConfig): NanochatRevision {
  const trials = NANOCHAT_REVISIONS.map((revision) => compare(shapes, config, revision));
  const named = trials.filter((t) => mismatch(t) === 0);
  const [fits] = named.toSorted((a, b) => a.misshapen.length - b.misshapen.length);
  if (fits === undefined) {
    const closest = trials.reduce((best, t) => (mismatch(t) < mismatch(best) ? t : best));
    throw new FormatError(describeMismatch(closest, shapes));
  }
  if (fits.misshapen.length > 0) throw new FormatError(describeShapes(fits, shapes));
  return fits.revision;
}

type Trial = {
  revision: NanochatRevision;
  expected: Map<string, Shape>;
  unexpected: string[];
  missing: string[];
  misshapen: string[];
};

function mismatch(trial: Trial): number {
  return trial.unexpected.length + trial.missing.length;
}

function compare(shapes: TensorShapes, config: NanochatConfig, revision: NanochatRevision): Trial {
  const isBare =
    !revision.isVocabularyPadded && shapes.get('lm_head.weight')?.[0] === config.vocab_size;
  const rows = isBare ? config.vocab_size : paddedRows(config);
  const expected = expectedTensors(config, revision, rows);
  const names = [...expected.keys()];
  return {
    revision,
    expected,
    unexpected: [...shapes.keys()].filter((name) => !expected.has(name)),
    missing: names.filter((name) => !shapes.has(name)),
    misshapen: names.filter((name) => {
      const found = shapes.get(name);
      return found !== undefined && found.join() !== expected.get(name)!.join();
    }),
  };
}

export function paddedRows(config: NanochatConfig): number {
  return Math.ceil(config.vocab_size / VOCAB_PADDING) * VOCAB_PADDING;
}

/** Every tensor of a state dict of this revision with its shape, in nanochat's [out, in] layout; `rows` are
 *  those of the tables over the vocabulary. */
export function expectedTensors(
  config: NanochatConfig,
  revision: NanochatRevision,
  rows = paddedRows(config),
): Map<string, Shape> {
  const width = config.n_embd;
  const layers = config.n_layer;
  const kvWidth = config.n_kv_head * (width / config.n_head);
  const expected = new Map<string, Shape>([
    ['transformer.wte.weight', [rows, width]],
    ['lm_head.weight', [rows, width]],
  ]);
  if (revision.hasResidualScalars) {
    expected.set('resid_lambdas', [layers]).set('x0_lambdas', [layers]);
  }
  if (revision.smearChannels !== null) {
    expected.set('smear_gate.weight', [1, revision.smearChannels]).set('smear_lambda', [1]);
  }
  if (revision.hasBackout) expected.set('backout_lambda', [1]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`;
    expected.set(`${block}.attn.c_q.weight`, [width, width]);
    expected.set(`${block}.attn.c_k.weight`, [kvWidth, width]);
    expected.set(`${block}.attn.c_v.weight`, [kvWidth, width]);
    expected.set(`${block}.attn.c_proj.weight`, [width, width]);
    expected.set(`${block}.mlp.c_fc.weight`, [4 * width, width]);
    expected.set(`${block}.mlp.c_proj.weight`, [width, 4 * width]);
    if (revision.valueEmbeddingGate !== null && hasValueEmbedding(layer, layers)) {
      const { channels } = revision.valueEmbeddingGate;
      expected.set(`${block}.attn.ve_gate.weight`, [config.n_kv_head, channels]);
      expected.set(`value_embeds.${layer}.weight`, [rows, kvWidth]);
    }
  }
  return expected;
}

/** Every second layer, counted so that the last one has them. */
function hasValueEmbedding(layer: number, layers: number): boolean {
  return layer % 2 === (layers - 1) % 2;
}

function describeMismatch(trial: Trial, shapes: TensorShapes): string {
  const known = NANOCHAT_REVISIONS.map((r) => `${r.name} (since ${r.since})`).join(', ');
  const parts = [
    `checkpoint: its tensors match no nanochat revision known here (${known})`,
    ...listNames('unexpected', trial.unexpected, (name) => dims(shapes.get(name))),
    ...listNames('missing', trial.missing, (name) => dims(trial.expected.get(name))),
  ];
  return `${parts.join('; ')}; open a checkpoint of a known revision, or train one with a current nanochat`;
}

function describeShapes(trial: Trial, shapes: TensorShapes): string {
  const wrong = listNames('wrong shape', trial.misshapen, (name) => {
    return `expected ${dims(trial.expected.get(name))}, found ${dims(shapes.get(name))}`;
  });
  return `checkpoint: tensors do not fit its model_config; ${wrong.join()}; use the meta_*.json saved beside this model_*.pt`;
}

/** `what: name detail, …` as a one-element list of sentence parts; empty without names. */
export function listNames(
  what: string,
  names: readonly string[],
  detail: (name: string) => string,
): string[] {
  if (names.length === 0) return [];
  const shown = names
    .slice(0, MAX_LISTED)
    .map((name) => `${cutCharacters(name, 80)} ${detail(name)}`);
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '';
  return [`${what}: ${shown.join(', ')}${more}`];
}

export function dims(shape: Shape | undefined): string {
  return `[${shape?.join(', ') ?? ''}]`;
}
