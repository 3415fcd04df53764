// A latent that never fired: says so, and shows on request what comes closest to activating it.
import { openUnit } from '../../../store/model/openRows';
import { counted } from '../../../core/text/counted';
import type { ExampleToken } from '../../../engine/statistics/api';
import type { NearestMisses } from '../../../engine/explore/api';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { measure } from '../../parts/text/numberText';
import { ProblemNote } from '../../parts/Messages';
import { TokenRow } from '../../parts/tokens/TokenRow';
import type { TokenMark } from '../../parts/tokens/tokenMark';
import { useActions, useAppState } from '../../storeContext';
import { lineGlyphs } from '../../../core/text/visibleText';
import { spokenToken } from '../../parts/tokens/tokenText';
import { windowOf } from './examples/exampleWindow';
import { useAnswer } from './useAnswer';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import featureStyles from '../../parts/look/feature.module.css';
import figureStyles from '../../parts/look/figure.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';

export function DeadLatent({ latentIndex }: { latentIndex: number }) {
  const answer = useAnswer('misses', latentIndex);
  const block = useAppState(generationBlock);
  const actions = useActions();
  const unit = useAppState(openUnit);
  const isAsking = answer.status === 'loading';
  return (
    <div className={figureStyles.figure}>
      <div className={figureStyles.figureHead}>
        <h3>Nearest misses</h3>
      </div>
      {answer.status === 'ready' ? (
        <Misses misses={answer.value} />
      ) : (
        <>
          <p className={classNames(wordStyles.muted, wordStyles.small)}>
            Where it came nearest to firing, in a sample of the open{' '}
            {unit === 'row' ? 'rows' : 'text'}.
          </p>
          <div className={layoutStyles.buttonRow}>
            <button
              type="button"
              className={controlStyles.button}
              disabled={!isAsking && block !== null}
              onClick={() =>
                void (isAsking ? actions.statistics.cancel() : actions.explore.inquiry.askMisses())
              }
            >
              {isAsking ? 'Searching… Cancel' : 'Search for nearest misses'}
            </button>
            {block !== null && <span className={wordStyles.reason}>{block}</span>}
          </div>
          {answer.status === 'failed' && <ProblemNote problem={answer.problem} />}
        </>
      )}
    </div>
  );
}

function Misses({ misses }: { misses: NearestMisses }) {
  const unit = useAppState(openUnit);
  return (
    <>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Where it came nearest to firing, among {counted(misses.tokensSearched, unit)}: the highest
        values before the others were cut off{unit === 'token' && ', one a sequence'}.
      </p>
      <ol aria-label="Nearest misses">
        {misses.examples.map((example, i) => (
          <li className={featureStyles.example} key={i}>
            <div className={featureStyles.exampleAct} title={String(example.act)}>
              {measure(example.act)}
            </div>
            <TokenRow
              label={`Nearest miss ${i + 1}`}
              tokens={windowOf(example, '16').tokens}
              toMark={markMiss}
            />
          </li>
        ))}
      </ol>
    </>
  );
}

function markMiss(token: ExampleToken): TokenMark {
  const preAct = measure(token.act);
  return {
    text: lineGlyphs(token.text),
    className: token.isSpecial ? tokenStyles.special : undefined,
    style: {},
    name: `${spokenToken(token.text)}, pre-activation ${preAct}`,
    details: [`pre-activation ${preAct}`, `id ${token.tokenId}`],
  };
}
