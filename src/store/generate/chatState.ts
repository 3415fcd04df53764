// A conversation with the model. A turn is text; its reply is a run.
import type { Problem } from '../../engine/shared/api';
import type { GenerationMode, GenerationRun } from './generationRun';

/** A user's turn and the reply, finished or being generated. */
export type Exchange = { text: string; run: GenerationRun };

export type ChatState = {
  /** null: as the checkpoint suggests */
  chosenMode: GenerationMode | null;
  system: string;
  /** the turn being typed */
  draft: string;
  exchanges: readonly Exchange[];
  /** why the last turn was refused; its text is back in the draft */
  problem: Problem | null;
};

export const FIRST_CHAT: ChatState = {
  chosenMode: null,
  system: '',
  draft: '',
  exchanges: [],
  problem: null,
};
