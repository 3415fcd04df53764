// What f16 weights change of the demo SAE on the demo model's own activations: the live features of a text
// against those that statistics and evaluations count, in f32.
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../../src/core/sae/sae';
import type { GpuContext } from '../../../src/gpu/device/device';
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { gpuTest } from '../../helpers/device/gpuTest';
import { readDemoCheckpoint, readDemoTokenizer } from '../../helpers/model/modelDemo';
import { DEMO_FOLDER } from '../../helpers/engine/nodeParts';

const HOOK = 'blocks.2.hook_resid_post';
const CONTEXT = 256;
const DOCUMENTS = 8;

async function demoSae(): Promise<SaeParams> {
  const files = ['cfg.json', 'sae_weights.safetensors'].map(async (path) => ({
    path,
    blob: await openAsBlob(join(DEMO_FOLDER, 'sae', path)),
  }));
  return (await parseSaeLens(await Promise.all(files))).params;
}

/** The hook's output at the non-special tokens of the corpus' first documents, [*, d_in]. */
async function demoActivations(d_in: number): Promise<Float32Array[]> {
  const tokenizer = await readDemoTokenizer();
  const lines = (await (await openAsBlob(join(DEMO_FOLDER, 'corpus.jsonl'))).text()).split('\n');
  const runtime = await createModelRuntime({
    checkpoint: await readDemoCheckpoint(),
    backend: 'wasm' as const,
    device: null,
  });
  const parts: Float32Array[] = [];
  for (const line of lines.slice(0, DOCUMENTS)) {
    const { text } = JSON.parse(line) as { text: string };
    const ids = [tokenizer.specialTokenId('<|bos|>'), ...tokenizer.encodeOrdinary(text)];
    const capture = await runtime.capture(Int32Array.from(ids.slice(0, CONTEXT)), 1, [HOOK]);
    const matrix = capture.hooks.get(HOOK);
    if (matrix?.where !== 'cpu') throw new Error('wasm captures on the CPU');
    parts.push(matrix.data.slice(d_in));
    capture.release();
  }
  await runtime.dispose();
  return parts;
}

async function encodeAll(
  context: GpuContext,
  params: SaeParams,
  o: { parts: Float32Array[]; weights: 'exact' | 'compact' },
): Promise<Map<number, number>[]> {
  const encoder = await createSaeEncoder(context, params, { rows: CONTEXT, weights: o.weights });
  const tokens: Map<number, number>[] = [];
  for (const data of o.parts) {
    const rows = data.length / params.d_in;
    const x = { where: 'cpu', rows, cols: params.d_in, data } as const;
    const code = await encoder.encode(
      x,
      Uint32Array.from({ length: rows }, (_, i) => i),
    );
    for (let row = 0; row < rows; row++) tokens.push(activeOf(code, row));
  }
  encoder.dispose();
  return tokens;
}

function activeOf({ k, latentIndices, latentActs }: SparseCode, row: number): Map<number, number> {
  const active = new Map<number, number>();
  for (let slot = row * k; slot < (row + 1) * k; slot++) {
    if (latentIndices[slot] !== EMPTY_SLOT) active.set(latentIndices[slot]!, latentActs[slot]!);
  }
  return active;
}

/** Each latent's strongest activation, A_i of this text. */
function maxima(tokens: readonly Map<number, number>[]): Map<number, number> {
  const most = new Map<number, number>();
  for (const [latent, act] of tokens.flatMap((active) => [...active])) {
    most.set(latent, Math.max(act, most.get(latent) ?? 0));
  }
  return most;
}

gpuTest(
  'f16 weights move no activation of the demo by a thousandth of its maximum, nor what stands clear of rank k',
  async (context) => {
    const params = await demoSae();
    const parts = await demoActivations(params.d_in);
    const exact = await encodeAll(context, params, { parts, weights: 'exact' });
    const compact = await encodeAll(context, params, { parts, weights: 'compact' });
    expect(exact.length).toBeGreaterThan(700);
    const strongest = maxima(exact);
    let moved = 0;
    let lost = 0;
    const changed = exact.filter((active, t) => {
      const theirs = compact[t]!;
      const last = Math.min(...active.values());
      for (const [latent, act] of active) {
        const other = theirs.get(latent);
        const most = strongest.get(latent)!;
        if (other === undefined) lost = Math.max(lost, (act - last) / most);
        else moved = Math.max(moved, Math.abs(other - act) / most);
      }
      return [...active.keys()].some((latent) => !theirs.has(latent));
    });
    expect(moved).toBeLessThan(1e-3);
    // Not 0: the weights that were read are others.
    expect(moved).toBeGreaterThan(1e-5);
    expect(lost).toBeLessThan(1e-3);
    // About 1 % of tokens swap their weakest feature for the next.
    expect(changed.length / exact.length).toBeLessThan(0.03);
  },
  { needsF16: true },
);
