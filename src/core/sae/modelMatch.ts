// Whether an SAE was made for a model, as far as names and ids tell. Whether it fits it is measured elsewhere.
import { isOfModel, type ModelIdRule } from '../model/modelId';

/** unknown: its files name no model, or only by a bare name that the open one has, too */
export type ModelMatch = 'same' | 'other' | 'unknown';

/** What is written where a model had no name. */
const NO_NAMES = ['', 'nanochat', 'unknown'];

export function matchModel(
  sae: { modelId: string | null; modelIdRule?: ModelIdRule },
  model: { id: string; formerId: string; name: string },
): ModelMatch {
  const modelId = (sae.modelId ?? '').trim();
  if (NO_NAMES.includes(modelId)) return 'unknown';
  if (isOfModel({ ...sae, modelId }, model)) return 'same';
  const isBareName = !modelId.includes('~');
  return isBareName && modelId.toLowerCase() === model.name.toLowerCase() ? 'unknown' : 'other';
}
