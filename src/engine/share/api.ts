// What leaves this device in the files of other tools. Types only.
import type { JobId, Outcome } from '../shared/api';

/** saelens, sparsify: the weights. The others need statistics: SAEDashboard's files, Neuronpedia's bulk layout, and the
 *  bodies of its REST upload. */
export type ExportFormat = 'saelens' | 'sparsify' | 'dashboards' | 'neuronpedia' | 'upload';

export type ExportRequest = {
  saeId: string;
  format: ExportFormat;
  /** Neuronpedia's names; absent: made from ours */
  modelId?: string;
  sourceSet?: string;
  /** a user of that instance; absent: the default one of a local instance */
  creatorId?: string;
  creatorName?: string;
  /** of the SAE, such as MIT; absent: none is named */
  licence?: string;
  /** where more can be read about it, and where its weights are (owner/repository) */
  url?: string;
  weightsRepo?: string;
};

export type ShareApi = {
  /** A zip of the files. With the model and the text of the statistics open, dashboards also have logit histograms and
   *  correlated inputs. */
  exportSae: (request: ExportRequest, jobId?: JobId) => Promise<Outcome<Blob>>;
};
