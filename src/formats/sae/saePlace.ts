// Where in the model an SAE of another tool belongs: what its configuration says, otherwise the name of a folder
// it lies in, otherwise what the caller knows. It is never guessed.
import type { HookPoint } from '../../core/activations/hookPoint';
import { FormatError } from '../../core/errors';
import type { DroppedFile } from '../model/nanochatFolder';
import { readHookName } from './hookNames';

/** What of an SAE its files may leave open. */
export type KnownPlace = { hookPoint?: HookPoint };

/** said: the names that its configuration gives. Throws FormatError where nothing tells. */
export function placeOf(
  { path }: Pick<DroppedFile, 'path'>,
  said: readonly (string | null | undefined)[],
  known: KnownPlace,
): HookPoint {
  const folders = path.split('/').slice(0, -1).reverse();
  for (const name of [...said, ...folders]) {
    const point = typeof name === 'string' ? readHookName(name) : null;
    if (point !== null) return point;
  }
  if (known.hookPoint !== undefined) return known.hookPoint;
  throw new FormatError(
    `${path}: nothing says where in the model this SAE belongs; put its files into a folder of that name, such as blocks.2.hook_resid_post or layers.2, and drop the folder`,
  );
}
