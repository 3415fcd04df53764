// A generation request: the prompt as tokens, the bounds of every number, and how a token is shown.
import { counted } from '../../core/text/counted';
import { renderForReply } from '../../core/model/chat';
import { ConfigError } from '../../core/errors';
import type { Tokenizer } from '../../model/tokenizer';
import type { GenerationRequest } from './api';

/** Throws ConfigError naming field, value and bound. */
export function checkRequest(
  request: GenerationRequest,
  promptLength: number,
  sequenceLen: number,
): void {
  const check = (isFine: boolean, field: keyof GenerationRequest, rule: string) => {
    if (!isFine)
      throw new ConfigError(`${field} must be ${rule}: ${JSON.stringify(request[field])}`, field);
  };
  const { maxTokens, temperature, topK, seed } = request;
  check(Number.isInteger(maxTokens) && maxTokens >= 1, 'maxTokens', 'a whole number from 1');
  check(temperature >= 0 && temperature <= 10, 'temperature', 'from 0 to 10');
  check(Number.isInteger(topK) && topK >= 0, 'topK', 'a whole number from 0 (0: all tokens)');
  check(Number.isInteger(seed) && seed >= 0, 'seed', 'a whole number from 0');
  if (promptLength > sequenceLen) {
    const what = typeof request.prompt === 'string' ? 'prompt' : 'conversation';
    throw new ConfigError(
      `The ${what} has ${counted(promptLength, 'token')}; this model reads at most ${sequenceLen}.`,
      'prompt',
    );
  }
}

/** Throws ConfigError if a token is not one of the model's. */
export function checkPrefix({ prefix }: GenerationRequest, vocabSize: number): void {
  for (const tokenId of Object.values(prefix ?? {}).flat()) {
    if (Number.isInteger(tokenId) && tokenId >= 0 && tokenId < vocabSize) continue;
    throw new ConfigError(
      `A token to begin with must be a whole number from 0 to ${vocabSize - 1}: ${tokenId}`,
      'prefix',
    );
  }
}

export function encodePrompt(
  tokenizer: Tokenizer,
  prompt: GenerationRequest['prompt'],
): Int32Array {
  return Int32Array.from(
    typeof prompt === 'string'
      ? [tokenizer.specialTokenId('<|bos|>'), ...tokenizer.encodeOrdinary(prompt)]
      : renderForReply(prompt, tokenizer),
  );
}
