import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkCorpus } from '../../../../src/engine/train/liveRun';
import type { EngineParts } from '../../../../src/engine/parts';
import { makeJobs } from '../../../../src/engine/jobs';
import { createCorpusHost, DEMO_CORPUS } from '../../../../src/engine/text/corpusHost';
import { makeTurns } from '../../../../src/engine/turns';
import { hashDocuments, sampleOf } from '../../../../src/engine/text/corpusIdentity';
import type { Tokenizer } from '../../../../src/model/tokenizer';
import type { RunRecord } from '../../../../src/engine/train/runArchive';
import { parseJsonl } from '../../../../src/formats/text/corpus';

describe('the bundled corpus', () => {
  it('is what its facts say before it is fetched', async () => {
    const documents = parseJsonl(readFileSync('public/demo/corpus.jsonl', 'utf8'));
    expect(DEMO_CORPUS).toEqual({
      id: `demo~${await hashDocuments(documents)}`,
      name: 'demo',
      isDemo: true,
      documents: documents.length,
      characters: documents.reduce((sum, doc) => sum + doc.length, 0),
      tokens: null,
      sample: sampleOf(documents),
      notes: [],
    });
  });
});

describe('the hash of a text', () => {
  it('tells texts apart by their documents and their order', async () => {
    const texts = [['a', 'b'], ['b', 'a'], ['ab'], ['a', 'b', 'b']];
    const hashes = await Promise.all(texts.map(hashDocuments));
    expect(new Set(hashes).size).toBe(texts.length);
    expect(await hashDocuments(['a', 'b'])).toBe(hashes[0]);
  });
});

describe('a text that is too short for a run', () => {
  const tokenizer = {
    encodeOrdinary: (text: string) => Array.from(text, (c) => c.charCodeAt(0)),
    specialTokenId: () => 0,
    isSpecial: (id: number) => id === 0,
  } as Partial<Tokenizer> as Tokenizer;

  async function open(documents: readonly string[]) {
    const parts = { breathe: () => Promise.resolve() } as Partial<EngineParts> as EngineParts;
    const emit = () => undefined;
    const host = createCorpusHost({
      parts,
      jobs: makeJobs({ parts, turns: makeTurns(), emit }),
      emit,
    });
    const lines = documents.map((text) => JSON.stringify({ text }));
    const file = { path: 'own.jsonl', blob: new Blob([lines.join('\n')]) };
    await host.open({ kind: 'files', files: [file] });
    return host.current();
  }

  it('is known before Play, with the figures of the part that is (7.29)', async () => {
    const corpus = await open(Array.from({ length: 10 }, (_, i) => `${i}`.repeat(40)));
    // Nothing is said of what is not counted.
    corpus.checkLength(1000);
    await corpus.count(tokenizer);
    const { tokens } = corpus.facts();
    expect(() => corpus.checkLength(1000)).toThrow(
      /^the part of the text to train on has \d+ tokens/,
    );
    expect(() => corpus.checkLength(256)).toThrow(/^the held-out tenth of the text has \d+ tokens/);
    expect(tokens).toBeGreaterThan(256);
    corpus.checkLength(8);
    corpus.forgetTokens();
    corpus.checkLength(1000);
  });
});

describe('resuming', () => {
  const record = { runId: 'run-3' } as RunRecord;
  const own = { ...DEMO_CORPUS, id: 'book.txt~0123456789ab', isDemo: false };

  it('takes a record without a text for one of the first bundled corpus, which is gone', () => {
    const first = { ...DEMO_CORPUS, id: 'demo~6bf7cffd2f2c' };
    expect(() => checkCorpus(record, first)).not.toThrow();
    for (const corpus of [DEMO_CORPUS, own]) {
      expect(() => checkCorpus(record, corpus)).toThrow(
        'run-3 was trained on the bundled corpus of an earlier version',
      );
    }
  });

  it('tells the bundled corpus from an own one', () => {
    const bundled = { ...record, corpusId: DEMO_CORPUS.id };
    expect(() => checkCorpus(bundled, DEMO_CORPUS)).not.toThrow();
    expect(() => checkCorpus(bundled, own)).toThrow(
      'run-3 was trained on the bundled corpus, and book.txt~0123456789ab is open.',
    );
  });

  it('goes by the hash, not by the name', () => {
    const trained = { ...record, corpusId: 'renamed.txt~0123456789ab' };
    expect(() => checkCorpus(trained, own)).not.toThrow();
    expect(() => checkCorpus(trained, DEMO_CORPUS)).toThrow(
      'run-3 was trained on the text renamed.txt~0123456789ab, and the bundled corpus is open.',
    );
  });
});
