// Measures on a small sample of held-out text whether an SAE belongs to the open model. The figures of a whole
// evaluation are evaluationHost's.
import { ConfigError } from '../../core/errors';
import { FIT_TOKENS, type SaeFit } from '../../core/evaluate/saeFit';
import { saeName } from '../../core/sae/saeName';
import { onGpuFault } from '../gpuFault';
import type { EngineHosts } from '../hosts';
import { makeJobSlot } from '../jobs';
import { checkSaeFits } from '../sae/saeFit';
import type { JobId } from '../shared/api';
import { evaluateReconstruction } from './evaluate';

export type SaeFitHost = { measure: (saeId: string, jobId?: JobId) => Promise<SaeFit> };

/** A newer measurement ends an older one, as does another model or a fault of the device. */
export function createSaeFitHost(o: EngineHosts): SaeFitHost {
  const slot = makeJobSlot(o, { kind: 'fit', cancelled: 'Measuring the SAE was cancelled.' });
  onGpuFault(o, slot.end);
  o.modelHost.onClosing(slot.end);
  o.library.onDeleted(() => {
    slot.end();
  });
  return {
    measure: (saeId, jobId) =>
      slot.run(jobId, async (job) => {
        const sae = await o.library.get(saeId);
        const { facts: model, tokenizer } = o.modelHost.current();
        checkSaeFits(sae, model);
        const text = o.corpusHost.current();
        const corpus = await text.pack(tokenizer, 'heldOut', {
          contextSize: Math.min(sae.contextSize, model.sequence_len),
          seed: 0,
          epoch: 0,
        });
        const params = await o.library.params(sae.saeId);
        const backend = await o.device.sae();
        const encoder = await backend.createEncoder(params);
        try {
          const { explainedVariance, tokens } = await evaluateReconstruction({
            params,
            hook: sae.hookPoint,
            encoder,
            runtime: await o.modelHost.runtime(),
            corpus,
            tokens: FIT_TOKENS,
            readMatrix: backend.readMatrix,
            onProgress: (seen) => job.step(`Reading ${saeName(sae)}`, seen, FIT_TOKENS, 'tokens'),
          });
          if (tokens === 0) {
            throw new ConfigError('The held-out part of the open text has no tokens.', 'text');
          }
          const { name } = text.facts();
          return { saeId: sae.saeId, modelId: model.id, tokens, explainedVariance, corpus: name };
        } finally {
          encoder.dispose();
        }
      }),
  };
}
