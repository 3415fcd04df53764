// Does an SAE belong to the open model? Checked before a pass or a slider would produce nonsense.
import { ConfigError } from '../../core/errors';
import { saeName } from '../../core/sae/saeName';
import type { ModelFacts } from '../model/api';
import type { SaeFacts } from './api';

/** Throws ConfigError when the model has no such hook point or another width. Rows of a file may come from anywhere:
 *  of them only the width can be wrong. */
export function checkSaeFits(sae: SaeFacts, model: ModelFacts): void {
  const isPlace = model.rows !== undefined || model.hookPoints.includes(sae.hookPoint);
  if (sae.d_in === model.n_embd && isPlace) return;
  if (model.rows !== undefined) {
    throw new ConfigError(
      `d_in: ${saeName(sae)} reads rows of width ${sae.d_in}; the ${model.name} have ${model.n_embd}. Open the rows or the model it was trained on.`,
      'sae',
    );
  }
  throw new ConfigError(
    `${saeName(sae)} reads ${sae.hookPoint} with width ${sae.d_in}; the open model has ${model.n_layer} layers of width ${model.n_embd}. Open the model it was trained on.`,
    'sae',
  );
}
