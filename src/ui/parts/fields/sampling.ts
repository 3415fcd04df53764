// Whether a sampling form can be run. Pure; the engine checks again.
import type { GenerationForm } from '../../../store/generate/generationRun';

/** The first problem of the form, as a sentence; null if it can be run. */
export function samplingProblem(form: GenerationForm): string | null {
  if (!(form.temperature >= 0 && form.temperature <= 5)) {
    return 'Temperature must be from 0 to 5.';
  }
  if (!Number.isInteger(form.topK) || form.topK < 0)
    return 'Top-k must be a whole number, 0 or more.';
  if (!Number.isInteger(form.maxTokens) || form.maxTokens < 1) {
    return 'Length must be a whole number of tokens, 1 or more.';
  }
  if (!Number.isInteger(form.seed) || form.seed < 0 || form.seed > 0xffffffff) {
    return 'The seed must be a whole number from 0 to 4,294,967,295.';
  }
  return null;
}

export const END_WORDS = {
  length: 'length reached',
  stop: 'stopped',
  end: 'the model ended the text',
  context: 'context is full',
  lost: 'the GPU device was lost',
  failed: 'failed',
} as const;
