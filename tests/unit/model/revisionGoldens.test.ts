// Checkpoints of every revision, as torch.save wrote them, against upstream's gpt.py of that day
// (tests/peers/revision_goldens.py): detection, wasm, cached and greedy decoding, and the f64 twin.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HookPoint } from '../../../src/core/activations/hookPoint';
import { HOOK_SITES, hookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import { argmax, maxAbsDifference } from '../../helpers/model/modelDemo';
import {
  readRevisionFixture,
  REVISION_FIXTURES,
  type RevisionNote,
} from '../../helpers/model/revisionFixture';

// The first session starts ONNX Runtime, while other tests share the cores.
/** f32 against f32; values reach 33, logits 15 */
const TOLERANCE = 2e-4;

/** Those rows of x [T, width], one after the other. */
function pick(x: Float32Array | Float64Array, rows: readonly number[], width: number): number[] {
  return rows.flatMap((row) => [...x.subarray(row * width, (row + 1) * width)]);
}

function allHooks(layers: number): HookPoint[] {
  return Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
    HOOK_SITES.map((site) => hookPoint(layer, site)),
  );
}

describe.each(REVISION_FIXTURES)('%s', (name) => {
  let checkpoint: NanochatCheckpoint;
  let note: RevisionNote;
  let golden: Map<string, Float32Array>;
  let runtime: ModelRuntime;
  beforeAll(async () => {
    ({ checkpoint, note, golden } = await readRevisionFixture(name));
    runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  });
  afterAll(() => runtime.dispose());

  it('is known by its tensors, and its windows are upstream’s', () => {
    const { config, revision } = checkpoint;
    expect(revision.name).toBe(note.revision);
    expect(golden.size).toBe(1 + HOOK_SITES.length * config.n_layer);
    const short = config.window_pattern.includes('S')
      ? [revision.shortWindow(config.sequence_len)]
      : [];
    expect(note.windows?.[0] ?? config.sequence_len).toBe(short[0] ?? config.sequence_len);
    if (short[0] !== undefined) expect(note.token_ids.length).toBeGreaterThan(short[0] + 1);
  });

  it('agrees at every hook of every layer and in the logits', async () => {
    const { vocab_size: vocabSize, n_embd: width, n_layer: layers } = checkpoint.config;
    const ids = Int32Array.from(note.token_ids);
    const capture = await runtime.capture(ids, 1, allHooks(layers));
    for (const [hook, x] of capture.hooks) {
      if (x.where !== 'cpu') throw new Error('wasm computes on the CPU');
      const found = pick(x.data, note.rows, width);
      expect(maxAbsDifference(found, golden.get(hook)!), hook).toBeLessThan(TOLERANCE);
    }
    capture.release();
    const logits = await runtime.logits(ids, 1);
    const found = pick(logits, note.rows, vocabSize);
    expect(maxAbsDifference(found, golden.get('logits')!)).toBeLessThan(TOLERANCE);
  });

  it('decodes from a cache what upstream computes from the whole text', async () => {
    const { vocab_size: vocabSize } = checkpoint.config;
    const ids = Int32Array.from(note.token_ids);
    const session = await runtime.startDecode({ lanes: 1, edits: [] });
    for (const [i, row] of note.rows.entries()) {
      const logits = await session.step(ids.slice(session.position, row + 1));
      const expected = golden.get('logits')!.subarray(i * vocabSize, (i + 1) * vocabSize);
      expect(maxAbsDifference(logits, expected), `row ${row}`).toBeLessThan(TOLERANCE);
    }
    session.dispose();
  });

  it('continues greedily for 100 tokens as upstream does', async () => {
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
    const { vocab_size: vocabSize, n_embd: width } = checkpoint.config;
    const weights = await readReferenceWeights(checkpoint);
    const seen: string[] = [];
    const { logits } = nanochatReference(weights, Int32Array.from(note.token_ids), (hook, x) => {
      seen.push(hook);
      const found = pick(x, note.rows, width);
      expect(maxAbsDifference(found, golden.get(hook)!), hook).toBeLessThan(TOLERANCE);
    });
    expect(seen).toHaveLength(golden.size - 1);
    const found = pick(logits, note.rows, vocabSize);
    expect(maxAbsDifference(found, golden.get('logits')!)).toBeLessThan(TOLERANCE);
  });
});
