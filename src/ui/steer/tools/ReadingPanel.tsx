// The active features of any text: press a token to see its strongest features at each hook, sorted.
import { useCallback, useMemo, useState } from 'react';
import type { TokenLatents } from '../../../core/steer/steeringReport';
import type { TokenView } from '../../../engine/model/api';
import { generationBlock, isGenerating } from '../../../store/generate/generateSelectors';
import { rowOf } from '../../../store/steer/steerSelectors';
import { saeOf } from '../../../store/sae/saeSelectors';
import { measure } from '../../parts/text/numberText';
import { hookText } from '../../parts/text/hookText';
import { ProblemNote } from '../../parts/Messages';
import type { TokenMark } from '../../parts/tokens/tokenMark';
import { TokenRow } from '../../parts/tokens/TokenRow';
import { TextAreaField } from '../../parts/fields/TextAreaField';
import { lineGlyphs } from '../../../core/text/visibleText';
import { spokenToken } from '../../parts/tokens/tokenText';
import { useActions, useAppState, useReadState } from '../../storeContext';
import { FeatureRow } from './FeatureStreamPanel';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';
import styles from './ReadingPanel.module.css';

export function ReadingPanel() {
  const { text, run } = useAppState((state) => state.steer.reading);
  const blocked = useAppState(generationBlock);
  const busy = useAppState(isGenerating);
  const actions = useActions();
  return (
    <section className={layoutStyles.panel} aria-label="Active features of a text">
      <h2>Active features of a text</h2>
      <TextAreaField
        id="reading-text"
        label="Text to read"
        help={blocked ?? (busy && run?.running !== true ? 'Waits for the text being made.' : '')}
        value={text}
        onChange={actions.steer.reading.setText}
      />
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          disabled={blocked !== null || busy || text.trim() === ''}
          onClick={() => void actions.steer.reading.run()}
        >
          Read its features
        </button>
      </div>
      {run !== null && (
        <>
          <ProblemNote problem={run.problem} />
          <ReadTokens key={run.generationId} prompt={run.prompt} latents={run.latents} />
        </>
      )}
    </section>
  );
}

type ReadTokensProps = { prompt: readonly TokenView[]; latents: readonly TokenLatents[] };

function ReadTokens({ prompt, latents }: ReadTokensProps) {
  const [picked, setPicked] = useState<number | null>(null);
  const readState = useReadState();
  const byPosition = useMemo(() => {
    const places = new Map<number, TokenLatents[]>();
    for (const token of latents) {
      places.set(token.position, [...(places.get(token.position) ?? []), token]);
    }
    return places;
  }, [latents]);
  const toMark = useCallback(
    (token: TokenView, index: number): TokenMark => {
      const [first] = byPosition.get(index) ?? [];
      const best = first?.latents[0];
      const row =
        first === undefined || best === undefined
          ? null
          : rowOf(readState(), first.saeId, best.latentIndex);
      const share =
        best === undefined || row === null || row.maxAct <= 0 ? 0 : best.act / row.maxAct;
      const said =
        best === undefined
          ? 'no features reported'
          : `feature ${best.latentIndex} ${measure(best.act)}`;
      return {
        text: lineGlyphs(token.text),
        className: token.isSpecial
          ? classNames(tokenStyles.filled, tokenStyles.special)
          : tokenStyles.filled,
        style: { '--u': Math.min(1, Math.log10(1 + 9 * share)).toFixed(3) } as React.CSSProperties,
        name: `${spokenToken(token.text)}, strongest: ${said}`,
        details: [`strongest: ${said}`, `id ${token.tokenId}`],
      };
    },
    [byPosition, readState],
  );
  if (prompt.length === 0) return null;
  const shown = picked === null ? [] : (byPosition.get(picked) ?? []);
  return (
    <>
      <TokenRow
        label="Text that was read"
        className={tokenStyles.tokens}
        tokens={prompt}
        toMark={toMark}
        picked={picked}
        onPick={setPicked}
      />
      {picked === null ? (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Press a token: its strongest features, hook by hook.
        </p>
      ) : (
        <div className={styles.streams}>
          {shown.length === 0 && (
            <p className={classNames(wordStyles.muted, wordStyles.small)}>
              No features were reported for this token.
            </p>
          )}
          {shown.map((token) => (
            <HookFeatures key={`${token.saeId} ${token.hook}`} token={token} />
          ))}
        </div>
      )}
    </>
  );
}

function HookFeatures({ token }: { token: TokenLatents }) {
  const name = useAppState((state) => saeOf(state, token.saeId)?.name ?? token.saeId);
  const sorted = [...token.latents].sort((a, b) => b.act - a.act);
  return (
    <div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {name}, <span title={token.hook}>{hookText(token.hook)}</span>
      </p>
      <ol className={styles.rows} aria-label={`Active features, ${hookText(token.hook)}`}>
        {sorted.map(({ latentIndex, act }) => (
          <FeatureRow
            key={latentIndex}
            saeId={token.saeId}
            latentIndex={latentIndex}
            act={act}
            peak={null}
            isPinned={false}
            onPin={null}
          />
        ))}
      </ol>
    </div>
  );
}
