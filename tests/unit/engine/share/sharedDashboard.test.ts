// What is shared, computed again by a whole engine over the demo: the same numbers, or the first that is another.
import { describe, expect, it } from 'vitest';
import { HARD_LINK, SOFT_LINK } from '../../../../src/core/share/sharedContent';
import { createHostedEngine } from '../../../../src/engine/createEngine';
import type { Outcome } from '../../../../src/engine/shared/api';
import { planUpload } from '../../../../src/engine/share/neuronpediaUpload';
import { unzipFiles } from '../../../../src/formats/archives/archive';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';

async function must<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const got = await outcome;
  if (!got.ok) throw new Error(got.problem.what);
  return got.value;
}

describe('a shared dashboard', () => {
  it('fits in a link, and is reproduced from it', async () => {
    const { engine, hosts } = createHostedEngine(
      makeNodeParts({
        openDevice: () => Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none' }),
      }),
    );
    await must(engine.model.open({ kind: 'demo' }));
    const demo = (await engine.sae.list()).find(({ origin }) => origin === 'demo');
    const saeId = demo?.saeId ?? '';
    const sizes = [];
    for (const latentIndices of [[12], [12, 100, 700]]) {
      const content = await must(engine.share.collect({ saeId, latentIndices, into: 'link' }));
      const packed = await must(engine.share.packLink(content, HARD_LINK));
      if (packed === null) throw new Error('too long');
      sizes.push([latentIndices.length, packed.payload.length, packed.content.features.length]);
      const read = await must(engine.share.readLink(packed.payload));
      const verdict = await must(engine.share.checkFeatures(read));
      console.log(JSON.stringify([sizes.at(-1), verdict]));
      expect(verdict.kind).toBe('reproduced');
      const example = read.features[0]?.examples[0];
      if (example === undefined) throw new Error('no example');
      const token = example.tokens[example.peak];
      if (token === undefined) throw new Error('no peak');
      token.act += 0.05 * (read.features[0]?.maxAct ?? 0);
      expect(await must(engine.share.checkFeatures(read))).toMatchObject({
        kind: 'differs',
        others: 0,
        first: { latentIndex: 12, example: 1, token: example.peak + 1, text: token.text },
      });
    }
    console.log(SOFT_LINK, sizes);

    // A longer list: fewer examples, each still with what proves it; in a smaller room what proves it goes first.
    const latentIndices = [12, 100, 700, 13, 101, 701, 14, 102, 702, 15, 103];
    const list = await must(engine.share.collect({ saeId, latentIndices, into: 'link' }));
    expect(list.features).toHaveLength(10);
    const shapes = [];
    for (const room of [HARD_LINK, 4000, 1500, 400]) {
      const packed = await must(engine.share.packLink(list, room));
      expect(packed?.payload.length ?? 0).toBeLessThanOrEqual(room);
      const read = packed && (await must(engine.share.readLink(packed.payload)));
      // It says of itself what it carries.
      expect(read?.features.map(({ latentIndex }) => latentIndex)).toEqual(
        packed?.content.features.map(({ latentIndex }) => latentIndex),
      );
      const examples = read?.features.flatMap((feature) => feature.examples) ?? [];
      const isProven = examples.length > 0 && examples.every(({ lead }) => lead !== null);
      shapes.push([read?.features.length, examples.length, isProven]);
    }
    expect(shapes).toEqual([
      [9, 9, true],
      [4, 4, true],
      [1, 1, false],
      [undefined, 0, false],
    ]);

    // Features as bodies of Neuronpedia's REST interface, in batches that the server takes: 130 of them, the others dead.
    const counted = (await hosts.library.statistics(saeId))!;
    const fireCount = counted.fireCount.map((fires, latent) => (latent < 130 ? fires : 0));
    const corpus = { name: 'demo', isDemo: true };
    await hosts.library.setStatistics(saeId, { ...counted, fireCount }, corpus);
    const zip = await must(engine.share.exportSae({ saeId, format: 'upload' }));
    const bodies = await unzipFiles(zip, 'upload.zip');
    const { plan } = await planUpload(
      bodies.map(({ path, blob }) => ({
        path,
        read: async () => new Uint8Array(await blob.arrayBuffer()),
      })),
    );
    expect(plan).toMatchObject({ features: 130, requests: 4 });
  });
});
