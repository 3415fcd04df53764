// Checkpoints of every revision, as torch.save wrote them, with upstream's own activations and logits
// (tests/peers/revision_goldens.py).
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import { parseNanochatMeta } from '../../../src/formats/model/nanochatMeta';
import { detectRevision } from '../../../src/formats/model/nanochatRevision';
import { readSafetensors } from '../../../src/formats/archives/safetensors';
import { readTorchCheckpoint } from '../../../src/formats/model/torchCheckpoint';
import { mlpInput } from '../mlpInput';

export const REVISION_FIXTURES = [
  'r1-unpadded',
  'r1-padded',
  'r2-plain',
  'r2-windows',
  'r3-grouped',
  'r3-wide-head',
  'r4-grouped',
  'r4-wide-head',
  'r5-grouped',
  'r5-wide-head',
] as const;
export type RevisionNote = {
  revision: string;
  token_ids: number[];
  /** positions of token_ids that the golden has */
  rows: number[];
  prompt_length: number;
  greedy_ids: number[];
  windows: number[] | null;
};
export type RevisionFixture = {
  checkpoint: NanochatCheckpoint;
  note: RevisionNote;
  golden: Map<string, Float32Array>;
};

/** Read as a dropped folder is, but for the tokenizer, which upstream's random models lack. */
export async function readRevisionFixture(name: string): Promise<RevisionFixture> {
  const folder = `tests/fixtures/revisions/${name}`;
  const blob = new Blob([gunzipSync(readFileSync(`${folder}/model_000000.pt.gz`))]);
  const tensors = await readTorchCheckpoint(blob, 'model_000000.pt');
  const meta = parseNanochatMeta(readFileSync(`${folder}/meta_000000.json`, 'utf8'), 'meta');
  const shapes = new Map([...tensors].map(([tensor, source]) => [tensor, source.shape]));
  const golden = await readSafetensors(new Blob([readFileSync(`${folder}/golden.safetensors`)]));
  const values = [...golden.tensors].map(async ([at, x]) => [at, await x.read()] as const);
  const checkpoint = {
    ...meta,
    revision: detectRevision(shapes, meta.config),
    parameterCount: 0,
    byteLength: blob.size,
    tensors,
  };
  const note = JSON.parse(readFileSync(`${folder}/note.json`, 'utf8')) as RevisionNote;
  const read = new Map(await Promise.all(values));
  for (let layer = 0; layer < meta.config.n_layer; layer++) {
    const mid = read.get(hookPoint(layer, 'hook_resid_mid'))!;
    read.set(hookPoint(layer, 'ln2.hook_normalized'), mlpInput(mid, meta.config.n_embd));
  }
  return { checkpoint, note, golden: read };
}
