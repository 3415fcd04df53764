// Computes again what shared dashboards say of their examples: the same tokens through the same model and SAE.
import { compareActs, type RecomputedExample } from '../../core/share/compareShared';
import type { SharedContent } from '../../core/share/sharedContent';
import { ConfigError } from '../../core/errors';
import { encodeTokens } from '../explore/latentReader';
import { latentColumn } from '../explore/latentEncoder';
import type { EngineHosts } from '../hosts';
import type { JobStep } from '../jobs';
import { checkSaeFits } from '../sae/saeFit';

/** Throws ConfigError where the SAE or its model is not here, or nothing of it can be computed again. */
export async function checkFeatures(
  hosts: Pick<EngineHosts, 'device' | 'library' | 'modelHost' | 'turns'>,
  { sae, features }: SharedContent,
  step: JobStep,
) {
  if (sae === null) throw new ConfigError('It carries no feature.', 'share');
  const facts = await hosts.library.get(sae.saeId);
  const { facts: model, tokenizer } = hosts.modelHost.current();
  checkSaeFits(facts, model);
  const bos = tokenizer.specialTokenId('<|bos|>');
  const wanted = features.flatMap((feature) =>
    feature.examples.flatMap(({ lead, tokens }, at) => {
      if (lead === null) return [];
      const ids = [...lead, ...tokens.map(({ tokenId }) => tokenId)];
      const isReadable =
        ids[0] === bos &&
        ids.length <= model.sequence_len &&
        ids.every((id) => id < tokenizer.vocabSize);
      return isReadable ? [{ feature, at, ids, from: lead.length }] : [];
    }),
  );
  if (wanted.length === 0) {
    throw new ConfigError('None of its examples can be computed again.', 'share');
  }
  const backend = await hosts.device.sae();
  const encoder = await backend.createEncoder(await hosts.library.params(facts.saeId));
  try {
    const found: RecomputedExample[] = [];
    for (const [done, { feature, at, ids, from }] of wanted.entries()) {
      await step('computing its examples again', done, wanted.length, 'examples');
      const code = await hosts.turns.foreground(() =>
        encodeTokens(hosts, { encoder, hook: facts.hookPoint }, Int32Array.from(ids)),
      );
      const acts = latentColumn(code, ids.length, feature.latentIndex).subarray(from);
      found.push({ feature, at, acts });
    }
    return compareActs(found);
  } finally {
    encoder.dispose();
  }
}
