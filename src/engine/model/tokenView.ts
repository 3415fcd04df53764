// How a token is shown.
import type { Tokenizer } from '../../model/tokenizer';
import type { TokenView } from './api';

export function viewToken(tokenizer: Tokenizer, tokenId: number): TokenView {
  return {
    tokenId,
    text: tokenizer.tokenText(tokenId),
    isSpecial: tokenizer.isSpecial(tokenId),
  };
}
