// Attribution graphs of the open model: what made it predict its next token. Types only.
import type { AttributionGraph } from '../../core/circuits/attributionGraph';
import type { GraphOptions } from '../../core/circuits/buildGraph';
import type { GraphScores, PruneOptions } from '../../core/circuits/graphScores';
import type { TokenView } from '../model/api';
import type { JobId, Outcome } from '../shared/api';

export type CircuitRequest = {
  /** read as plain text after <|bos|>; what its last token predicts is explained */
  text: string;
  /** one transcoder of each block of the open model, in any order */
  saeIds: string[];
  /** absent fields: GRAPH_OPTIONS */
  options?: Partial<GraphOptions>;
};

export type Circuit = {
  graph: AttributionGraph;
  scores: GraphScores;
  /** of the prompt, <|bos|> first */
  tokens: TokenView[];
  /** of the graph's logits, in their order */
  logits: { token: TokenView; against: TokenView | null }[];
  /** the transcoder of each block */
  saeIds: string[];
  modelId: string;
  options: GraphOptions;
};

/** Nodes of a graph, each to be switched off alone. */
export type NodeEffectsRequest = {
  /** of the prompt, as in the graph */
  tokenIds: number[];
  latents: { saeId: string; latentIndex: number; position: number }[];
  /** token ids of logits, each against another token or, null, the mean of the vocabulary */
  logits: { tokenId: number; against: number | null }[];
};

/** What switching a latent off at its position does to the real model: change of each logit before the soft cap, to be
 *  compared with predictedChanges of the graph. */
export type NodeEffect = {
  /** its activation there, as the model runs */
  act: number;
  /** attention patterns as they were without the change, norms and MLPs free: circuit-tracer's intervention */
  frozen: number[];
  /** nothing frozen */
  free: number[];
};

export type GraphExport = {
  circuit: Circuit;
  prune: PruneOptions;
  /** of each node; only latents' are used */
  labels: string[];
  /** nodes that stay in sight, and groups under a name; by index */
  pinned: number[];
  supernodes: { name: string; nodes: number[] }[];
};

export type CircuitsApi = {
  /** One at a time; progress as events. */
  trace: (request: CircuitRequest, jobId?: JobId) => Promise<Outcome<Circuit>>;
  /** One forward pass of the model for each latent; in their order. */
  effects: (request: NodeEffectsRequest, jobId?: JobId) => Promise<Outcome<NodeEffect[]>>;
  /** JSON that Neuronpedia and circuit-tracer read. */
  exportJson: (o: GraphExport) => Promise<Outcome<Blob>>;
};
