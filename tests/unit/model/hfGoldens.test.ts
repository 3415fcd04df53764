// NanoChatForCausalLM as transformers saved it, against what transformers computes from it
// (tests/peers/hf_goldens.py): residual stream, logits, greedy text, and the id of the same model as .pt.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import { readNanochatFolder } from '../../../src/formats/model/nanochatFolder';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import {
  exportedFiles,
  nativeFiles,
  readHfGolden,
  readHfNote,
} from '../../helpers/model/hfFixture';
import type { HfFixtureName, HfNote } from '../../helpers/model/hfFixture';
import { argmax, maxAbsDifference } from '../../helpers/model/modelDemo';

// The first session starts ONNX Runtime, while other tests share the cores.
const NAMES: readonly HfFixtureName[] = ['sharded', 'bf16', 'tied'];
/** f32 against f32; values reach 25, logits 20 */
const TOLERANCE = 2e-4;

/** Those rows of x [T, width], one after the other. */
function pick(x: Float32Array | Float64Array, rows: readonly number[], width: number): number[] {
  return rows.flatMap((row) => [...x.subarray(row * width, (row + 1) * width)]);
}

describe.each(NAMES)('%s', (name) => {
  let checkpoint: NanochatCheckpoint;
  let note: HfNote;
  let golden: Map<string, Float32Array>;
  let runtime: ModelRuntime;
  beforeAll(async () => {
    note = readHfNote(name);
    golden = await readHfGolden(name);
    ({ checkpoint } = await readNanochatFolder(exportedFiles(name)));
    runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  });
  afterAll(() => runtime.dispose());

  it('agrees along the residual stream and in the logits', async () => {
    const { vocab_size: vocabSize, n_embd: width, n_layer: layers } = checkpoint.config;
    const ids = Int32Array.from(note.token_ids);
    const hooks = Array.from({ length: layers }, (_, layer) => [
      hookPoint(layer, 'hook_resid_pre'),
      hookPoint(layer, 'hook_resid_post'),
    ]).flat();
    expect(golden.size).toBe(1 + hooks.length);
    const capture = await runtime.capture(ids, 1, hooks);
    for (const [hook, x] of capture.hooks) {
      if (x.where !== 'cpu') throw new Error('wasm computes on the CPU');
      const found = pick(x.data, note.rows, width);
      expect(maxAbsDifference(found, golden.get(hook)!), hook).toBeLessThan(TOLERANCE);
    }
    capture.release();
    const found = pick(await runtime.logits(ids, 1), note.rows, vocabSize);
    expect(maxAbsDifference(found, golden.get('logits')!)).toBeLessThan(TOLERANCE);
  });

  it('continues greedily for 100 tokens as transformers does', async () => {
    expect(note.greedy_ids).toHaveLength(100);
    const session = await runtime.startDecode({ lanes: 1, edits: [] });
    let logits = await session.step(Int32Array.from(note.token_ids.slice(0, note.prompt_length)));
    const tokens = [argmax(logits)];
    while (tokens.length < note.greedy_ids.length) {
      logits = await session.step(Int32Array.of(tokens.at(-1)!));
      tokens.push(argmax(logits));
    }
    session.dispose();
    expect(tokens).toEqual(note.greedy_ids);
  });

  it('agrees with the f64 twin', async () => {
    const weights = await readReferenceWeights(checkpoint);
    const { logits } = nanochatReference(weights, Int32Array.from(note.token_ids), () => undefined);
    const found = pick(logits, note.rows, checkpoint.config.vocab_size);
    expect(maxAbsDifference(found, golden.get('logits')!)).toBeLessThan(TOLERANCE);
  });
});

it('reads the same model from a .pt: names, shapes, values, configuration and tokenizer', async () => {
  const exported = await readNanochatFolder(exportedFiles('sharded'));
  const native = await readNanochatFolder(nativeFiles('sharded'));
  expect(native.checkpoint.revision.name).toBe('r1');
  expect(exported.checkpoint.revision.name).toBe('r1');
  expect(exported.checkpoint.config).toEqual(native.checkpoint.config);
  expect({ ...exported.tokenizer, name: native.tokenizer.name }).toEqual(native.tokenizer);
  const names = [...native.checkpoint.tensors.keys()].sort();
  expect([...exported.checkpoint.tensors.keys()].sort()).toEqual(names);
  for (const at of names) {
    const [a, b] = [native.checkpoint.tensors.get(at)!, exported.checkpoint.tensors.get(at)!];
    expect([b.name, ...b.shape]).toEqual([a.name, ...a.shape]);
    expect(maxAbsDifference(await a.read(), await b.read())).toBe(0);
  }
});
