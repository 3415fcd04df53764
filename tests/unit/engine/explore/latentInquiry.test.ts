// Questions about one latent, with a model that needs no ONNX: a token's row of the residual stream is looked up, and
// each latent reads one of its entries.
import { expect, it } from 'vitest';
import type { SaeParams } from '../../../../src/core/sae/sae';
import { createLatentInquiry } from '../../../../src/engine/explore/latentInquiry';
import type { EngineHosts } from '../../../../src/engine/hosts';
import { makeJobs } from '../../../../src/engine/jobs';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { DEMO_SAE } from '../../../helpers/engine/engineDouble';
import { CPU_BACKEND } from '../../../helpers/sae/saeBackends';

const SAE: SaeFacts = { ...DEMO_SAE, d_in: 4, d_sae: 4 };

/** What the latents read of each token. Latent 0 fires on tokens 0 and 1, latent 1 on 0 and 2, latent 2 on 1, latent
 *  3 on none. */
const ROWS = [
  [2, 1, -1, -0.5],
  [3, -1, 1, -2],
  [-1, 2, -1, -3],
  [-1, -1, -2, -0.25],
];
/** The first position of each is not counted. */
const SEQUENCES = [
  [3, 0, 1, 2, 0],
  [3, 1, 2, 0, 1],
  [3, 2, 0, 1, 2],
  [3, 0, 1, 2, 0],
  [3, 1, 2, 1, 2],
];

const identity = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
const params: SaeParams = {
  architecture: 'topk',
  k: 2,
  d_in: 4,
  d_sae: 4,
  applyBDecToInput: false,
  W_enc: identity,
  b_enc: new Float32Array(4),
  W_dec: identity,
  b_dec: new Float32Array(4),
};

/** rounds: how often the sequences come */
function ask(rounds = 1) {
  const runtime = {
    capture: (tokenIds: Int32Array) => {
      const data = Float32Array.from([...tokenIds].flatMap((id) => ROWS[id]!));
      const hooks = new Map([
        [SAE.hookPoint, { where: 'cpu', rows: tokenIds.length, cols: 4, data }],
      ]);
      return Promise.resolve({ hooks, release: () => undefined });
    },
  };
  const corpus = {
    contextSize: 5,
    count: rounds * SEQUENCES.length,
    sequence: (i: number) => Int32Array.from(SEQUENCES[i % SEQUENCES.length]!),
    countedPositions: () => Uint32Array.of(1, 2, 3, 4),
  };
  const hosts = {
    modelHost: {
      onClosing: () => undefined,
      current: () => ({
        tokenizer: { tokenText: (id: number) => 'abcd'[id]!, isSpecial: () => false },
        facts: { n_embd: 4, n_layer: 4, sequence_len: 5, hookPoints: [SAE.hookPoint] },
      }),
      runtime: () => Promise.resolve(runtime),
    },
    library: {
      get: () => Promise.resolve(SAE),
      params: () => Promise.resolve(params),
      statistics: () => Promise.resolve(null),
    },
    corpusHost: { current: () => ({ pack: () => Promise.resolve(corpus) }) },
    device: { sae: () => Promise.resolve(CPU_BACKEND) },
    jobs: makeJobs({
      parts: { breathe: () => Promise.resolve() },
      turns: { waitForIdle: () => Promise.resolve() } as never,
      emit: () => undefined,
    }),
  };
  return createLatentInquiry(hosts as unknown as EngineHosts);
}

it('counts what fires together on every counted token', async () => {
  // 400 counted tokens: 120 of token 0, 140 of token 1, 140 of token 2. Latents 0 and 2 share token 1; 0 and 1 share
  // token 0, less often than chance would have it.
  const { partners, partnerTokens } = await ask(20).exactPartners(SAE.saeId, 0, 1000);
  expect(partnerTokens).toBe(400);
  expect(partners).toHaveLength(1);
  expect(partners[0]).toMatchObject({ latentIndex: 2, firesOn: null, together: 140 });
  expect(partners[0]!.conditional).toBeCloseTo(140 / 260, 12);
  expect(partners[0]!.phi).toBeCloseTo(
    (400 * 140 - 260 * 140) / Math.sqrt(260 * 140 * 140 * 260),
    12,
  );
});

it('finds where a silent latent comes closest to firing, best first', async () => {
  const { tokensSearched, examples } = await ask().nearestMisses(SAE.saeId, 3);
  expect(tokensSearched).toBe(20);
  // Token 3 comes closer still, at a position that is not counted.
  expect(examples.map(({ act }) => act)).toEqual([-0.5, -0.5, -0.5, -0.5, -2]);
  expect(examples[0]!.peak).toBe(1);
  expect(examples[0]!.tokens.map(({ text, act }) => [text, act])).toEqual([
    ['d', 0],
    ['a', -0.5],
    ['b', -2],
    ['c', -3],
    ['a', -0.5],
  ]);
});

it('refuses an index outside', async () => {
  await expect(ask().nearestMisses(SAE.saeId, 4)).rejects.toThrow(
    'feature must be a whole number from 0 to 3: 4',
  );
});
