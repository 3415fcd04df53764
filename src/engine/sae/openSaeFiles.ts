// An SAE of a program's files, under the name of the folder that they lie in.
import { valueOf, type Session } from '../session';
import type { ModelFile } from '../shared/api';
import type { SaeFacts } from './api';

/** Characters of a name in the library. */
const MAX_NAME = 60;

/** Throws ProblemError for broken files. */
export async function openSaeFiles(
  { engine }: Session,
  files: ModelFile[],
  name: string,
): Promise<SaeFacts> {
  const sae = valueOf(await engine.sae.import(files));
  // The demo's is known by its content and keeps its name.
  return sae.origin === 'demo'
    ? sae
    : valueOf(await engine.sae.rename(sae.saeId, name.slice(0, MAX_NAME)));
}
