// What somebody shared: a dashboard of an SAE of their own, and a pair of texts.
import type { SharedContent } from '../../../src/core/share/sharedContent';
import { addLatent } from '../../../src/core/steer/steering';

/** Feature 3 of somebody's SAE, with one example. */
export const SHARED: SharedContent = {
  app: '0.1.0',
  model: 'demo~3f9a1c07b2de',
  sae: {
    saeId: 'own-l1~0123456789ab',
    name: 'own-l1',
    hookPoint: 'blocks.1.hook_resid_post',
    d_sae: 20,
    architecture: 'topk',
    k: 4,
    corpus: 'diary.txt',
  },
  features: [
    {
      latentIndex: 3,
      density: 0.004,
      fireCount: 40,
      maxAct: 37,
      meanAct: 10,
      tokensSeen: 10_000,
      histogram: {
        binWidth: 1,
        counts: Array.from({ length: 128 }, (_, bin) => (bin < 37 ? 1 : 0)),
      },
      firesOn: ['word3'],
      label: 'my third',
      note: '',
      guess: null,
      examples: [
        {
          tokens: [
            { tokenId: 101, text: ' once', act: 0 },
            { tokenId: 102, text: ' upon', act: 37 },
          ],
          peak: 1,
          repeats: 1,
          lead: [100],
        },
      ],
      topLogits: [{ tokenId: 7, text: ' up', value: 2.5 }],
      bottomLogits: [{ tokenId: 8, text: ' down', value: -2.5 }],
    },
  ],
  run: null,
};

/** Two texts of two tokens, steered by the same feature. */
export const SHARED_RUN: SharedContent = {
  app: '0.1.0',
  model: 'demo~3f9a1c07b2de',
  sae: null,
  features: [],
  run: {
    request: {
      prompt: 'Once',
      maxTokens: 2,
      temperature: 0.6,
      topK: 50,
      seed: 7,
      steer: addLatent({ saeId: 'own-l1~0123456789ab', latentIndex: 3, value: 0.25 }),
    },
    prompt: [
      { tokenId: 100, text: '<|bos|>' },
      { tokenId: 101, text: 'Once' },
    ],
    lanes: {
      baseline: [
        { tokenId: 5, text: ' a', logProb: -0.5, kl: null },
        { tokenId: 6, text: ' dog', logProb: -1.25, kl: null },
      ],
      steered: [
        { tokenId: 5, text: ' a', logProb: -0.75, kl: 0.125 },
        { tokenId: 9, text: ' queen', logProb: -2.5, kl: 1.5 },
      ],
    },
  },
};
