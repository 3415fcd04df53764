// What the page is told of an SAE that ships with it, before its weights come.
import type { SaeFacts } from '../../src/engine/sae/api';
import { hashOf, type HeldOut } from './measureSae';

export function demoFacts(
  made: SaeFacts,
  o: {
    name: string;
    /** its sae_weights.safetensors, which give it its id */
    weights: Uint8Array;
    modelId: string;
    heldOut: HeldOut;
    /** tokens of its statistics */
    counted: number;
  },
): SaeFacts {
  const { hookPoint, d_in, d_sae, architecture, k, contextSize, tokens } = made;
  return {
    saeId: `${o.name}~${hashOf(o.weights)}`,
    name: o.name,
    modelId: o.modelId,
    hookPoint,
    d_in,
    d_sae,
    architecture,
    k,
    contextSize,
    prependBos: made.prependBos ?? false,
    excludeSpecialTokens: made.excludeSpecialTokens ?? true,
    origin: 'demo',
    tokens,
    explainedVariance: o.heldOut.explainedVariance,
    l0: o.heldOut.l0,
    deadFraction: o.heldOut.deadFractionEval,
    statisticsTokens: o.counted,
  };
}
