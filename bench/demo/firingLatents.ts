// Which latents of transcoders ever fire: the others only weigh. All blocks are read in the same passes.
import type { HookPoint } from '../../src/core/activations/hookPoint';
import { elementAt } from '../../src/core/elementAt';
import { EMPTY_SLOT } from '../../src/core/sae/sae';
import { forEachHooksCapture } from '../../src/engine/activations/activationFeed';
import { createCorpusHost } from '../../src/engine/text/corpusHost';
import { unzipFiles } from '../../src/formats/archives/archive';
import { parseSaeLens } from '../../src/formats/sae/saelens';
import { makeModelHosts } from '../../tests/helpers/model/modelHosts';
import { makeNodeParts } from '../../tests/helpers/engine/nodeParts';

const CONTEXT = 256;

/** For each SAELens zip the latents that fire on `tokens` counted tokens of the training text, ascending. */
export async function firingLatents(
  zips: readonly Blob[],
  tokens: number,
  parts: ReturnType<typeof makeNodeParts>,
): Promise<number[][]> {
  const { device, modelHost, jobs, emit } = makeModelHosts(parts);
  const { tokenizer } = await modelHost.open({ kind: 'demo' });
  const backend = await device.sae();
  const read = await Promise.all(
    zips.map(async (zip) => parseSaeLens(await unzipFiles(zip, 'sae.zip'))),
  );
  const encoders = await Promise.all(read.map(({ params }) => backend.createEncoder(params)));
  const firing = read.map(() => new Set<number>());
  const corpusHost = createCorpusHost({ parts, jobs, emit });
  const corpus = await corpusHost.pack(tokenizer, 'train', {
    contextSize: CONTEXT,
    seed: 0,
    epoch: 0,
  });
  const runtime = await modelHost.runtime();
  const hooks = read.map(({ hookName }): HookPoint => hookName);
  let seen = 0;
  await forEachHooksCapture({ runtime, hooks, corpus }, async ({ activations, rows }) => {
    for (const [i, encoder] of encoders.entries()) {
      const { latentIndices, latentActs } = await encoder.encode(elementAt(activations, i), rows);
      latentIndices.forEach((latent, slot) => {
        if (latent !== EMPTY_SLOT && elementAt(latentActs, slot) > 0) {
          elementAt(firing, i).add(latent);
        }
      });
    }
    seen += rows.length;
    return seen < tokens;
  });
  for (const encoder of encoders) encoder.dispose();
  await runtime.dispose();
  return firing.map((latents) => [...latents].sort((a, b) => a - b));
}
