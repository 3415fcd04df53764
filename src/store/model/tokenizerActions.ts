// Intents of the tokenizer: what is typed, as the open model's tokens.
import type { StoreContext } from '../context';
import { bugProblem } from '../problems';

/** Quiet time after a key before the worker is asked, ms; it answers the last key only. */
const TYPING_PAUSE_MS = 30;

export function makeTokenizerActions({ api, env, get, patch }: StoreContext) {
  let cancelTyping = () => {};

  async function read(): Promise<void> {
    const { tokenizer, open } = get().model;
    const { text } = tokenizer;
    if (open === null) return;
    try {
      const tokens = await api.model.tokenize(text);
      // An answer to an older text would show the wrong tokens for a moment.
      if (get().model.tokenizer.text === text) {
        patch('model', 'tokenizer', { tokens, problem: null });
      }
    } catch (cause) {
      patch('model', 'tokenizer', { problem: bugProblem(cause) });
    }
  }

  return {
    /** Again what is there, by another model. */
    read,
    setText: (text: string) => {
      patch('model', 'tokenizer', { text });
      cancelTyping();
      cancelTyping = env.after(TYPING_PAUSE_MS, () => void read());
    },
  };
}
