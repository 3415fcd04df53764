// Texts that the model writes unsteered: the form, the last run, the conversation.
import { FIRST_CHAT, type ChatState } from './chatState';
import type { GenerationForm, GenerationRun } from './generationRun';

export type GenerateState = {
  form: GenerationForm;
  run: GenerationRun | null;
  chat: ChatState;
};

export const FIRST_FORM: GenerationForm = {
  prompt: 'Once upon a time',
  maxTokens: 256,
  temperature: 0.6,
  topK: 50,
  seed: 42,
};

export const FIRST_GENERATE: GenerateState = { form: FIRST_FORM, run: null, chat: FIRST_CHAT };
