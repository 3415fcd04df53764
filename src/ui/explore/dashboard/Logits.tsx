// The tokens that a latent's direction promotes and suppresses, and the whole vocabulary on request.
import { useCallback } from 'react';
import { logitHistogram } from '../../../charts/logitHistogram';
import type { LogitHistogram, LogitToken } from '../../../engine/sae/api';
import type { LatentDashboard } from '../../../engine/statistics/api';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { count, measure, signedMeasure } from '../../parts/text/numberText';
import { Term } from '../../parts/text/Term';
import { ChartFigure } from '../../parts/ChartFigure';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useAppState } from '../../storeContext';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { useAnswer } from './useAnswer';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import featureStyles from '../../parts/look/feature.module.css';
import figureStyles from '../../parts/look/figure.module.css';
import wordStyles from '../../parts/look/words.module.css';

type LogitsProps = {
  dashboard: LatentDashboard;
  /** as it was received: the model is not asked */
  isShared?: boolean;
};

export function Logits({ dashboard, isShared = false }: LogitsProps) {
  return (
    <section className={figureStyles.figure} aria-label="Promotes and suppresses">
      <div className={featureStyles.logitPair}>
        <LogitList
          title="Promotes"
          className={classNames(featureStyles.logitList, featureStyles.promotes)}
          tokens={dashboard.topLogits}
        />
        <LogitList
          title="Suppresses"
          className={classNames(featureStyles.logitList, featureStyles.demotes)}
          tokens={dashboard.bottomLogits}
        />
      </div>
      {!isShared && <WholeVocabulary latentIndex={dashboard.row.latentIndex} />}
    </section>
  );
}

type LogitListProps = { title: string; className: string; tokens: readonly LogitToken[] };

function LogitList({ title, className, tokens }: LogitListProps) {
  return (
    <div>
      <h3>
        <Term of="Direct-path logits">{title}</Term>
      </h3>
      <ol className={className} aria-label={`${title}, top ${tokens.length}`}>
        {tokens.map((token) => (
          <li key={token.tokenId} title={`id ${token.tokenId}, ${token.value}`}>
            <span className={wordStyles.mono}>{chipGlyphs(token.text)}</span>
            <span className={featureStyles.value}>{signedMeasure(token.value)}</span>
          </li>
        ))}
      </ol>
      {tokens.length === 0 && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>Needs the model.</p>
      )}
    </div>
  );
}

function WholeVocabulary({ latentIndex }: { latentIndex: number }) {
  const answer = useAnswer('logits', latentIndex);
  const block = useAppState(generationBlock);
  const actions = useActions();
  if (answer.status === 'ready') return <HistogramOfLogits data={answer.value} />;
  return (
    <div>
      <button
        type="button"
        className={classNames(controlStyles.linkButton, wordStyles.small)}
        disabled={answer.status === 'loading' || block !== null}
        title={block ?? 'Multiplies the direction with the whole unembedding'}
        onClick={() => void actions.explore.inquiry.askLogits()}
      >
        {answer.status === 'loading' ? 'Computing…' : 'Whole vocabulary'}
      </button>
      {answer.status === 'failed' && <ProblemNote problem={answer.problem} />}
    </div>
  );
}

function HistogramOfLogits({ data }: { data: LogitHistogram }) {
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      logitHistogram(data, size, document),
    [data],
  );
  const edge = (bin: number) => measure(data.from + bin * data.binWidth);
  return (
    <ChartFigure
      title="All tokens by logit"
      height={120}
      draw={draw}
      table={() => ({
        columns: ['from', 'to', 'tokens'],
        rows: data.counts.map((tokens, bin) => [edge(bin), edge(bin + 1), count(tokens)]),
      })}
    />
  );
}
