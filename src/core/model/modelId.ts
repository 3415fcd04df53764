// Which model a record means. A model's id is `name~hash`; the hash is over its files and, where config.json or the
// user set something that its revision has otherwise, over that too.
import { isSameContent } from '../contentId';

/** How an id in a record was made. Absent: by a version until the end of November 2026, whose ids left out what
 *  config.json overrides, so that models of equal tensors shared one. */
export type ModelIdRule = 2;
export const MODEL_ID_RULE: ModelIdRule = 2;

type OpenModelId = {
  id: string;
  /** by the older rule; equal to `id` where nothing is overridden */
  formerId: string;
};

/** Whether what the record tells of was made with this model, as far as its id tells. */
export function isOfModel(
  record: { modelId: string; modelIdRule?: ModelIdRule },
  model: OpenModelId,
): boolean {
  if (isSameContent(record.modelId, model.id)) return true;
  return record.modelIdRule === undefined && isSameContent(record.modelId, model.formerId);
}
