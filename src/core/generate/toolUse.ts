// The calculator in a stream of tokens: what a lane must say next after it asked for a sum. One for each
// lane; what is sampled, and what the forced tokens mean to the page, is not known here.
import { useCalculator } from './calculator';
import { chatTokenIds, type ChatTokenizer } from '../model/chat';

export type ToolUse = {
  /** The token to say next whatever the model would choose; null: the model chooses. */
  forced: () => number | null;
  /** Tells the token that was said, chosen or forced. */
  said: (tokenId: number) => void;
};

/** A tokenizer without the tokens of a tool call never forces one. */
export function makeToolUse(
  tokenizer: ChatTokenizer & { decode: (tokenIds: readonly number[]) => string },
): ToolUse {
  const special = chatTokenIds(tokenizer);
  const queue: number[] = [];
  let expression: number[] | null = null;
  return {
    forced: () => queue[0] ?? null,
    said(tokenId) {
      if (special === null) return;
      if (queue.length > 0) queue.shift();
      if (tokenId === special.pythonStart) {
        expression = [];
      } else if (tokenId === special.pythonEnd && expression !== null) {
        const result = useCalculator(tokenizer.decode(expression));
        expression = null;
        if (result === null) return;
        queue.push(special.outputStart, ...tokenizer.encodeOrdinary(result), special.outputEnd);
      } else {
        expression?.push(tokenId);
      }
    },
  };
}
