// A conversation with the model. A turn is text; its reply is a run.
import type { Problem } from '../../engine/shared/api';
import type { GenerationMode, GenerationRun } from './generationRun';

/** What was said, and the reply: in the making, or made. */
export type Exchange = { text: string; run: GenerationRun };

export type ChatState = {
  /** null: as the checkpoint suggests */
  chosenMode: GenerationMode | null;
  system: string;
  /** the turn being typed */
  draft: string;
  exchanges: readonly Exchange[];
  /** why the last turn was refused; the draft has it back */
  problem: Problem | null;
};

export const FIRST_CHAT: ChatState = {
  chosenMode: null,
  system: '',
  draft: '',
  exchanges: [],
  problem: null,
};
