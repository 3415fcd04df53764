// Two SAEs side by side: latents matched by decoder direction, what each fires on, and what has no partner.
import { useMemo, useRef, useState } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { LatentMatch } from '../../core/matchLatents';
import type { LatentDashboard, SaeComparison, SaeFacts } from '../../engine/api';
import { selectedSae } from '../../store/selectors';
import { count, measure, percent } from '../numberText';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { saeOption } from '../parts/saeOption';
import { Segmented } from '../parts/Segmented';
import { SelectField } from '../parts/SelectField';
import { useActions, useFacts } from '../storeContext';
import { chipGlyphs, proseGlyphs } from '../tokenText';
import { windowOf } from './exampleWindow';

export function ComparePanel() {
  const sae = useFacts(selectedSae);
  const list = useFacts((facts) => facts.saes.list);
  const others = (list ?? []).filter(
    ({ saeId, d_in }) => saeId !== sae?.saeId && d_in === sae?.d_in,
  );
  const { running, result, problem } = useFacts((facts) => facts.comparison);
  const progress = useFacts((facts) => facts.progress.comparison);
  const [wanted, setWanted] = useState<string | null>(null);
  const { compareSaes, cancelComparison } = useActions();
  if (sae === null) return null;
  const other = others.find(({ saeId }) => saeId === wanted) ?? others[0];
  if (other === undefined) {
    return (
      <div className="empty">
        <strong>Nothing to compare with</strong>
        <p>Train or import a second SAE on activations of {count(sae.d_in)} dimensions.</p>
      </div>
    );
  }
  const isShown = result?.saeId === sae.saeId && result.otherId === other.saeId;
  return (
    <div className="stack">
      <SelectField
        id="compare-with"
        label="Compare with"
        value={other.saeId}
        options={others.map(saeOption)}
        onChange={setWanted}
      />
      {other.hookPoint !== sae.hookPoint && (
        <p className="muted small">
          They read different places ({sae.hookPoint}, {other.hookPoint}): directions may agree
          where features do not.
        </p>
      )}
      <div className="button-row">
        {running ? (
          <button type="button" className="button" onClick={() => void cancelComparison()}>
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="button"
            onClick={() => void compareSaes(sae.saeId, other.saeId)}
          >
            Match features
          </button>
        )}
      </div>
      {progress !== null && <ProgressBar label="Comparison" progress={progress} />}
      <ProblemNote problem={problem} />
      {isShown && <Matching result={result} other={other} />}
    </div>
  );
}

type Part = 'pairs' | 'here' | 'there';

function Matching({ result, other }: { result: SaeComparison; other: SaeFacts }) {
  const [part, setPart] = useState<Part>('pairs');
  const pairs = useMemo(() => result.matches.filter(({ isMutual }) => isMutual), [result]);
  const alone = useMemo(() => result.matches.filter(({ isMutual }) => !isMutual), [result]);
  const parts: { value: Part; label: string }[] = [
    { value: 'pairs', label: `Matched ${count(pairs.length)}` },
    { value: 'here', label: `Only here ${count(alone.length)}` },
    { value: 'there', label: `Only there ${count(result.unmatchedOthers.length)}` },
  ];
  const mean = pairs.reduce((sum, { cosine }) => sum + cosine, 0) / Math.max(1, pairs.length);
  const close = pairs.filter(({ cosine }) => cosine > 0.9).length;
  return (
    <>
      <p className="small" role="status">
        {count(pairs.length)} features are each other’s nearest direction: mean cosine{' '}
        {measure(mean)}, {count(close)} above 0.9.
      </p>
      <OpenPair other={other} />
      <Segmented label="Which features" value={part} options={parts} onChange={setPart} />
      {part === 'there' ? (
        <p className="small mono wrap-anywhere">
          {result.unmatchedOthers.length === 0
            ? 'None.'
            : Array.from(result.unmatchedOthers.subarray(0, 500)).join(', ')}
          {result.unmatchedOthers.length > 500 ? ', …' : ''}
        </p>
      ) : (
        <Pairs key={part} matches={part === 'pairs' ? pairs : alone} />
      )}
    </>
  );
}

const ROW_HEIGHT = 34;

function Pairs({ matches }: { matches: readonly LatentMatch[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const open = useFacts((facts) => facts.comparison.open?.match ?? null);
  const { openMatch, selectLatent } = useActions();
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is compiled by React Compiler
  const virtual = useVirtualizer({
    count: matches.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  if (matches.length === 0) return <p className="small">None.</p>;
  return (
    <div className="grid-scroll pair-scroll" ref={scroller}>
      <ul
        className="pair-list"
        aria-label="Pairs, by cosine"
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const match = matches[index];
          if (match === undefined) return null;
          return (
            <li key={match.latentIndex} style={{ transform: `translateY(${start}px)` }}>
              <button
                type="button"
                className="pair-row"
                aria-label={`${match.latentIndex} and ${match.otherIndex}, cosine ${measure(match.cosine)}`}
                aria-pressed={open?.latentIndex === match.latentIndex}
                onClick={() => {
                  selectLatent(match.latentIndex);
                  void openMatch(match);
                }}
              >
                <span>{match.latentIndex}</span>
                <span>{match.isMutual ? '↔' : '→'}</span>
                <span>{match.otherIndex}</span>
                <span className="muted">cosine {measure(match.cosine)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function OpenPair({ other }: { other: SaeFacts }) {
  const open = useFacts((facts) => facts.comparison.open);
  const sae = useFacts(selectedSae);
  if (open === null || sae === null) return null;
  const { match, here, there, problem } = open;
  return (
    <section className="pair-open" aria-label="The pair side by side">
      <Side name={`${sae.name}, feature ${match.latentIndex}`} dashboard={here} />
      <Side name={`${other.name}, feature ${match.otherIndex}`} dashboard={there} />
      <ProblemNote problem={problem} />
    </section>
  );
}

function Side({ name, dashboard }: { name: string; dashboard: LatentDashboard | null }) {
  return (
    <div>
      <h3 className="wrap-anywhere">{name}</h3>
      {dashboard === null ? (
        <p className="muted small">No statistics to show.</p>
      ) : (
        <>
          <p className="small">
            {percent(dashboard.row.density)} of tokens, max {measure(dashboard.row.maxAct)}
          </p>
          <p className="small mono">
            {dashboard.topLogits
              .slice(0, 5)
              .map(({ text }) => chipGlyphs(text))
              .join('  ')}
          </p>
          <ol className="pair-examples" aria-label={`Top examples of ${name}`}>
            {dashboard.topExamples.slice(0, 3).map((example, i) => {
              const { tokens, start } = windowOf(example, '5');
              return (
                <li key={i}>
                  {tokens.map((token, at) => {
                    const text = proseGlyphs(token.text);
                    return start + at === example.peak ? <strong key={at}>{text}</strong> : text;
                  })}
                </li>
              );
            })}
          </ol>
        </>
      )}
    </div>
  );
}
