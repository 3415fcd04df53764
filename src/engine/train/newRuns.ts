// A form of the page → the runs that it asks for, checked against what is open: nothing is stored or started here.
import { MODEL_ID_RULE } from '../../core/model/modelId';
import { elementAt } from '../../core/elementAt';
import type { SaeConfig } from '../../core/sae/sae';
import type { EngineHosts } from '../hosts';
import type { OpenCorpus } from '../text/corpusHost';
import type { TrainForm } from './api';
import { checkCorpus, checkModel } from './liveRun';
import type { NewRun, RunArchive, RunRecord } from './runArchive';
import { makeTrainConfigs } from './trainConfig';

export type NewRuns = {
  /** Of a form, one per seed. Throws ConfigError naming a field. */
  configs: (form: TrainForm) => Promise<SaeConfig[]>;
  /** The runs of a form, one per seed, not stored yet. Throws ConfigError where the open model or text
   *  does not allow them. */
  records: (form: TrainForm) => Promise<NewRun[]>;
  /** Throws ConfigError where another model or text is open than the run reads. */
  checkFits: (record: RunRecord) => void;
};

export function createNewRuns(hosts: EngineHosts, archive: RunArchive): NewRuns {
  const { device, modelHost, corpusHost, parts } = hosts;
  const configs = async (form: TrainForm): Promise<SaeConfig[]> => {
    const watchedOn = parts.isOneOff === true ? null : (await device.sae()).name;
    return makeTrainConfigs(form, modelHost.currentOrNull()?.facts ?? null, watchedOn);
  };

  /** Refuses a text that is too short to train or measure on, before hours are spent. The bundled
   *  one is long enough, and is tokenised while the run is being prepared. */
  const checkLength = async (corpus: OpenCorpus, config: SaeConfig) => {
    if (corpus.facts().isDemo) return;
    await corpus.count(modelHost.current().tokenizer);
    corpus.checkLength(config.contextSize);
  };

  return {
    configs,
    async records(form) {
      const made = await configs(form);
      const source = form.source ?? 'model';
      const corpus = corpusHost.current();
      if (source === 'model') await checkLength(corpus, elementAt(made, 0));
      const modelId = source === 'model' ? modelHost.current().facts.id : source;
      const model = { modelId, modelIdRule: MODEL_ID_RULE };
      const corpusId = source === 'model' ? corpus.facts().id : source;
      const records: NewRun[] = [];
      for (const config of made) {
        const number = await archive.nextNumber();
        const runId = `run-${number}`;
        records.push({ runId, number, ...model, corpusId, config, source, isStopped: false });
      }
      return records;
    },
    checkFits(record) {
      if ((record.source ?? 'model') === 'random') return;
      checkModel(record, modelHost.current());
      checkCorpus(record, corpusHost.current().facts());
    },
  };
}
