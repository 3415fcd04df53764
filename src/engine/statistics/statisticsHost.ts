// Runs the statistics pass of one SAE at a time, with progress and cancel, and keeps its result.
import { checkTopKept } from '../../core/statistics/exampleChoice';
import { STATISTICS_CONTEXT } from '../../core/statistics/statisticsMemory';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from '../sae/api';
import { makeJobSlot, type JobStep } from '../jobs';
import type { JobId } from '../shared/api';
import type { EngineHosts } from '../hosts';
import type { StatisticsPass } from './statisticsPass';
import { checkSaeFits } from '../sae/saeFit';

export type StatisticsHost = {
  /** tokens: counted tokens wanted; the pass takes no more than the corpus has. topKept: strongest examples kept of each
   *  latent, at most TOP_TOKENS; default FULL_EXAMPLES.top */
  compute: (saeId: string, tokens: number, jobId?: JobId, topKept?: number) => Promise<SaeFacts>;
};

export function createStatisticsHost(o: EngineHosts): StatisticsHost {
  const { modelHost, library } = o;
  const slot = makeJobSlot(o, {
    kind: 'statistics',
    cancelled: 'Statistics were cancelled.',
    busy: 'Statistics of another SAE are being computed. Cancel them first.',
  });

  /** Shows the results so far, unless computing them takes more than a tenth of the time. */
  const previewer = (saeId: string, corpus: CorpusName): Required<StatisticsPass>['onPreview'] => {
    let [making, told] = [0, -Infinity];
    return async ({ seen, goal, make }) => {
      const now = o.parts.now();
      if (now - told < 10 * making) return;
      told = now;
      await library.previewStatistics(saeId, corpus, { seen, goal }, () => {
        const started = o.parts.now();
        const statistics = make();
        making = o.parts.now() - started;
        return statistics;
      });
    };
  };

  const pass = async (
    saeId: string,
    { tokens, topKept, step }: { tokens: number; topKept: number | undefined; step: JobStep },
  ) => {
    if (topKept !== undefined) checkTopKept(topKept, 'topKept');
    const facts = await library.get(saeId);
    const { tokenizer, facts: model } = modelHost.current();
    checkSaeFits(facts, model);
    const params = await library.params(facts.saeId);
    const backend = await o.device.sae();
    const encoder = await backend.createEncoder(params);
    try {
      const text = o.corpusHost.current();
      const corpus = await text.pack(tokenizer, 'all', {
        contextSize: Math.min(STATISTICS_CONTEXT, model.sequence_len),
        seed: 0,
        epoch: 0,
      });
      const { runStatisticsPass } = await import('./statisticsPass');
      const statistics = await runStatisticsPass({
        backend,
        params,
        hook: facts.hookPoint,
        encoder,
        runtime: await modelHost.runtime(),
        tokenizer,
        corpus,
        tokens,
        ...(topKept !== undefined && { topKept }),
        unembedding: await modelHost.unembedding(),
        onProgress: step,
        // Older statistics are kept until the new ones are complete.
        ...(facts.statisticsTokens > 0 ? {} : { onPreview: previewer(facts.saeId, text.facts()) }),
      });
      return await library.setStatistics(facts.saeId, statistics, text.facts());
    } catch (cause) {
      // The results so far are kept and marked as partial.
      await library.keepPreview(facts.saeId);
      throw cause;
    } finally {
      encoder.dispose();
    }
  };

  modelHost.onClosing(slot.end);

  return {
    compute: (saeId, tokens, jobId, topKept) =>
      slot.run(jobId, ({ step }) => pass(saeId, { tokens, topKept, step })),
  };
}
