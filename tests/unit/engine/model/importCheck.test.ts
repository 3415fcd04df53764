// Bits per byte of the demo model, against PyTorch's (tests/peers/bits_per_byte.py).
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bitsPerByte, isNanochatValidation } from '../../../../src/core/model/bitsPerByte';
import { countedPositions } from '../../../../src/core/text/corpus';
import type { EngineEvent } from '../../../../src/engine/api';
import type { PackedCorpus } from '../../../../src/engine/text/corpusHost';
import { makeJobs } from '../../../../src/engine/jobs';
import { makeTurns } from '../../../../src/engine/turns';
import { createImportCheckHost, targetBytes } from '../../../../src/engine/model/importCheck';
import { parseJsonl } from '../../../../src/formats/text/corpus';
import { createModelRuntime } from '../../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../../src/model/modelTypes';
import type { Tokenizer } from '../../../../src/model/tokenizer';
import { MODEL } from '../../../helpers/engine/engineDouble';
import { readDemoCheckpoint, readDemoTokenizer } from '../../../helpers/model/modelDemo';

type Golden = {
  documents: number;
  length: number;
  sequences: number;
  tokens: number;
  bytes: number;
  bpb: number;
};
const golden = JSON.parse(readFileSync('tests/fixtures/bits_per_byte.json', 'utf8')) as Golden;

let runtime: ModelRuntime;
let tokenizer: Tokenizer;
let corpus: PackedCorpus;
beforeAll(async () => {
  const checkpoint = await readDemoCheckpoint();
  runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  tokenizer = await readDemoTokenizer();
  corpus = packInOrder(parseJsonl(readFileSync('public/demo/corpus.jsonl', 'utf8')));
});
afterAll(() => runtime.dispose());

/** The peer's piece: its documents in the order of the file. */
function packInOrder(documents: string[]): PackedCorpus {
  const bos = tokenizer.specialTokenId('<|bos|>');
  const stream = documents
    .slice(0, golden.documents)
    .flatMap((text) => [bos, ...tokenizer.encodeOrdinary(text)]);
  const sequence = (i: number) =>
    Int32Array.from(stream.slice(i * golden.length, (i + 1) * golden.length));
  return {
    contextSize: golden.length,
    count: Math.floor(stream.length / golden.length),
    sequence,
    countedPositions: (i) => countedPositions(sequence(i), tokenizer.isSpecial),
  };
}

function makeHost(onEvent: (event: EngineEvent) => void = () => undefined) {
  const jobs = makeJobs({
    parts: { breathe: () => Promise.resolve() },
    turns: makeTurns(),
    emit: onEvent,
  });
  const host = createImportCheckHost({
    jobs,
    modelHost: {
      onClosing: () => undefined,
      current: () => ({ facts: { ...MODEL, vocab_size: tokenizer.vocabSize }, tokenizer }),
      runtime: () => Promise.resolve(runtime),
    },
    corpusHost: {
      current: () => ({
        facts: () => ({ name: 'shard_06542.parquet', isDemo: false }),
        pack: () => Promise.resolve(corpus),
      }),
    },
  } as unknown as Parameters<typeof createImportCheckHost>[0]);
  return { ...host, cancel: jobs.cancel };
}

describe('a check of the import', () => {
  it("finds PyTorch's bits per byte of the demo model", async () => {
    const check = await makeHost().check(100_000);
    expect([corpus.count, check.tokens, check.bytes]).toEqual([
      golden.sequences,
      golden.tokens,
      golden.bytes,
    ]);
    expect(Math.abs((check.bitsPerByte ?? 0) / golden.bpb - 1)).toBeLessThan(1e-3);
    expect(check).toMatchObject({ modelId: MODEL.id, contextSize: 256, isNanochatText: true });
  });

  it('counts the bytes of just the tokens that it predicted', async () => {
    const check = await makeHost().check(300);
    expect(check.tokens).toBe(300);
    expect(check.bytes).toBe(targetBytes(corpus, tokenizer, 300));
    expect(check.bytes).toBeLessThan(golden.bytes / 2);
    expect(check.bitsPerByte).toBeCloseTo((check.loss * 300) / (Math.LN2 * check.bytes), 10);
  });

  it('ends when it is cancelled, and can then be asked again', async () => {
    const told: EngineEvent[] = [];
    const host = makeHost((event) => {
      told.push(event);
      if (event.kind === 'progress' && (event.progress?.done ?? 0) > 0) host.cancel(7);
    });
    const first = host.check(2000, 7);
    await expect(host.check(10)).rejects.toThrow('A check is running');
    await expect(first).rejects.toThrow('cancelled');
    expect(told.at(-1)).toEqual({ kind: 'progress', jobId: 7, progress: null });
    expect((await host.check(10)).tokens).toBe(10);
    await expect(host.check(0)).rejects.toThrow('tokens must be a whole number from 1: 0');
  });
});

describe('bits per byte', () => {
  it('is nats over bytes, in bits', () => {
    expect(bitsPerByte(8 * Math.LN2, 4)).toBeCloseTo(2, 12);
    expect(bitsPerByte(0, 0)).toBeNull();
  });

  it("knows nanochat's own validation shards by name", () => {
    expect(isNanochatValidation('shard_06542.parquet')).toBe(true);
    expect(isNanochatValidation('shard_00001.parquet')).toBe(false);
  });
});
