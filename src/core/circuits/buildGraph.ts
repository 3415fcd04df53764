// From rows of attribution to a graph: the logits that matter, then the latents that matter most to them, some at a
// time, until a budget is spent. As circuit-tracer chooses (attribution/attribute.py).
import { ConfigError } from '../errors';
import { softmax } from '../numeric/softmax';
import type { AttributionGraph, GraphNode } from './attributionGraph';
import type { FrozenModel } from './frozenModel';
import { makeGreedyInfluence } from './greedyInfluence';
import { meanRow } from './promptPass';
import {
  plainProducts,
  reverseRows,
  rowTotal,
  type EdgeRow,
  type RowProducts,
} from './reverseRows';

export type GraphOptions = {
  /** what is explained: the likeliest next tokens, one token, or one against another */
  target:
    | { kind: 'likeliest' }
    | { kind: 'token'; tokenId: number }
    | { kind: 'difference'; tokenId: number; against: number };
  /** of the likeliest, most logits, and the share of probability that they need not exceed */
  maxLogits: number;
  probability: number;
  /** most latents with a row of their own */
  maxLatents: number;
};

export const GRAPH_OPTIONS: GraphOptions = {
  target: { kind: 'likeliest' },
  maxLogits: 10,
  probability: 0.95,
  maxLatents: 256,
};

/** Latents chosen between two looks at what matters. */
const BATCH = 32;

type LogitTarget = {
  node: Extract<GraphNode, { kind: 'logit' }>;
  /** of the unembedding: the token's row less the mean row, or less another's */
  direction: Float64Array;
  value: number;
};

export type BuildOptions = {
  products?: RowProducts;
  /** called before each batch with the rows done and wanted; throws to cancel */
  onRows?: (done: number, total: number) => Promise<void>;
};

/** Throws ConfigError for options out of their range. */
export async function buildGraph(
  frozen: FrozenModel,
  options: GraphOptions,
  { products = plainProducts(frozen), onRows }: BuildOptions = {},
): Promise<AttributionGraph> {
  const logits = chooseLogits(frozen, options);
  const wanted = Math.min(options.maxLatents, frozen.latents.length);
  const total = logits.length + wanted;
  await onRows?.(0, total);
  const influence = makeGreedyInfluence(frozen.latents.length);
  const directions = logits.map(({ direction }) => ({ kind: 'logit' as const, direction }));
  const logitRows = reverseRows(frozen, directions, products);
  logits.forEach(({ node }, i) => {
    influence.addLogit(logitRows[i]!, options.target.kind === 'likeliest' ? node.probability : 1);
  });
  const rows = new Map<number, EdgeRow>();
  while (rows.size < wanted) {
    await onRows?.(logits.length + rows.size, total);
    const next = influence.next(Math.min(BATCH, wanted - rows.size));
    const targets = next.map((index) => ({ kind: 'latent' as const, ...frozen.latents[index]! }));
    const found = reverseRows(frozen, targets, products).map((row, i): [number, EdgeRow] => [
      next[i]!,
      row,
    ]);
    influence.addLatents(found);
    for (const [index, row] of found) rows.set(index, row);
  }
  return { ...assemble(frozen, { logits, logitRows, rows }), leftOut: influence.leftOut() };
}

/** Most likely first. */
function chooseLogits(frozen: FrozenModel, o: GraphOptions): LogitTarget[] {
  checkOptions(frozen, o);
  const { logits, unembedding, width } = frozen;
  const probabilities = softmax(logits.capped);
  const rowOf = (tokenId: number) => unembedding.subarray(tokenId * width, (tokenId + 1) * width);
  const make = (tokenId: number, against: number | null, from: ArrayLike<number>): LogitTarget => {
    const direction = Float64Array.from(rowOf(tokenId), (value, i) => value - from[i]!);
    const other = against === null ? meanOf(logits.raw) : logits.raw[against]!;
    const node = { kind: 'logit', tokenId, against, probability: probabilities[tokenId]! } as const;
    return { node, direction, value: logits.raw[tokenId]! - other };
  };
  const { target } = o;
  if (target.kind === 'difference') {
    return [make(target.tokenId, target.against, rowOf(target.against))];
  }
  const mean = meanRow(unembedding, width, logits.raw.length);
  if (target.kind === 'token') return [make(target.tokenId, null, mean)];
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  const chosen: LogitTarget[] = [];
  let held = 0;
  for (const tokenId of order.slice(0, o.maxLogits)) {
    if (held >= o.probability) break;
    held += probabilities[tokenId]!;
    chosen.push(make(tokenId, null, mean));
  }
  return chosen;
}

