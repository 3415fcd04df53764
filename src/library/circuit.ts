// Attribution graphs without a page: which features made a model predict its next token.
import type { GraphOptions } from '../core/circuits/buildGraph';
import { PRUNE_OPTIONS, type PruneOptions } from '../core/circuits/graphScores';
import type { Circuit } from '../engine/circuits/api';
import { targetOf, traceIn } from '../engine/circuits/circuitRequest';
import { valueOf } from '../engine/session';
import type { InterpretableModel } from './interpretableModel';
import type { Sae } from './sae';

/** What a graph is made with, and of what. Source: docs/design/circuits.md. */
export type CircuitRequestOptions = {
  /** a transcoder of every block, in any order */
  transcoders: readonly Sae[];
  /** the next token to explain, with the space before it; default: the likeliest ones */
  target?: string;
  /** explain `target` over this token */
  against?: string;
  /** features that are traced further; default: 256 */
  maxFeatures?: number;
  /** between pieces of work */
  onProgress?: (phase: string, done: number, total: number) => void;
  /** ends it: the promise rejects with ProblemError of kind 'cancelled' */
  signal?: AbortSignal;
};

/** The graph of what the model predicts after a text, which is read after <|bos|>. One at a time in a model.
 *  Throws ConfigError for a target that is not one token, ProblemError where a transcoder is missing or does not fit. */
export async function traceCircuit(
  model: InterpretableModel,
  text: string,
  o: CircuitRequestOptions,
): Promise<Circuit> {
  const { session } = model;
  const saeIds: string[] = [];
  for (const sae of o.transcoders) saeIds.push((await model.addSae(sae)).saeId);
  const options: Partial<GraphOptions> = {
    target: await targetOf(session, o.target ?? null, o.against ?? null),
    ...(o.maxFeatures !== undefined && { maxLatents: o.maxFeatures }),
  };
  const cancel = () => void session.engine.cancel(JOB);
  o.signal?.throwIfAborted();
  o.signal?.addEventListener('abort', cancel);
  try {
    return await traceIn(session, {
      request: { text, saeIds, options },
      jobId: JOB,
      onProgress: o.onProgress ?? (() => undefined),
    });
  } finally {
    o.signal?.removeEventListener('abort', cancel);
  }
}

const JOB = 1;

/** A graph as JSON that Neuronpedia and circuit-tracer read. labels: of each node of the graph, by index; only those of
 *  features are written. prune: default as in circuit-tracer. */
export async function circuitJson(
  model: InterpretableModel,
  circuit: Circuit,
  o: { labels?: readonly string[]; prune?: PruneOptions } = {},
): Promise<string> {
  const { engine } = model.session;
  const blob = valueOf(
    await engine.circuits.exportJson({
      circuit,
      prune: o.prune ?? PRUNE_OPTIONS,
      labels: [...(o.labels ?? [])],
      pinned: [],
      supernodes: [],
    }),
  );
  return blob.text();
}
