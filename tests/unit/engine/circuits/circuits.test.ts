// Attribution through the engine on the demo model: as the float64 twin has it, and held to what the real model does
// when a feature is switched off. Random transcoders: what is tested holds for any.
import { beforeAll, describe, expect, it } from 'vitest';
import { hookPoint, type HookPoint } from '../../../../src/core/activations/hookPoint';
import { predictedChanges } from '../../../../src/core/circuits/attributionGraph';
import { buildGraph } from '../../../../src/core/circuits/buildGraph';
import {
  plainFixedProducts,
  removalEffects,
  type Removal,
} from '../../../../src/core/circuits/removalEffects';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../../src/core/reference/nanochatReference';
import { decoderRow } from '../../../../src/core/sae/latentWeights';
import type { SaeParams } from '../../../../src/core/sae/sae';
import type { Circuit } from '../../../../src/engine/circuits/api';
import type { Outcome } from '../../../../src/engine/shared/api';
import { frozenCase, someTranscoders } from '../../../helpers/circuits/frozenCase';
import { transcoderFiles } from '../../../helpers/circuits/transcoderFiles';
import { startNodeEngine, type ListenedEngine } from '../../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import '../../../helpers/matchers';
import { readDemoCheckpoint } from '../../../helpers/model/modelDemo';

const TEXT = 'Tom likes';
/** Every latent gets a row, so that both ways to compute them choose the same. */
const ALL = { maxLatents: 1000, maxLogits: 2, probability: 1 };

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return outcome.value;
}

let demo: ListenedEngine;
let transcoders: SaeParams[];
let saeIds: string[];
let circuit: Circuit;

beforeAll(async () => {
  const refused = { ok: false, reason: 'no-webgpu', message: 'none here' } as const;
  const openDevice = () => Promise.resolve(refused);
  demo = await startNodeEngine(makeNodeParts({ openDevice, isOneOff: true }));
  valueOf(await demo.engine.model.open({ kind: 'demo' }));
  const weights = await readReferenceWeights(await readDemoCheckpoint());
  transcoders = someTranscoders(weights, { d_sae: 64, k: 4 });
  saeIds = [];
  for (const [layer, params] of transcoders.entries()) {
    saeIds.push(valueOf(await demo.engine.sae.import(transcoderFiles(params, layer))).saeId);
  }
  const request = { text: TEXT, saeIds: saeIds.toReversed(), options: ALL };
  circuit = valueOf(await demo.engine.circuits.trace(request));
});

describe('trace', () => {
  it('has the edges of the float64 twin', async () => {
    const { graph, options, tokens } = circuit;
    expect(tokens.map(({ text }) => text).join('')).toBe(`<|bos|>${TEXT}`);
    expect(circuit.saeIds).toEqual(saeIds);
    const frozen = await frozenCase(await readDemoCheckpoint(), graph.tokenIds, transcoders);
    const twin = await buildGraph(frozen, options);
    expect(twin.nodes.map(keyOf)).toEqual(graph.nodes.map(keyOf));
    expect(graph.nodes.some(({ kind }) => kind === 'valueEmbedding')).toBe(true);
    const largest = twin.edges.reduce((most, edge) => Math.max(most, Math.abs(edge)), 0);
    expect(graph.edges).toBeAllclose(twin.edges, { rtol: 1e-4, atol: 1e-6 * largest });
    expect(twin.identityError).toBeLessThan(1e-9);
    expect(graph.identityError).toBeLessThan(1e-4);
    expect(graph.leftOut).toBe(0);
  });

  it('explains one token, and one against another, as differences of the logits', async () => {
    const [first, second] = circuit.logits.map(({ token }) => token.tokenId);
    const ask = async (target: Circuit['options']['target']) =>
      valueOf(
        await demo.engine.circuits.trace({
          text: TEXT,
          saeIds,
          options: { target, maxLatents: 8 },
        }),
      ).graph.values.at(-1)!;
    const one = await ask({ kind: 'token', tokenId: first! });
    const other = await ask({ kind: 'token', tokenId: second! });
    const between = await ask({ kind: 'difference', tokenId: first!, against: second! });
    expect(between).toBeGreaterThan(0);
    expect(between).toBeCloseTo(one - other, 4);
  });

  it('says what is missing: a block, a transcoder, a text, a token', async () => {
    const refused = async (o: Partial<Parameters<typeof demo.engine.circuits.trace>[0]>) => {
      const outcome = await demo.engine.circuits.trace({ text: TEXT, saeIds, ...o });
      return outcome.ok ? null : outcome.problem;
    };
    const [shipped] = await demo.engine.sae.list();
    expect(await refused({ saeIds: saeIds.slice(1) })).toMatchObject({
      kind: 'config',
      what: expect.stringContaining('no transcoder for block 0') as string,
    });
    expect((await refused({ saeIds: [shipped!.saeId] }))?.what).toContain('made of transcoders');
    expect((await refused({ saeIds: [...saeIds, saeIds[0]!] }))?.what).toContain('not two');
    expect((await refused({ text: '' }))?.what).toContain('empty');
    const target = { kind: 'token', tokenId: 1e6 } as const;
    expect((await refused({ options: { target } }))?.what).toContain('1000000');
  });

  it('ends where it is cancelled, having told how far it was', async () => {
    const jobId = 7;
    const end = demo.listen((event) => {
      if (event.kind === 'progress' && event.jobId === jobId && event.progress?.done === 1) {
        void demo.engine.cancel(jobId);
      }
    });
    const outcome = await demo.engine.circuits.trace({ text: TEXT, saeIds }, jobId);
    end();
    expect(outcome).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  });
});

