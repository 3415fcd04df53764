// The evidence on one latent: density, histogram, logits, examples.
import { useCallback } from 'react';
import {
  activationHistogram,
  filledBins,
  type HistogramData,
} from '../../charts/activationHistogram';
import type { LatentDashboard, LogitToken } from '../../engine/api';
import { chipGlyphs } from '../tokenText';
import { count, measure, percent, signedMeasure } from '../numberText';
import { ChartFigure } from '../parts/ChartFigure';
import { Fact, Facts } from '../parts/Facts';
import { selectedSae } from '../../store/selectors';
import { useFacts } from '../storeContext';
import { Examples } from './Examples';
import { GuessedLabel } from './GuessedLabel';
import { LatentProbe } from './LatentProbe';

export function Dashboard({ dashboard }: { dashboard: LatentDashboard }) {
  const { row, tokensSeen } = dashboard;
  const corpus = useFacts((facts) => selectedSae(facts)?.statisticsCorpus);
  return (
    <>
      <GuessedLabel dashboard={dashboard} />
      <Facts>
        <Fact name="Density" title={String(row.density)}>
          {percent(row.density)}
          <div className="muted small">
            {count(row.fireCount)} of {count(tokensSeen)} tokens
          </div>
        </Fact>
        <Fact name="Max activation" title={String(row.maxAct)}>
          {measure(row.maxAct)}
        </Fact>
        <Fact name="Mean when firing" title={String(row.meanAct)}>
          {measure(row.meanAct)}
        </Fact>
      </Facts>
      <div className="dash-pair">
        {row.fireCount > 0 && <Histogram dashboard={dashboard} />}
        <Logits dashboard={dashboard} />
      </div>
      <LatentProbe dashboard={dashboard} />
      {row.fireCount > 0 && (
        <Examples examples={dashboard.topExamples} maxAct={row.maxAct} corpus={corpus} />
      )}
    </>
  );
}

function Histogram({ dashboard }: { dashboard: LatentDashboard }) {
  const { histogram, row } = dashboard;
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      activationHistogram({ ...histogram, maxAct: row.maxAct }, size, document),
    [histogram, row.maxAct],
  );
  const data: HistogramData = { ...histogram, maxAct: row.maxAct };
  return (
    <ChartFigure
      title="Activations when firing, log counts"
      height={196}
      draw={draw}
      table={() => ({
        columns: ['from', 'to', 'tokens'],
        rows: filledBins(data).map((bin) => [measure(bin.from), measure(bin.to), count(bin.count)]),
      })}
    />
  );
}

function Logits({ dashboard }: { dashboard: LatentDashboard }) {
  return (
    <div className="figure">
      <div className="figure-head">
        <h3>Logits, direct path only</h3>
      </div>
      <div className="logit-pair">
        <LogitList title="Promotes" className="logit-list logit-up" tokens={dashboard.topLogits} />
        <LogitList
          title="Suppresses"
          className="logit-list logit-down"
          tokens={dashboard.bottomLogits}
        />
      </div>
    </div>
  );
}

type LogitListProps = { title: string; className: string; tokens: readonly LogitToken[] };

function LogitList({ title, className, tokens }: LogitListProps) {
  return (
    <div>
      <h4 className="muted small">{title}</h4>
      <ol className={className} aria-label={`${title}, top ${tokens.length}`}>
        {tokens.map((token) => (
          <li key={token.tokenId} title={`id ${token.tokenId}, ${token.value}`}>
            <span className="mono">{chipGlyphs(token.text)}</span>
            <span className="value">{signedMeasure(token.value)}</span>
          </li>
        ))}
      </ol>
      {tokens.length === 0 && <p className="muted small">Needs the model.</p>}
    </div>
  );
}
