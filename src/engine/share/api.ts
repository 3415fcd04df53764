// What leaves this device: dashboards and texts as links and files, whether they come out the same here, and the files of
// other tools. Types only.
import type { ActDifference, Verdict } from '../../core/share/compareShared';
import type { SharedContent } from '../../core/share/sharedContent';
import type { JobId, ModelFile, Outcome } from '../shared/api';

export type PackedLink = {
  /** value of the link's key `p` */
  payload: string;
  /** false: there was no room for what its examples need to be computed again */
  hasLeads: boolean;
};

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
  /** The dashboards of these features as they are now: as many examples as a link or a file has room for. */
  collect: (o: {
    saeId: string;
    latentIndices: number[];
    into: 'link' | 'file';
  }) => Promise<Outcome<SharedContent>>;
  /** null: it takes more than `room` characters. */
  packLink: (content: SharedContent, room: number) => Promise<Outcome<PackedLink | null>>;
  packFile: (content: SharedContent) => Promise<Outcome<Blob>>;
  readLink: (payload: string) => Promise<Outcome<SharedContent>>;
  readFile: (file: ModelFile) => Promise<Outcome<SharedContent>>;
  /** Computes the activations of its features again, wherever what stands before an example was carried. Needs the
   *  SAE and its model; progress as events. */
  checkFeatures: (
    content: SharedContent,
    jobId?: JobId,
  ) => Promise<Outcome<Verdict<ActDifference>>>;
};
