// A token coloured by its activation: its appearance and its name.
import type { CSSProperties } from 'react';
import type { ExampleToken } from '../../../engine/statistics/api';
import { measure, percent } from '../../parts/text/numberText';
import type { TokenMark } from '../../parts/tokens/tokenMark';
import { lineGlyphs } from '../../../core/text/visibleText';
import { spokenToken } from '../../parts/tokens/tokenText';
import { activationFill } from '../../parts/tokens/activationFill';
import { classNames } from '../../parts/look/classNames';
import tokenStyles from '../../parts/tokens/tokens.module.css';

/** scale: the activation with full colour. */
export function markActivation(token: ExampleToken, scale: number): TokenMark {
  const fill = activationFill(token.act, scale);
  const act = measure(token.act);
  return {
    text: lineGlyphs(token.text),
    className: classNames(token.isSpecial && tokenStyles.special, fill > 0 && tokenStyles.filled),
    style: fill > 0 ? ({ '--u': fill.toFixed(3) } as CSSProperties) : {},
    name: `${spokenToken(token.text)}, activation ${act}`,
    details: [
      `id ${token.tokenId}`,
      `activation ${act}`,
      ...(token.act > 0 && scale > 0 ? [`${percent(token.act / scale)} of the maximum`] : []),
    ],
  };
}
