// Two texts in step: baseline and steered, where they part, and how strong the push was at each token.
import { useCallback, useMemo } from 'react';
import { strengthStrip, type StrengthStripData } from '../../charts/strengthStrip';
import type { GeneratedToken, TokenView } from '../../engine/api';
import type { GenerationRun, Lane } from '../../store/facts';
import { STRENGTH_LIMIT } from '../../store/steerActions';
import { count, signed } from '../numberText';
import { ChartFigure } from '../parts/ChartFigure';
import { BAR_LEGEND, markGenerated, markPrompt } from '../parts/generatedMarks';
import { ProblemNote } from '../parts/Messages';
import { END_WORDS } from '../parts/sampling';
import { SentenceReader } from '../parts/SentenceReader';
import { TokenRow } from '../parts/TokenRow';
import { useFacts } from '../storeContext';
import { StrengthSlider } from './StrengthDial';
import { firstDivergence } from './strengthText';

export function LanesPanel() {
  const run = useFacts((facts) => facts.steer.run);
  return (
    <section className="panel" aria-label="Texts">
      {run === null ? <NoText /> : <Lanes run={run} />}
    </section>
  );
}

function NoText() {
  return (
    <div className="empty">
      <strong>Two texts, one difference</strong>
      <p>
        Press Generate. Both lanes draw with the same noise, so they stay equal until the feature
        makes them part. Move the dial while they stream: the next token obeys.
      </p>
    </div>
  );
}

function Lanes({ run }: { run: GenerationRun }) {
  const { baseline, steered } = run.lanes;
  const parting = useMemo(() => firstDivergence(baseline, steered), [baseline, steered]);
  return (
    <>
      <ProblemNote problem={run.problem} />
      <div className="lanes">
        <LaneView name="Baseline" lane="baseline" run={run} parting={parting} />
        <LaneView name="Steered" lane="steered" run={run} parting={parting} />
      </div>
      {run.running && (
        <div className="dock phone-only">
          <StrengthSlider id="strength-dock" label="Strength of the next token" />
        </div>
      )}
      <p className="muted small">{laneStatus(run, parting)}</p>
      <Strip tokens={steered} />
      <SentenceReader tokens={steered} />
    </>
  );
}

type LaneViewProps = { name: string; lane: Lane; run: GenerationRun; parting: number | null };

function LaneView({ name, lane, run, parting }: LaneViewProps) {
  const tokens = run.lanes[lane];
  const toMark = useCallback(
    (token: GeneratedToken, index: number) => {
      const mark = markGenerated(token);
      if (index !== parting) return mark;
      return {
        ...mark,
        className: `${mark.className ?? ''} divergence`,
        name: `${mark.name}, first difference`,
        details: ['first difference', ...mark.details],
      };
    },
    [parting],
  );
  return (
    <div className={`lane ${lane}`} role="group" aria-label={`${name} lane`}>
      <div className="lane-head">
        <h2>{name}</h2>
        <span className="muted">{count(tokens.length)} tokens</span>
      </div>
      <div className="text-box">
        <PromptRow name={name} prompt={run.prompt} />
        <TokenRow
          label={`${name} text`}
          className="tokens inline"
          tokens={tokens}
          toMark={toMark}
        />
      </div>
    </div>
  );
}

function PromptRow({ name, prompt }: { name: string; prompt: readonly TokenView[] }) {
  return (
    <TokenRow
      label={`${name} prompt`}
      className="tokens inline"
      tokens={prompt}
      toMark={markPrompt}
    />
  );
}

function laneStatus(run: GenerationRun, parting: number | null): string {
  const apart =
    parting === null
      ? 'Both lanes agree so far.'
      : `The lanes part at token ${parting + 1}, marked by a red rule.`;
  const end = run.reason === null ? '' : ` Ended: ${END_WORDS[run.reason]}.`;
  return `${apart}${end} ${BAR_LEGEND}`;
}

function Strip({ tokens }: { tokens: readonly GeneratedToken[] }) {
  const length = useFacts((facts) => facts.steer.form.maxTokens);
  const data = useMemo(
    (): StrengthStripData => ({
      strengths: tokens.map((token) => token.values[0] ?? 0),
      length: Math.max(length, tokens.length),
      limit: STRENGTH_LIMIT,
    }),
    [tokens, length],
  );
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      strengthStrip(data, size, document),
    [data],
  );
  return (
    <ChartFigure
      title="Strength over tokens, × max activation"
      height={72}
      draw={draw}
      table={() => ({
        columns: ['token', 'strength'],
        rows: data.strengths.map((strength, i) => [count(i + 1), signed(strength)]),
      })}
    />
  );
}
