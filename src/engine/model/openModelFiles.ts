// A model of a program's files: which of its steps, and whose tokenizer.
import { ConfigError } from '../../core/errors';
import { valueOf, type Session } from '../session';
import type { ModelFile } from '../shared/api';
import type { ModelFacts } from './api';

export const TOKENIZERS: readonly string[] = ['tokenizer.pkl', 'tokenizer.json'];

/** step: of several; null: the latest. Throws ConfigError for a step that is not there, ProblemError with what is wrong
 *  with the files. */
export async function openModelFiles(
  { engine }: Session,
  files: ModelFile[],
  step: number | null,
): Promise<ModelFacts> {
  if (step === null) return valueOf(await engine.model.open({ kind: 'files', files }));
  const found = modelOfStep(valueOf(await engine.model.inspect(files)), step);
  return valueOf(await engine.model.open({ kind: 'files', files, folder: found.folder, step }));
}

/** Throws ConfigError naming the steps that there are. */
export function modelOfStep<T extends { step: number | null }>(
  models: readonly T[],
  step: number,
): T {
  const found = models.find((model) => model.step === step);
  if (found !== undefined) return found;
  const steps = models.map((model) => model.step ?? 'none').join(', ');
  throw new ConfigError(`step ${step}: not in this checkpoint; it has ${steps}`, 'step');
}

export function tokenizerAmong(files: readonly ModelFile[]): ModelFile | undefined {
  return files.find(({ path }) => TOKENIZERS.includes(path.slice(path.lastIndexOf('/') + 1)));
}
