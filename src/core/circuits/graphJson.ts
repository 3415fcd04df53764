// An attribution graph as Neuronpedia and circuit-tracer read it (circuits.md 6; circuit-tracer, frontend/graph_models.py
// and utils/create_graph_files.py). A layer of a model of ours is a layer there: its transcoders are per layer, for
// which that format has no name of its own. Value embeddings, which it does not know, are embedding nodes that say so.
import type { AttributionGraph, GraphNode } from './attributionGraph';
import { pruneGraph, type PruneOptions } from './graphScores';
import type { GraphOptions } from './buildGraph';

type JsonNode = {
  node_id: string;
  /** (layer, latent) as one number; −1: an error; else the position or the token */
  feature: number;
  layer: string;
  ctx_idx: number;
  feature_type: string;
  jsNodeId: string;
  clerp: string;
  influence: number | null;
  activation: number | null;
  token_prob: number;
  is_target_logit: boolean;
  run_idx: number;
  reverse_ctx_idx: number;
};

export type GraphJson = {
  metadata: Record<string, unknown>;
  qParams: {
    pinnedIds: string[];
    supernodes: string[][];
    linkType: 'both';
    clickedId: string;
    sg_pos: string;
  };
  nodes: JsonNode[];
  links: { source: string; target: string; weight: number }[];
};

export type GraphJsonOptions = {
  slug: string;
  /** the model's name there */
  scan: string;
  version: string;
  /** ISO 8601 */
  createdAt: string;
  prune: PruneOptions;
  options: GraphOptions;
  /** text of a token, as it is printed */
  tokenText: (tokenId: number) => string;
  /** of each node; only latents are asked for */
  labels: readonly string[];
  pinned?: readonly number[];
  supernodes?: readonly { name: string; nodes: readonly number[] }[];
};

/** Nodes and edges that pruning leaves. */
export function makeGraphJson(graph: AttributionGraph, o: GraphJsonOptions): GraphJson {
  const kept = pruneGraph(graph, o.prune);
  const layers = layerCount(graph);
  const id = (at: number) => nodeId(graph.nodes[at]!, graph, layers);
  const isKept = new Set(kept.nodes);
  const shown = (nodes: readonly number[]) => nodes.filter((at) => isKept.has(at)).map(id);
  const prompt = Array.from(graph.tokenIds, o.tokenText);
  return {
    metadata: {
      slug: o.slug,
      scan: o.scan,
      transcoder_list: [],
      prompt_tokens: prompt,
      prompt: prompt.join(''),
      node_threshold: o.prune.nodeShare,
      schema_version: 1,
      info: {
        creator_name: 'nanoscope',
        creator_url: '',
        source_urls: [],
        generator: { name: 'nanoscope', version: o.version, url: '' },
        create_time_ms: Date.parse(o.createdAt),
      },
      generation_settings: {
        max_n_logits: o.options.maxLogits,
        desired_logit_prob: o.options.probability,
        batch_size: 1,
        max_feature_nodes: o.options.maxLatents,
      },
      pruning_settings: {
        node_threshold: o.prune.nodeShare,
        edge_threshold: o.prune.edgeShare,
      },
      feature_details: {},
    },
    qParams: {
      pinnedIds: shown(o.pinned ?? []),
      supernodes: (o.supernodes ?? []).map(({ name, nodes }) => [name, ...shown(nodes)]),
      linkType: 'both',
      clickedId: '',
      sg_pos: '',
    },
    nodes: kept.nodes.map((at) => {
      const node = graph.nodes[at]!;
      return {
        ...describe(node, { ...o, graph, layers, label: o.labels[at] ?? '' }),
        node_id: id(at),
        influence: kept.cumulative[at]!,
        run_idx: 0,
      };
    }),
    links: kept.edges.map(({ source, target, weight }) => {
      return { source: id(source), target: id(target), weight };
    }),
  };
}

function layerCount({ nodes }: AttributionGraph): number {
  return nodes.reduce(
    (most, node) => (node.kind === 'error' ? Math.max(most, node.layer + 1) : most),
    0,
  );
}

/** Of each node a name that is the same in every graph of the same prompt and model. */
export function nodeIds(graph: AttributionGraph): string[] {
  const layers = layerCount(graph);
  return graph.nodes.map((node) => nodeId(node, graph, layers));
}

/** Stable name of a node, unlike those of all others of its graph. */
function nodeId(node: GraphNode, { tokenIds }: AttributionGraph, layers: number): string {
  switch (node.kind) {
    case 'latent':
      return `${node.layer}_${node.latentIndex}_${node.position}`;
    case 'error':
      return `${node.layer}_-1_${node.position}`;
    case 'valueEmbedding':
      return `V${node.layer}_${tokenIds[node.position]!}_${node.position}`;
    case 'token':
      return `E_${node.tokenId}_${node.position}`;
    case 'logit':
      return `${layers + 1}_${node.tokenId}_${tokenIds.length - 1}`;
    default:
      return node satisfies never;
  }
}

type Described = Omit<JsonNode, 'node_id' | 'influence' | 'run_idx'>;

function describe(
  node: GraphNode,
  o: Pick<GraphJsonOptions, 'tokenText'> & {
    graph: AttributionGraph;
    layers: number;
    label: string;
  },
): Described {
  const { tokenIds } = o.graph;
  const last = tokenIds.length - 1;
  const position = node.kind === 'logit' ? last : node.position;
  const plain = {
    feature: position,
    ctx_idx: position,
    activation: null,
    token_prob: 0,
    is_target_logit: false,
    reverse_ctx_idx: 0,
  };
  const token = o.tokenText(tokenIds[position]!);
  switch (node.kind) {
    case 'latent':
      return {
        ...plain,
        feature: cantor(node.layer, node.latentIndex),
        layer: String(node.layer),
        feature_type: 'cross layer transcoder',
        jsNodeId: `${node.layer}_${node.latentIndex}-0`,
        clerp: o.label,
        activation: node.act,
      };
    case 'error':
      return {
        ...plain,
        feature: -1,
        layer: String(node.layer),
        feature_type: 'mlp reconstruction error',
        jsNodeId: `${node.layer}_-1-${position}`,
        clerp: `Err: mlp "${token}"`,
      };
    case 'valueEmbedding':
      return {
        ...plain,
        layer: 'E',
        feature_type: 'embedding',
        jsNodeId: `V${node.layer}_${tokenIds[position]!}-${position}`,
        clerp: `Value embedding of block ${node.layer}: "${token}"`,
      };
    case 'token':
      return {
        ...plain,
        layer: 'E',
        feature_type: 'embedding',
        jsNodeId: `E_${node.tokenId}-${position}`,
        clerp: `Emb: "${token}"`,
      };
    case 'logit': {
      const p = `(p=${node.probability.toFixed(3)})`;
      const against = node.against === null ? '' : ` over "${o.tokenText(node.against)}"`;
      return {
        ...plain,
        feature: node.tokenId,
        layer: String(o.layers + 1),
        feature_type: 'logit',
        jsNodeId: `L_${node.tokenId}-${position}`,
        clerp: `Output "${o.tokenText(node.tokenId)}"${against} ${p}`,
        token_prob: node.probability,
        is_target_logit: node === o.graph.nodes.find(({ kind }) => kind === 'logit'),
      };
    }
    default:
      return node satisfies never;
  }
}

/** Two whole numbers as one, after Cantor. */
function cantor(x: number, y: number): number {
  return ((x + y) * (x + y + 1)) / 2 + y;
}
