// Does an SAE belong to the open model? Checked before a pass or a slider would produce nonsense.
import { ConfigError } from '../../core/errors';
import type { ModelFacts } from '../model/api';
import type { SaeFacts } from './api';

/** Throws ConfigError when the model has no such hook point or another width. */
export function checkSaeFits(sae: SaeFacts, model: ModelFacts): void {
  if (sae.d_in === model.n_embd && model.hookPoints.includes(sae.hookPoint)) return;
  throw new ConfigError(
    `${sae.name} reads ${sae.hookPoint} with width ${sae.d_in}; the open model has ${model.n_layer} layers of width ${model.n_embd}. Open the model it was trained on.`,
    'sae',
  );
}
