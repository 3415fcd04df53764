import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SaeFacts } from '../../../src/engine/sae/api';
import { fetchFirstReading } from '../../../src/storage/firstReadingFile';
import { startFileServer, type FileServer } from '../../helpers/page/fileServer';

let server: FileServer;
beforeAll(async () => {
  server = await startFileServer('public/demo');
});
afterAll(() => server.close());

describe('the first reading that ships', () => {
  it('is of the bundled model and SAE, token by token, with a card for every feature it names', async () => {
    const reading = await fetchFirstReading(`${server.url}/`);
    const facts = JSON.parse(readFileSync('public/demo/sae/facts.json', 'utf8')) as SaeFacts;
    expect([reading.modelId, reading.saeId]).toEqual([facts.modelId, facts.saeId]);
    expect(reading.tokens.map(({ text }) => text).join('')).toBe(reading.text);
    const cards = new Map(reading.features.map((card) => [card.latentIndex, card]));
    for (const { text, features } of reading.tokens) {
      // Features strong on every word are left out, so a common word may name few.
      expect(features.length, text).toBeGreaterThan(0);
      expect([...features].sort((a, b) => b.act - a.act)).toEqual(features);
      for (const { latentIndex } of features) {
        expect(cards.get(latentIndex)?.lines.length, `feature ${latentIndex}`).toBeGreaterThan(0);
        expect(latentIndex).toBeLessThan(facts.d_sae);
      }
    }
    expect(reading.countedTokens).toBe(facts.statisticsTokens);
  });
});

describe('fetchFirstReading', () => {
  it('says that a file is missing', async () => {
    await expect(fetchFirstReading(`${server.url}/sae/`)).rejects.toThrow(
      'firstReading.json: the server answered 404',
    );
  });

  it.each(['{"version":2,"tokens":[],"features":[]}', 'null', '{ cut'])(
    'refuses what is of another version: %s',
    async (text) => {
      const other = await startFileServer(new Map([['/firstReading.json', Buffer.from(text)]]));
      await expect(fetchFirstReading(`${other.url}/`)).rejects.toThrow('is of another version');
      await other.close();
    },
  );
});
