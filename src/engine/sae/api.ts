// The SAEs at hand, the direct-path logits of their latents, and what was saved of them in training. Types
// only.
import type { ModelIdRule } from '../../core/model/modelId';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { SaeArchitecture } from '../../core/sae/architecture';
import type { SaeBackendName } from '../../core/train/saeBackend';
import type { ModelFile, Outcome } from '../shared/api';
import type { CorpusName } from '../text/api';

export type SaeFacts = {
  /** name~hash over its parameters and all that changes what they compute */
  saeId: string;
  /** ids by which records, links and presets of other versions may name it; absent: not known yet */
  otherIds?: string[];
  name: string;
  /** the model it was made for; of an imported one the name in its files */
  modelId: string | null;
  /** absent: modelId is an older version's, or a file's */
  modelIdRule?: ModelIdRule;
  hookPoint: HookPoint;
  d_in: number;
  d_sae: number;
  /** how it was trained; for an imported SAE its inference rule, unless its files say more */
  architecture: SaeArchitecture;
  /** latents kept per token (TopK family); null if it has none or it is unknown */
  k: number | null;
  /** sequence length it was trained on */
  contextSize: number;
  /** whether every sequence of its training began with <|bos|>, and whether special tokens were left out; absent:
   *  unknown (imported) */
  prependBos?: boolean;
  excludeSpecialTokens?: boolean;
  origin: 'demo' | 'trained' | 'imported';
  tokens: number | null;
  explainedVariance: number | null;
  /** mean active latents per held-out token, measured */
  l0: number | null;
  deadFraction: number | null;
  /** tokens in the statistics; 0 if none were computed */
  statisticsTokens: number;
  /** intended number of tokens, if the pass is running or was ended early; absent: they are complete */
  statisticsGoal?: number;
  /** the text it was trained on; absent: the bundled corpus, or unknown for imported ones */
  trainingCorpus?: CorpusName;
  /** the text of the statistics; absent: the bundled corpus */
  statisticsCorpus?: CorpusName;
  /** they came with its files and were not counted on this device */
  hasSharedStatistics?: true;
  /** the run that trained it on this device; its snapshots are kept under that id */
  runId?: string;
  /** tokens without firing after which a latent counted as dead in training; absent if unknown */
  deadAfterTokens?: number;
  /** it is in this tab only: storage had no room for it */
  isUnstored?: true;
  /** why the stored statistics cannot be read, as part of a sentence: they can be computed again */
  statisticsDamage?: string;
};

export type LogitToken = { text: string; tokenId: number; value: number };

/** Direct-path logits over the whole vocabulary, 50 equal bins. */
export type LogitHistogram = { from: number; binWidth: number; counts: number[] };

/** A latent's direction at a moment of its training as logits, direct path only. */
export type MomentLogits = { step: number; topLogits: LogitToken[]; bottomLogits: LogitToken[] };

/** Of a drop that may hold several. */
export type FoundSae = {
  /** where its files lie in the drop, '' for a drop of one */
  folder: string;
  byteLength: number;
  /** for `import` */
  files: ModelFile[];
};

export type SaeEvent = { kind: 'saes'; saes: SaeFacts[] };

export type SaeApi = {
  list: () => Promise<SaeFacts[]>;
  /** Saved steps of the run that trained this SAE, ascending; none if it was not trained on this device. */
  savedSteps: (saeId: string) => Promise<Outcome<number[]>>;
  /** Needs the model. */
  savedLogits: (o: {
    saeId: string;
    step: number;
    latentIndex: number;
  }) => Promise<Outcome<MomentLogits>>;
  /** Needs the model. */
  logitHistogram: (saeId: string, latentIndex: number) => Promise<Outcome<LogitHistogram>>;
  /** Zip of sae_weights.safetensors, cfg.json and sparsity.safetensors (SAELens layout). */
  export: (saeId: string) => Promise<Outcome<Blob>>;
  /** The SAEs in a drop, zips looked into. What is no SAE is found, too: `import` says what is wrong with it. */
  find: (files: ModelFile[]) => Promise<Outcome<FoundSae[]>>;
  /** One that is here already is opened as it is. Of a published folder, what is known of its features comes along. A
   *  notice says either. */
  import: (files: ModelFile[]) => Promise<Outcome<SaeFacts>>;
  /** The transcoders that ship for the demo model, one a block: among those at hand from now on. Their weights come when
   *  they are first needed. */
  openDemoTranscoders: () => Promise<Outcome<SaeFacts[]>>;
  /** Stores one that had no room before. */
  store: (saeId: string) => Promise<Outcome<SaeFacts>>;
  /** At most 60 characters; the demo keeps its name. Ids and all that is kept under them stay. */
  rename: (saeId: string, name: string) => Promise<Outcome<SaeFacts>>;
  delete: (saeId: string) => Promise<void>;
  /** What computes SAEs from now on; null: what suits the device. Refused while a run is open. */
  setBackend: (backend: SaeBackendName | null) => Promise<Outcome<null>>;
};
