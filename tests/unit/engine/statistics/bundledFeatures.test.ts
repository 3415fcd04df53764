import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createBundledFeatures } from '../../../../src/engine/statistics/bundledFeatures';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';

const facts = JSON.parse(readFileSync('public/demo/sae/facts.json', 'utf8')) as SaeFacts;

describe('what ships about features', () => {
  it('is a guess for each of the bundled SAE, and names for those that were chosen', async () => {
    const bundled = createBundledFeatures(makeNodeParts().demo);
    const guesses = (await bundled.guesses(facts)) ?? [];
    expect(guesses.map(({ latentIndex }) => latentIndex)).toEqual(
      Array.from({ length: facts.d_sae }, (_, i) => i),
    );
    const scores = guesses.flatMap(({ score }) => score ?? []);
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...scores)).toBeLessThanOrEqual(1);
    expect(scores.length).toBeGreaterThan(facts.d_sae / 2);
    const chosen = await bundled.chosen(facts);
    expect((await bundled.notes(facts)).map((note) => [note.latentIndex, note.label])).toEqual(
      chosen.map((one) => [one.latentIndex, one.label]),
    );
  });

  it('is nothing of another SAE', async () => {
    const bundled = createBundledFeatures(makeNodeParts().demo);
    const other: SaeFacts = { ...facts, origin: 'trained' };
    expect(await bundled.guesses(other)).toBeNull();
    expect(await bundled.chosen(other)).toEqual([]);
    expect(await bundled.notes(other)).toEqual([]);
  });

  it('tells that a file is missing, and asks again', async () => {
    const { demo } = makeNodeParts();
    let asked = 0;
    const bundled = createBundledFeatures({
      fetchFiles: (...request) =>
        asked++ === 0 ? Promise.reject(new Error('no network')) : demo.fetchFiles(...request),
    });
    await expect(bundled.guesses(facts)).rejects.toThrow('no network');
    expect(await bundled.guesses(facts)).toHaveLength(facts.d_sae);
    expect(asked).toBe(2);
  });
});
