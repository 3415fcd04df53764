// Reads a text once more for how each latent varies with the entries of its input: what a statistics pass does not keep,
// and dashboards of other tools show.
import {
  makeNeuronSums,
  addNeuronRows,
  type NeuronSums,
} from '../../core/statistics/neuronCorrelation';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';
import { countedUnit, forEachCapture } from '../activations/activationFeed';
import { matrixReader } from '../activations/hookReader';
import type { EngineHosts } from '../hosts';
import type { JobStep } from '../jobs';
import type { SaeFacts } from '../sae/api';

/** Sums of every latent with every entry, 8 bytes each: 256 MiB. */
const MAX_PAIRS = 2 ** 25;

export function fitsNeuronPass({ d_in, d_sae }: Pick<SaeFacts, 'd_in' | 'd_sae'>): boolean {
  return d_in * d_sae <= MAX_PAIRS;
}

/** The open model on the open text, `tokens` counted tokens of it or all. step throws to cancel. */
export async function runNeuronPass(
  hosts: EngineHosts,
  facts: SaeFacts,
  { tokens, step }: { tokens: number; step: JobStep },
): Promise<NeuronSums> {
  const { modelHost, corpusHost, library } = hosts;
  const { tokenizer, facts: model } = modelHost.current();
  const backend = await hosts.device.sae();
  const encoder = await backend.createEncoder(await library.params(facts.saeId));
  try {
    const corpus = await corpusHost.current().pack(tokenizer, 'all', {
      contextSize: Math.min(STATISTICS_CONTEXT, model.sequence_len),
      seed: 0,
      epoch: 0,
    });
    const sums = makeNeuronSums(facts);
    const read = matrixReader(hosts);
    const request = { runtime: await modelHost.runtime(), hook: facts.hookPoint, corpus };
    const goal = Math.min(tokens, corpus.count * corpus.contextSize);
    await forEachCapture(request, async ({ activations, rows }) => {
      const code = await encoder.encode(activations, rows);
      addNeuronRows(sums, code, { x: await read(activations), rows });
      const done = Math.min(sums.tokens, goal);
      await step(
        'Reading the text for correlated inputs',
        done,
        goal,
        countedUnit(request.runtime),
      );
      return sums.tokens < tokens;
    });
    return sums;
  } finally {
    encoder.dispose();
  }
}
