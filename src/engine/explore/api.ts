// Questions about latents that statistics alone do not answer. Types only.
import type { TokenEffect } from '../../core/explore/ablationEffect';
import type { ActiveLatent, TextLatent } from '../../core/explore/activeText';
import type { FollowedLatent } from '../../core/explore/followedRun';
import type { LatentFrame } from '../../core/explore/latentLife';
import type { SaeMatching } from '../../core/explore/matchLatents';
import type { LatentMoment } from '../../core/sae/snapshots';
import type { MapKind } from '../../core/share/tableShare';
import type { TokenView } from '../model/api';
import type { JobId, ModelFile, Outcome } from '../shared/api';
import type { Example, ExampleToken, NeighbourLatent, PartnerLatent } from '../statistics/api';

export type ActiveTextRequest = {
  /** SAEs of the open model; one forward pass serves them all, whatever their hook points */
  saeIds: string[];
  /** read as plain text after <|bos|>; typed special tokens stay plain */
  text: string;
  /** a newer request of the same purpose cancels the older one; 'search' reports progress */
  purpose: string;
};

/** What SAEs find in a text. <|bos|> is read but not listed. */
export type ActiveText = {
  tokens: TokenView[];
  /** tokens at the end that were not read because the text is too long */
  leftOut: number;
  /** in the requested order */
  saes: {
    saeId: string;
    /** one list a token, strongest first */
    tokens: ActiveLatent[][];
    /** every latent that fires, strongest first */
    latents: TextLatent[];
  }[];
};

export type LatentMap = {
  kind: MapKind;
  /** x, y of each latent; the longer side of the map runs from 0 to 1 */
  places: Float32Array;
};

/** An SAE as it is, or at a saved step of the run that trained it. */
export type ComparedSae = { saeId: string; step: number | null };

/** Latents of two SAEs matched by decoder direction: pairs that are each other's nearest. */
export type SaeComparison = SaeMatching & { saeId: string; other: ComparedSae };

/** Tokens on which a silent latent comes closest to firing; `act` of their tokens is the pre-activation. */
export type NearestMisses = { tokensSearched: number; examples: Example[] };

/** A text, starting with <|bos|>, with one latent's activation on each token. */
export type LatentReading = {
  tokens: ExampleToken[];
  /** over tokens that are not special */
  maxAct: number;
};

export type AblationRequest = {
  saeId: string;
  latentIndex: number;
  /** token ids of the example; a missing <|bos|> is inserted before them */
  tokenIds: number[];
  /** index in tokenIds of the only token at which the latent is switched off; null: at every token that
   *  is not special */
  position: number | null;
};

/** Both runs of the model on one example, the second with h' = h − f_i · d̂ at the SAE's hook point. */
export type Ablation = {
  tokens: (ExampleToken & TokenEffect & { isEdited: boolean })[];
  /** first token whose residual changed (earlier tokens cannot change); null if the latent was silent */
  firstChanged: number | null;
};

/** One latent at every saved step of its run, ascending. */
export type LatentReplay = {
  /** bids: per example and token, max(h, 0) for TopK, otherwise the activation */
  frames: (LatentFrame & { bids: number[][] })[];
};

/** A run folder read by one SAE, or by one a checkpoint. */
export type FollowRequest = {
  /** of the whole folder, meta_<step>.json included; without a tokenizer the open model's is taken */
  files: ModelFile[];
  saeId: string;
  /** a chain: which SAE reads which step, the only ones then read; absent: saeId reads all */
  saeOfStep?: Record<number, string>;
  /** read as plain text after <|bos|> */
  text: string;
};

export type FollowedStep = {
  /** of the model's training */
  step: number;
  /** validation bits per byte, as its meta file has it */
  valBpb: number | null;
  /** of the SAE that read it, on the text */
  fvu: number;
  l0: number;
  saeId: string;
};

/** A checkpoint that could not be read, which may be one that is still being written. */
export type UnreadStep = { step: number; why: string };

export type FollowedRun = {
  saeId: string;
  tokens: TokenView[];
  /** ascending */
  steps: FollowedStep[];
  unread: UnreadStep[];
  /** those that fire on the text at any step, the strongest at the last one first */
  latents: FollowedLatent[];
};

export type ExploreApi = {
  /** One latent at every snapshot of the run that trained the SAE, ascending by step; empty without them. */
  history: (saeId: string, latentIndex: number) => Promise<Outcome<LatentMoment[]>>;
  /** Step from which each latent's direction stayed near its final one, null if it never did; null
   *  instead of a list if no snapshots are stored. */
  births: (saeId: string, jobId?: JobId) => Promise<Outcome<(number | null)[] | null>>;
  /** The same, with its bids on examples (token ids) at each step; no frames if nothing was saved. */
  replay: (o: {
    saeId: string;
    latentIndex: number;
    examples: number[][];
  }) => Promise<Outcome<LatentReplay>>;
  /** The latents that fire on a text, per token and ranked. */
  activeLatents: (request: ActiveTextRequest, jobId?: JobId) => Promise<Outcome<ActiveText>>;
  /** Decoder directions laid out in the plane; deterministic per SAE, stored once computed. */
  map: (saeId: string, kind: MapKind, jobId?: JobId) => Promise<Outcome<LatentMap>>;
  /** Matches every latent of the first SAE with the second's; progress as events. */
  compare: (saeId: string, other: ComparedSae, jobId?: JobId) => Promise<Outcome<SaeComparison>>;
  /** The latents of another SAE whose decoder directions are closest to this one's, best first. */
  neighboursIn: (o: {
    saeId: string;
    latentIndex: number;
    otherId: string;
  }) => Promise<Outcome<NeighbourLatent[]>>;
  /** Number of the cluster of each latent's direction, from 1, the largest; 0: no cluster. Deterministic
   *  per SAE, kept once computed. */
  clusters: (saeId: string, jobId?: JobId) => Promise<Outcome<Uint8Array>>;
  /** Reads every checkpoint of a run folder that was not read before with this SAE and text; at most 1,000 tokens of it.
   *  Progress as events. */
  follow: (request: FollowRequest, jobId?: JobId) => Promise<Outcome<FollowedRun>>;
  /** Searches a sample of the open corpus for what a dead latent almost fires on. */
  nearestMisses: (
    saeId: string,
    latentIndex: number,
    jobId?: JobId,
  ) => Promise<Outcome<NearestMisses>>;
  /** Co-activation counted on every token of a new pass, at most `tokens`; progress as events. */
  exactPartners: (
    saeId: string,
    latentIndex: number,
    tokens: number,
    jobId?: JobId,
  ) => Promise<Outcome<{ partners: PartnerLatent[]; partnerTokens: number }>>;
  /** Runs the model on a text of at most 500 characters. A newer call cancels older ones. */
  readText: (o: {
    saeId: string;
    latentIndex: number;
    text: string;
  }) => Promise<Outcome<LatentReading>>;
  /** Runs the model twice; a newer call cancels older ones. */
  ablate: (request: AblationRequest) => Promise<Outcome<Ablation>>;
  /** One entry per token: ln p of the next one, null for the last; read after <|bos|>. A newer call
   *  cancels older ones. */
  nextLogProbs: (tokenIds: number[]) => Promise<Outcome<(number | null)[]>>;
};
