// The chosen features as presets of the Steer screen: links that a press opens, with the text that was read for them.
import type { ChosenFeature } from '../../src/core/statistics/chosenFeatures';
import { EMPTY_SHARE, formatShareState } from '../../src/core/share/shareState';
import type { SaeFacts } from '../../src/engine/sae/api';
import { TEXT_LENGTH } from './textLength';

export function presetsOf(chosen: readonly ChosenFeature[], sae: SaeFacts) {
  return chosen.map(({ latentIndex, label, why, strength, text }) => ({
    name: label,
    why,
    hash: formatShareState({
      ...EMPTY_SHARE,
      view: 'steer',
      model: sae.modelId,
      sae: sae.saeId,
      steer: [
        {
          target: { kind: 'latent', latentIndex, saeRef: null },
          hook: null,
          mode: 'add',
          value: strength,
          unit: 'max',
          isMuted: false,
        },
      ],
      prompt: text.prompt,
      length: TEXT_LENGTH,
      seed: text.seed,
    }),
  }));
}