describe('effects', () => {
  it('are what the real model does without the feature, with attention free and frozen', async () => {
    const { graph } = circuit;
    const checkpoint = await readDemoCheckpoint();
    const weights = await readReferenceWeights(checkpoint);
    // The strongest of the first half of the model and of the second.
    const predicted = predictedChanges(graph, 0);
    const order = graph.nodes
      .flatMap((node, at) => (node.kind === 'latent' ? [{ node, at }] : []))
      .sort((one, other) => Math.abs(predicted[other.at]!) - Math.abs(predicted[one.at]!));
    const nodes = [true, false].map(
      (isFirstHalf) => order.find(({ node }) => node.layer < 2 === isFirstHalf)!.node,
    );
    const logits = graph.nodes.flatMap((node) => (node.kind === 'logit' ? [node] : []));
    const effects = valueOf(
      await demo.engine.circuits.effects({
        tokenIds: Array.from(graph.tokenIds),
        latents: nodes.map(({ layer, position, latentIndex }) => {
          return { saeId: saeIds[layer]!, latentIndex, position };
        }),
        logits,
      }),
    );
    const raw = (edit: Parameters<typeof nanochatReference>[2]) => {
      const all = nanochatReference(weights, graph.tokenIds, edit).logits;
      const cap = checkpoint.revision.logitSoftcap;
      const own = all.subarray(all.length - checkpoint.config.vocab_size);
      const values = own.map((value) => cap * Math.atanh(value / cap));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    };
    const activations = new Map<HookPoint, Float64Array>();
    const base = raw((hook, x) => void activations.set(hook, x.slice()));
    const removals = nodes.map(({ layer, position, latentIndex, act }): Removal => {
      const written = decoderRow(transcoders[layer]!, latentIndex).map((value) => act * value);
      return { layer, position, written };
    });
    const unembedding = weights.tensors.get('lm_head.weight')!;
    const { tokenIds } = graph;
    const pass = { checkpoint, tokenIds, activations, unembedding };
    const twin = { ...pass, makeProducts: plainFixedProducts };
    const frozen = await removalEffects(twin, { removals, logits }, 'attention');
    for (const [i, { layer, position, latentIndex, act }] of nodes.entries()) {
      expect(effects[i]!.act).toBeCloseTo(act, 3);
      const { W_dec, d_in } = transcoders[layer]!;
      const after = raw((hook, x) => {
        if (hook !== hookPoint(layer, 'hook_mlp_out')) return;
        for (let at = 0; at < d_in; at++) {
          x[position * d_in + at]! -= act * W_dec[latentIndex * d_in + at]!;
        }
      });
      const changes = logits.map(({ tokenId }) => after[tokenId]! - base[tokenId]!);
      expect(effects[i]!.free).toBeAllclose(changes, { rtol: 1e-3, atol: 3e-4 });
      expect(effects[i]!.frozen).toBeAllclose(frozen[i]!, { rtol: 1e-3, atol: 3e-4 });
      expect(Math.max(...changes.map(Math.abs))).toBeGreaterThan(0.02);
    }
  });
});

function keyOf(node: Circuit['graph']['nodes'][number]): string {
  const { kind } = node;
  if (kind === 'logit') return `${kind} ${node.tokenId}`;
  return kind === 'latent'
    ? `${node.layer} ${node.position} ${node.latentIndex}`
    : `${kind} ${'layer' in node ? node.layer : ''} ${node.position}`;
}