function checkOptions({ logits }: FrozenModel, o: GraphOptions): void {
  const refuse = (field: string, bound: string, value: number) => {
    throw new ConfigError(`${field} must be ${bound}: ${value}`, field);
  };
  const isWhole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!isWhole(o.maxLogits, 1)) refuse('maxLogits', 'a whole number from 1', o.maxLogits);
  if (!isWhole(o.maxLatents, 0)) refuse('maxLatents', 'a whole number from 0', o.maxLatents);
  if (!(o.probability > 0 && o.probability <= 1)) {
    refuse('probability', 'above 0 and at most 1', o.probability);
  }
  const { target } = o;
  if (target.kind === 'likeliest') return;
  const named = target.kind === 'token' ? [target.tokenId] : [target.tokenId, target.against];
  for (const tokenId of named) {
    const isToken = isWhole(tokenId, 0) && tokenId < logits.raw.length;
    if (!isToken) refuse('target', `a token of this model's ${logits.raw.length}`, tokenId);
  }
  if (target.kind === 'difference' && target.tokenId === target.against) {
    refuse('target', 'two different tokens', target.tokenId);
  }
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Only latents with a row stay; all else that is not a latent is a node. */
function assemble(
  frozen: FrozenModel,
  o: { logits: readonly LogitTarget[]; logitRows: readonly EdgeRow[]; rows: Map<number, EdgeRow> },
): Omit<AttributionGraph, 'leftOut'> {
  const T = frozen.tokenIds.length;
  const chosen = [...o.rows.keys()].sort((a, b) => a - b);
  const places = frozen.layers.flatMap((_, layer) =>
    Array.from({ length: T }, (_layer, position) => ({ layer, position })),
  );
  const embedded = places.filter(({ layer }) => frozen.layers[layer]!.embeddedValues !== null);
  const nodes: GraphNode[] = [
    ...chosen.map((index) => ({ kind: 'latent' as const, ...frozen.latents[index]! })),
    ...places.map((place) => ({ kind: 'error' as const, ...place })),
    ...embedded.map((place) => ({ kind: 'valueEmbedding' as const, ...place })),
    ...Array.from(frozen.tokenIds, (tokenId, position) => {
      return { kind: 'token' as const, position, tokenId };
    }),
    ...o.logits.map(({ node }) => node),
  ];
  const rows = [...chosen.map((index) => o.rows.get(index)!), ...o.logitRows];
  const values = [
    ...chosen.map((index) => preActivation(frozen, index)),
    ...o.logits.map(({ value }) => value),
  ];
  const edges = new Float32Array(rows.length * nodes.length);
  let identityError = 0;
  rows.forEach((row, i) => {
    const sources = [
      ...chosen.map((index) => row.latents[index]!),
      ...row.errors,
      ...embedded.map(({ layer, position }) => row.valueEmbeddings[layer * T + position]!),
      ...row.tokens,
    ];
    edges.set(sources, i * nodes.length);
    const difference = Math.abs(rowTotal(row) - values[i]!);
    identityError = Math.max(identityError, difference / Math.max(1, Math.abs(values[i]!)));
  });
  const firstLogit = nodes.length - o.logits.length;
  return {
    tokenIds: frozen.tokenIds,
    nodes,
    targets: Uint32Array.from(rows, (_, i) =>
      i < chosen.length ? i : firstLogit + i - chosen.length,
    ),
    edges,
    biases: Float64Array.from(rows, ({ bias }) => bias),
    values: Float64Array.from(values),
    identityError,
  };
}

/** What TopK or a threshold let through, before a latent's own factor. */
function preActivation({ latents, layers }: FrozenModel, index: number): number {
  const { layer, latentIndex, act } = latents[index]!;
  const { transcoder } = layers[layer]!;
  const scale = transcoder.architecture === 'topk' ? transcoder.actScale?.[latentIndex] : undefined;
  return act / (scale ?? 1);
}
