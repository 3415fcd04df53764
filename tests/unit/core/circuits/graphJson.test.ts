// A graph as JSON: the fields of circuit-tracer's models (frontend/graph_models.py at 196e2ce: required ones, their
// types) and of Neuronpedia. tests/peers/circuits/read_graph.py reads such a file with circuit-tracer itself.
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { buildGraph, GRAPH_OPTIONS } from '../../../../src/core/circuits/buildGraph';
import { makeGraphJson } from '../../../../src/core/circuits/graphJson';
import { PRUNE_OPTIONS } from '../../../../src/core/circuits/graphScores';
import { NANOCHAT_REVISIONS } from '../../../../src/formats/model/nanochatRevision';
import { frozenCase } from '../../../helpers/circuits/frozenCase';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../../../helpers/model/modelRandom';

const whole = v.pipe(v.number(), v.integer());
const NODE_TYPES = [
  'cross layer transcoder',
  'mlp reconstruction error',
  'embedding',
  'logit',
] as const;
const SCHEMA = v.object({
  metadata: v.looseObject({
    slug: v.string(),
    scan: v.string(),
    transcoder_list: v.array(v.string()),
    prompt_tokens: v.array(v.string()),
    prompt: v.string(),
    node_threshold: v.number(),
    schema_version: v.literal(1),
    info: v.object({
      creator_name: v.string(),
      creator_url: v.string(),
      source_urls: v.array(v.string()),
      generator: v.object({ name: v.string(), version: v.string(), url: v.string() }),
      create_time_ms: whole,
    }),
    generation_settings: v.object({
      max_n_logits: whole,
      desired_logit_prob: v.number(),
      batch_size: whole,
      max_feature_nodes: whole,
    }),
    pruning_settings: v.object({ node_threshold: v.number(), edge_threshold: v.number() }),
  }),
  qParams: v.strictObject({
    pinnedIds: v.array(v.string()),
    supernodes: v.array(v.array(v.string())),
    linkType: v.literal('both'),
    clickedId: v.string(),
    sg_pos: v.string(),
  }),
  nodes: v.array(
    v.strictObject({
      node_id: v.string(),
      feature: whole,
      layer: v.string(),
      ctx_idx: whole,
      feature_type: v.picklist(NODE_TYPES),
      token_prob: v.number(),
      is_target_logit: v.boolean(),
      run_idx: whole,
      reverse_ctx_idx: whole,
      jsNodeId: v.string(),
      clerp: v.string(),
      influence: v.nullable(v.number()),
      activation: v.nullable(v.number()),
    }),
  ),
  links: v.array(v.strictObject({ source: v.string(), target: v.string(), weight: v.number() })),
});

it.each(NANOCHAT_REVISIONS)(
  'has every field and only links of its nodes, $name',
  async (revision) => {
    const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, revision, 3);
    const frozen = await frozenCase(checkpoint, randomTokens(8, FOUR_LAYERS.vocab_size, 2));
    const options = { ...GRAPH_OPTIONS, maxLogits: 2, maxLatents: 30 };
    const graph = await buildGraph(frozen, options);
    const first = graph.nodes.findIndex(({ kind }) => kind === 'latent');
    const written = makeGraphJson(graph, {
      slug: 'test',
      scan: 'random',
      version: '1.2.3',
      createdAt: '2026-11-30T20:00:00.000Z',
      prune: { ...PRUNE_OPTIONS, nodeShare: 1 },
      options,
      tokenText: (tokenId) => `<${tokenId}>`,
      labels: graph.nodes.map((_, at) => `label ${at}`),
      pinned: [first],
      supernodes: [{ name: 'a group', nodes: [first, first + 1] }],
    });
    const { nodes, links, qParams, metadata } = v.parse(
      SCHEMA,
      JSON.parse(JSON.stringify(written)),
    );
    const ids = new Set(nodes.map(({ node_id: id }) => id));
    expect(ids.size).toBe(nodes.length);
    expect(new Set(nodes.map(({ jsNodeId, ctx_idx: at }) => `${jsNodeId} ${at}`)).size).toBe(
      nodes.length,
    );
    expect(links.every(({ source, target }) => ids.has(source) && ids.has(target))).toBe(true);
    expect(links.length).toBeGreaterThan(nodes.length);
    expect(new Set(nodes.map(({ feature_type: type }) => type))).toEqual(new Set(NODE_TYPES));
    expect(metadata.info.create_time_ms).toBe(Date.UTC(2026, 10, 30, 20));

    const latent = graph.nodes[first]!;
    if (latent.kind !== 'latent') throw new Error('a latent');
    const { layer, latentIndex, position } = latent;
    const sum = layer + latentIndex;
    expect(nodes[0]).toMatchObject({
      node_id: `${layer}_${latentIndex}_${position}`,
      feature: (sum * (sum + 1)) / 2 + latentIndex,
      clerp: `label ${first}`,
      activation: latent.act,
    });
    expect(qParams.pinnedIds).toEqual([`${layer}_${latentIndex}_${position}`]);
    expect(qParams.supernodes[0]?.[0]).toBe('a group');
    const logits = nodes.filter(({ feature_type: type }) => type === 'logit');
    expect(logits.map(({ is_target_logit: isTarget }) => isTarget)).toEqual([true, false]);
    expect(logits[0]?.clerp).toMatch(/^Output "<\d+>" \(p=0\.\d{3}\)$/);
    const embedded = nodes.filter(({ clerp }) => clerp.startsWith('Value embedding'));
    expect(embedded.length > 0).toBe(revision.valueEmbeddingGate !== null);
    expect(
      embedded.every(({ layer: at, feature_type: type }) => at === 'E' && type === 'embedding'),
    ).toBe(true);
  },
);
