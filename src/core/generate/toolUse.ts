// The calculator in a stream of tokens: which tokens are forced after the model asked for a result. One per
// lane; knows neither sampling nor how the page shows forced tokens.
import { useCalculator } from './calculator';
import { chatTokenIds, type ChatTokenizer } from '../model/chat';

export type ToolUse = {
  /** The token that is forced next; null: the model chooses. */
  forced: () => number | null;
  /** Takes note of the next token, chosen or forced. */
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
