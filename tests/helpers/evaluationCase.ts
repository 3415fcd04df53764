// An evaluation as the engine would tell it, for tests of the page and of the report. Hand-made numbers.
import type { SaeEvaluation, SaeMetrics } from '../../src/core/evaluate/evaluation';
import { DEMO_SAE, MODEL } from './engine/engineDouble';

const METRICS: SaeMetrics = {
  tokens: 8100,
  mse: 15_600,
  nmse: 0.16,
  fvu: 0.21,
  explainedVariance: 0.79,
  explainedVarianceLegacy: 0.765,
  fracVarianceExplained: 0.791,
  cosine: 0.916,
  l2Ratio: 0.919,
  relativeReconstructionBias: 1.001,
  l0: 31.5,
  l0Std: 1.25,
  l1: 794,
  deadFractionEval: 0.05,
  denseOver1Percent: 0.555,
  denseOver10Percent: 0.006,
  density: { from: -6, binWidth: 3, counts: [3, 16], neverFired: 1 },
  positions: 8000,
  ceClean: 2.3163,
  ceWithSae: 2.5348,
  ceAblated: 5.7046,
  ceIncrease: 0.2185,
  ceLossRecovered: 0.9355,
  klWithSae: 0.186,
  klAblated: 3.23,
  klScore: 0.942,
  encoderDecoderCosine: 0.821,
};

export function evaluationOf(
  sae: { saeId: string; name: string },
  metrics: Partial<SaeMetrics> = {},
  over: Partial<SaeEvaluation> = {},
): SaeEvaluation {
  return {
    date: '2026-11-24T08:04:59.818Z',
    appVersion: '0.1.0',
    sae: {
      id: sae.saeId,
      name: sae.name,
      architecture: 'topk',
      hookPoint: DEMO_SAE.hookPoint,
      d_in: 256,
      d_sae: 20,
      k: 32,
      trainingTokens: 500_000,
      deadFraction: 0.05,
    },
    model: { id: MODEL.id, backend: 'webgpu' },
    adapter: 'Test adapter',
    corpus: { id: 'demo~6bf7cffd2f2c', name: 'demo', part: 'held-out', contextSize: 256 },
    requestedTokens: 131_072,
    availableTokens: 8100,
    isComplete: true,
    seconds: 12,
    metrics: { ...METRICS, ...metrics },
    probing: {
      task: 'kind of document',
      trainDocuments: 600,
      testDocuments: 300,
      sizes: [1, 2, 5],
      classes: [
        {
          label: 'story',
          share: 0.25,
          majority: 0.75,
          accuracy: [0.8, 0.9, 0.95],
          rawAccuracy: 0.99,
          latents: [7, 3, 1, 2, 4],
        },
      ],
      majority: 0.75,
      accuracy: [0.8, 0.9, 0.95],
      rawAccuracy: 0.99,
    },
    ...over,
  };
}
