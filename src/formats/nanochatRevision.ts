// The table of nanochat's architecture revisions and how a state dict shows which one it is
// (nanochat.md 2). Names and shapes only: never the values, never the file.
import { FormatError } from '../core/errors';
import type { NanochatConfig, NanochatRevision } from '../core/nanochat';

type Shape = readonly number[];
/** Names and shapes of a whole state dict. */
export type TensorShapes = ReadonlyMap<string, Shape>;

/** Newest first. A new row needs its tensors in `expectedTensors` if it brings new ones. */
export const NANOCHAT_REVISIONS: readonly NanochatRevision[] = [
  {
    name: 'r5',
    since: '2026-03-14',
    rotaryBase: 100_000,
    qkScale: 1.2,
    shortWindow: (sequenceLen) => Math.ceil(sequenceLen / 4 / 128) * 128,
    hasResidualScalars: true,
    valueEmbeddingGate: { channels: 12, scale: 3 },
    smearChannels: 24,
    hasBackout: true,
    logitSoftcap: 15,
  },
];

/** wte, lm_head and value_embeds have their rows padded to a multiple of this. */
const VOCAB_PADDING = 64;
/** names listed in one error sentence */
const MAX_LISTED = 8;

/** The revision whose tensors, for this configuration, are exactly these. Throws FormatError naming the
 *  unexpected and missing tensors of the closest revision, or those of a wrong shape. */
export function detectRevision(shapes: TensorShapes, config: NanochatConfig): NanochatRevision {
  const trials = NANOCHAT_REVISIONS.map((revision) => compare(shapes, config, revision));
  const match = trials.find((t) => t.unexpected.length + t.missing.length === 0);
  if (match === undefined) {
    const closest = trials.reduce((best, t) => (mismatch(t) < mismatch(best) ? t : best));
    throw new FormatError(describeMismatch(closest, shapes));
  }
  if (match.misshapen.length > 0) throw new FormatError(describeShapes(match, shapes));
  return match.revision;
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
  const expected = expectedTensors(config, revision);
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

/** Every tensor of a state dict of this revision with its shape, in nanochat's [out, in] layout. */
export function expectedTensors(
  config: NanochatConfig,
  revision: NanochatRevision,
): Map<string, Shape> {
  const width = config.n_embd;
  const layers = config.n_layer;
  const kvWidth = config.n_kv_head * (width / config.n_head);
  const rows = Math.ceil(config.vocab_size / VOCAB_PADDING) * VOCAB_PADDING;
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
    `checkpoint: its tensors are those of no nanochat revision known here (${known})`,
    ...list('unexpected', trial.unexpected, (name) => dims(shapes.get(name))),
    ...list('missing', trial.missing, (name) => dims(trial.expected.get(name))),
  ];
  return `${parts.join('; ')}; open a checkpoint of a known revision, or train one with a current nanochat`;
}

function describeShapes(trial: Trial, shapes: TensorShapes): string {
  const wrong = list('wrong shape', trial.misshapen, (name) => {
    return `expected ${dims(trial.expected.get(name))}, found ${dims(shapes.get(name))}`;
  });
  return `checkpoint: tensors do not fit its model_config; ${wrong.join()}; use the meta_*.json saved beside this model_*.pt`;
}

function list(what: string, names: readonly string[], detail: (name: string) => string): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MAX_LISTED).map((name) => `${name.slice(0, 80)} ${detail(name)}`);
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '';
  return [`${what}: ${shown.join(', ')}${more}`];
}

function dims(shape: Shape | undefined): string {
  return `[${shape?.join(', ') ?? ''}]`;
}
