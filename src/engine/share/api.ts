// What leaves this device: dashboards and texts as links and files, whether they come out the same here, and the files of
// other tools. Types only.
import type { ActDifference, Verdict } from '../../core/share/compareShared';
import type { SharedContent } from '../../core/share/sharedContent';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { SaeArchitecture } from '../../core/sae/architecture';
import type { FoundSae, SaeFacts } from '../sae/api';
import type { JobId, ModelFile, Outcome } from '../shared/api';

/** An SAE of a published folder. */
export type SourceSae = {
  saeId: string;
  name: string;
  hookPoint: HookPoint;
  d_sae: number;
  architecture: SaeArchitecture;
  k: number | null;
  model: string | null;
  /** of all its files */
  byteLength: number;
  hasStatistics: boolean;
  /** this browser has it already */
  isHere: boolean;
};

export type ForeignSae = { folder: string; byteLength: number | null };

export type SourceFacts = { host: string; url: string } & (
  | { kind: 'folder'; saes: SourceSae[] }
  /** of other tools, by their folders; byteLength null: the server does not tell */
  | { kind: 'foreign'; saes: ForeignSae[] }
  /** byteLength null: the server does not tell */
  | { kind: 'file'; name: string; byteLength: number | null }
);

type PackedLink = {
  /** value of the link's key `p` */
  payload: string;
  /** what of the content had room in it */
  content: SharedContent;
};

/** saelens, sparsify: the weights. The others need statistics: SAEDashboard's files, Neuronpedia's bulk layout, and the
 *  bodies of its REST upload. */
export type ExportFormat = 'saelens' | 'sparsify' | 'dashboards' | 'neuronpedia' | 'upload';

export type ExportRequest = {
  saeId: string;
  format: ExportFormat;
  /** what SAELens and transformers load the model by, a repository or a folder of transformers' form; absent: its name */
  modelRepo?: string;
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
  /** As much of it as `room` characters hold: fewer examples first, then fewer features, or none of the tokens before an
   *  example. null: not even that has room. */
  packLink: (content: SharedContent, room: number) => Promise<Outcome<PackedLink | null>>;
  packFile: (content: SharedContent) => Promise<Outcome<Blob>>;
  readLink: (payload: string) => Promise<Outcome<SharedContent>>;
  readFile: (file: ModelFile) => Promise<Outcome<SharedContent>>;
  /** What lies at a link's `src`. Refuses whatever is not https on a public host. */
  lookAtSource: (url: string, jobId?: JobId) => Promise<Outcome<SourceFacts>>;
  /** Fetches these SAEs of a published folder, checks their hashes, and puts them into the library. */
  openFolder: (o: { url: string; saeIds: string[] }, jobId?: JobId) => Promise<Outcome<SaeFacts[]>>;
  /** The files of these SAEs of other tools, for the library's `import`. */
  fetchForeign: (
    o: { url: string; folders: string[] },
    jobId?: JobId,
  ) => Promise<Outcome<FoundSae[]>>;
  fetchFile: (url: string, jobId?: JobId) => Promise<Outcome<SharedContent>>;
  /** A folder of these SAEs for a static host, as one zip or file by file. withText false: weights only. */
  publish: (
    o: { saeIds: string[]; withText: boolean; as: 'zip' | 'files' },
    jobId?: JobId,
  ) => Promise<Outcome<ModelFile[]>>;
  /** Computes the activations of its features again, wherever what stands before an example was carried. Needs the
   *  SAE and its model; progress as events. */
  checkFeatures: (
    content: SharedContent,
    jobId?: JobId,
  ) => Promise<Outcome<Verdict<ActDifference>>>;
};
