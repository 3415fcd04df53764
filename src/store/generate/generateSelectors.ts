// Questions about texts in the making. Pure.
import type { AppState } from '../state';
import { modelBlock } from '../model/modelBlock';
import type { GenerationMode, GenerationRun } from './generationRun';

/** Why no text can be generated now; null when Generate works. */
export const generationBlock = modelBlock;

/** The last text of every place where one is made. */
export function textRuns({
  generate,
  steer,
  start,
  share,
  explore,
}: AppState): (GenerationRun | null)[] {
  return [
    generate.run,
    steer.run,
    steer.reading.run,
    generate.chat.exchanges.at(-1)?.run ?? null,
    start.writing,
    start.turned?.run ?? null,
    share.run,
    explore.turned?.run ?? null,
  ];
}

/** Whether a text is being made anywhere: the engine has one decoder. */
export function isGenerating(state: AppState): boolean {
  return textRuns(state).some((run) => run?.running === true);
}

/** How the model writes unsteered: as chosen, or as the checkpoint suggests. */
export function generationMode({ generate, model }: AppState): GenerationMode {
  return generate.chat.chosenMode ?? suggestedMode(model);
}

/** As the checkpoint suggests. */
export function suggestedMode({ open }: AppState['model']): GenerationMode {
  return open?.stage.isChat === true ? 'chat' : 'completion';
}
