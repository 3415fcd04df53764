// Features as one reads them: their strongest examples, and the page that the app exports.
import { machine } from '#machine';
import { checkTopKept, FULL_EXAMPLES } from '../core/statistics/exampleChoice';
import type { Example, LatentDashboard } from '../engine/statistics/api';
import { needStatistics } from '../engine/statistics/needStatistics';
import { valueOf } from '../engine/session';
import { makeDashboardPage } from '../ui/explore/export/dashboardPage';
import type { InterpretableModel } from './interpretableModel';
import { statisticsOf, type Sae } from './sae';

/** Features of an SAE as one reads them, from statistics over the model's text. Source: docs/design/interface.md, 2.3. */
export class FeatureVisualizer {
  readonly #model: InterpretableModel;
  readonly #sae: Sae;
  readonly #tokens: number;

  /** tokens: of text read for the statistics, once, unless statistics.bin lies beside the SAE's weights; default
   *  200,000. */
  constructor(model: InterpretableModel, sae: Sae, o: { tokens?: number } = {}) {
    this.#model = model;
    this.#sae = sae;
    this.#tokens = o.tokens ?? 200_000;
  }

  /** Density, histogram, examples, logits (direct path only) and neighbours of one feature. Activations in model units.
   *  Throws ConfigError where the SAE does not fit the model, ProblemError where it has no such feature. */
  async dashboard(latentIndex: number): Promise<LatentDashboard> {
    return this.#read(latentIndex);
  }

  async #read(latentIndex: number, topKept: number = FULL_EXAMPLES.top): Promise<LatentDashboard> {
    const facts = await needStatistics(this.#model.session, await this.#model.addSae(this.#sae), {
      file: statisticsOf(this.#sae),
      tokens: this.#tokens,
      topKept,
      onProgress: () => undefined,
    });
    return valueOf(await this.#model.session.engine.statistics.dashboard(facts.saeId, latentIndex));
  }

  /** The texts around its strongest activations, strongest first; equal ones once. top: 1 to 64; default 10. Above the 20
   *  that are kept by default, the text is read once more. Throws ConfigError for another top. */
  async maxActivatingExamples(latentIndex: number, o: { top?: number } = {}): Promise<Example[]> {
    const { top = 10 } = o;
    checkTopKept(top, 'top');
    const { topExamples } = await this.#read(latentIndex, Math.max(top, FULL_EXAMPLES.top));
    return topExamples.slice(0, top);
  }

  /** One HTML page that opens offline, the very one that the app exports. */
  async featureReport(latentIndex: number): Promise<string> {
    const dashboard = await this.dashboard(latentIndex);
    const { name, facts } = this.#sae;
    const origin = [
      `SAE ${facts.saeId}, ${facts.hookPoint}, ${facts.d_sae} features`,
      `Statistics over ${dashboard.tokensSeen} tokens.`,
      'Made with nanoscope.',
    ];
    const title = `Feature ${latentIndex} of ${name}`;
    return makeDashboardPage(
      [{ dashboard, note: undefined }],
      { title, origin },
      await machine.pageMaker(),
    );
  }
}
