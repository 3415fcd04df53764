// How the model's tokenizer splits a text while it is typed.
import { counted } from '../../core/text/counted';
import type { TokenView } from '../../engine/model/api';
import { ProblemNote } from '../parts/Messages';
import { TokenRow } from '../parts/tokens/TokenRow';
import type { TokenMark } from '../parts/tokens/tokenMark';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { chipGlyphs, spokenToken } from '../parts/tokens/tokenText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import tokenStyles from '../parts/tokens/tokens.module.css';

export function TokenizerPanel() {
  const text = useAppState((state) => state.model.tokenizer.text);
  const tokens = useAppState((state) => state.model.tokenizer.tokens);
  const problem = useAppState((state) => state.model.tokenizer.problem);
  const hasModel = useAppState((state) => state.model.open !== null);
  const actions = useActions();
  return (
    <section className={layoutStyles.panel} aria-labelledby="tokenizer">
      <div className={layoutStyles.panelHead}>
        <h2 id="tokenizer">Tokenizer</h2>
        {hasModel && (
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            {counted(tokens.length, 'token')}, {counted(Array.from(text).length, 'character')}
          </span>
        )}
      </div>
      <TextAreaField
        id="tokenizer-text"
        label="Text"
        help="Typed special tokens stay plain text. Ids: hover, or Tab and arrow keys."
        value={text}
        onChange={actions.model.tokenizer.setText}
      />
      <ProblemNote problem={problem} />
      {hasModel ? (
        <div className={classNames(tokenStyles.tokens, tokenStyles.chips)}>
          <span
            className={classNames(tokenStyles.token, tokenStyles.special)}
            title="Every sequence begins with it; not counted here"
          >
            BOS
          </span>
          <TokenRow
            label="Tokens"
            className={tokenStyles.chipList}
            isLone
            tokens={tokens}
            toMark={toChip}
          />
        </div>
      ) : (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Tokens appear once a model is open.
        </p>
      )}
    </section>
  );
}

function toChip(token: TokenView, index: number): TokenMark {
  return {
    text: chipGlyphs(token.text),
    className: token.isSpecial ? tokenStyles.special : undefined,
    name: `${spokenToken(token.text)}, id ${token.tokenId}`,
    details: [`id ${token.tokenId}`, `position ${index}`, ...(token.isSpecial ? ['special'] : [])],
  };
}
