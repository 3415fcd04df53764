// Two SAEs, or one at two steps of its training, side by side: latents matched by decoder direction, the
// tokens they promote or fire on, and those without a partner.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { HookPoint } from '../../../core/activations/hookPoint';
import { saeName } from '../../../core/sae/saeName';
import { counted } from '../../../core/text/counted';
import type { LatentMatch } from '../../../core/explore/matchLatents';
import type { LogitToken } from '../../../engine/sae/api';
import type { ComparedSae, SaeComparison } from '../../../engine/explore/api';
import type { PairSide } from '../../../store/explore/comparisonState';
import type { AppState } from '../../../store/state';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { progressOf } from '../../../store/progress';
import { useVirtualLines } from '../../hooks/useVirtualLines';
import { Term } from '../../parts/text/Term';
import { count, measure } from '../../parts/text/numberText';
import { hookText } from '../../parts/text/hookText';
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { FeatureCardOf } from '../../parts/feature/FeatureCardOf';
import { saeOption } from '../../parts/saeOption';
import { Segmented } from '../../parts/fields/Segmented';
import { SelectField } from '../../parts/fields/SelectField';
import { useActions, useAppState } from '../../storeContext';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import { ComparedName } from './ComparedName';
import styles from './ComparePanel.module.css';

/** What the chosen SAE can be compared with. */
type Partner = ComparedSae & {
  key: string;
  /** in the list of what to compare with, and above its side of a pair */
  label: string;
  name: string;
  hookPoint: HookPoint;
};

export function ComparePanel() {
  const sae = useAppState(selectedSae);
  const partners = usePartners();
  const { running, result, problem } = useAppState((state) => state.explore.comparison);
  const progress = useAppState(progressOf('comparison'));
  const [wanted, setWanted] = useState<string | null>(null);
  const actions = useActions();
  if (sae === null) return null;
  const other = partners.find(({ key }) => key === wanted) ?? partners[0];
  if (other === undefined) {
    return (
      <div className={layoutStyles.empty}>
        <strong>Nothing to compare with</strong>
        <p>It takes a second SAE of this model: train one, or drop its files here.</p>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => actions.train.form.trainOn(sae.hookPoint)}
        >
          Train one here
        </button>
        <ProblemNote problem={problem} />
      </div>
    );
  }
  const { saeId, step } = other;
  const isShown =
    result?.saeId === sae.saeId && result.other.saeId === saeId && result.other.step === step;
  return (
    <div className={layoutStyles.stack}>
      <SelectField
        id="compare-with"
        label="Compare with"
        value={other.key}
        options={partners.map(({ key, label }) => ({ value: key, label }))}
        onChange={setWanted}
      />
      {other.hookPoint !== sae.hookPoint && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          They read different places ({hookText(sae.hookPoint)}, {hookText(other.hookPoint)}):
          directions may agree where features do not.
        </p>
      )}
      <div className={layoutStyles.buttonRow}>
        {running ? (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.comparison.cancel()}
          >
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.explore.comparison.start(sae.saeId, { saeId, step })}
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

/** Other SAEs of the same width, then this one at the saved steps of its training. */
function usePartners(): Partner[] {
  const sae = useAppState(selectedSae);
  const list = useAppState((state) => state.sae.list);
  const steps = useAppState(savedStepsOfSelected);
  const actions = useActions();
  const saeId = sae?.saeId;
  useEffect(() => {
    if (saeId !== undefined) void actions.explore.comparison.readSavedSteps(saeId);
  }, [saeId, actions]);
  return useMemo(() => {
    if (sae === null) return [];
    const others = (list ?? [])
      .filter((one) => one.saeId !== sae.saeId && one.d_in === sae.d_in)
      .map((one) => {
        const { value: key, label } = saeOption(one);
        return { ...one, step: null, key, label, name: saeName(one) };
      });
    const before = steps.map((step) => ({
      ...sae,
      step,
      key: `step ${step}`,
      name: `step ${count(step)}`,
      label: `This SAE at step ${count(step)} of its training`,
    }));
    return [...others, ...before];
  }, [sae, list, steps]);
}

const NO_STEPS: readonly number[] = [];

function savedStepsOfSelected({ explore: { comparison }, sae }: AppState): readonly number[] {
  const { saved } = comparison;
  return saved?.saeId === sae.selectedId ? saved.steps : NO_STEPS;
}

type Part = 'pairs' | 'here' | 'there';

function Matching({ result, other }: { result: SaeComparison; other: Partner }) {
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
  const kept = pairs.filter(({ latentIndex, otherIndex }) => latentIndex === otherIndex).length;
  return (
    <>
      <p className={wordStyles.small} role="status">
        {pairs.length === 0
          ? 'No two features are each other’s nearest direction.'
          : `${counted(pairs.length, 'pair')} of features, each the other’s nearest direction: `}
        {pairs.length > 0 && (
          <>
            <Term of="Cosine">cosine</Term> {measure(mean)} on average, {count(close)} above 0.9.
          </>
        )}
        {result.other.saeId === result.saeId && ` ${count(kept)} kept their number.`}
      </p>
      <OpenPair other={other} />
      <Segmented label="Which features" value={part} options={parts} onChange={setPart} />
      {part === 'there' ? (
        <OnlyThere result={result} />
      ) : (
        <Pairs key={part} result={result} matches={part === 'pairs' ? pairs : alone} />
      )}
    </>
  );
}

const ROW_HEIGHT = 34;
/** Of those without a partner: more say no more. */
const SHOWN_ALONE = 48;

function OnlyThere({ result: { other, unmatchedOthers } }: { result: SaeComparison }) {
  if (unmatchedOthers.length === 0) return <p className={wordStyles.small}>None.</p>;
  const more = unmatchedOthers.length - SHOWN_ALONE;
  return (
    <>
      <ul className={styles.alone} aria-label="Features only there">
        {Array.from(unmatchedOthers.subarray(0, SHOWN_ALONE), (latentIndex) => (
          <li key={latentIndex}>
            <ComparedName of={other} latentIndex={latentIndex} />
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className={classNames(wordStyles.small, wordStyles.muted)}>and {count(more)} more</p>
      )}
    </>
  );
}

type PairsProps = { result: SaeComparison; matches: readonly LatentMatch[] };

function Pairs({ result, matches }: PairsProps) {
  const here = useMemo(() => ({ saeId: result.saeId, step: null }), [result]);
  const scroller = useRef<HTMLDivElement>(null);
  const open = useAppState((state) => state.explore.comparison.open?.match ?? null);
  const actions = useActions();
  const virtual = useVirtualLines({
    scroller,
    count: matches.length,
    height: ROW_HEIGHT,
    overscan: 8,
  });
  if (matches.length === 0) return <p className={wordStyles.small}>None.</p>;
  return (
    <div className={styles.scroll} ref={scroller}>
      <p className={classNames(wordStyles.small, wordStyles.muted, styles.pairHead)}>
        <span>here</span>
        <span />
        <span>there</span>
        <span>cosine</span>
      </p>
      <ul
        className={styles.pairs}
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
                className={styles.pair}
                aria-pressed={open?.latentIndex === match.latentIndex}
                onClick={() => void actions.explore.comparison.openPair(match)}
              >
                <ComparedName of={here} latentIndex={match.latentIndex} />{' '}
                <span aria-hidden="true">{match.isMutual ? '↔' : '→'}</span>
                <ComparedName of={result.other} latentIndex={match.otherIndex} />{' '}
                <span className={wordStyles.muted}>{measure(match.cosine)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function OpenPair({ other }: { other: Partner }) {
  const open = useAppState((state) => state.explore.comparison.open);
  const sae = useAppState(selectedSae);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // Who chose a pair far down sees it, also when its sides have come.
    if (open !== null) section.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  if (open === null || sae === null) return null;
  const { match, here, there, problem } = open;
  return (
    <section ref={section} className={styles.open} aria-label="The pair side by side">
      <Side
        name={`${saeName(sae)}, feature ${match.latentIndex}`}
        saeId={sae.saeId}
        latentIndex={match.latentIndex}
        side={here}
      />
      <Side
        name={`${other.name}, feature ${match.otherIndex}`}
        saeId={other.saeId}
        latentIndex={match.otherIndex}
        side={there}
      />
      <ProblemNote problem={problem} />
    </section>
  );
}

type SideProps = { name: string; saeId: string; latentIndex: number; side: PairSide | null };

function Side({ name, saeId, latentIndex, side }: SideProps) {
  return (
    <div>
      <h3 className={wordStyles.wrapAnywhere}>{name}</h3>
      {side === null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>Nothing to show.</p>
      )}
      {side?.kind === 'moment' && (
        <>
          <p className={wordStyles.small}>What its direction promoted then:</p>
          <Promoted tokens={side.of.topLogits} />
        </>
      )}
      {side?.kind === 'dashboard' && (
        <>
          <FeatureCardOf saeId={saeId} latentIndex={latentIndex} />
          <p className={wordStyles.small}>What its direction promotes:</p>
          <Promoted tokens={side.of.topLogits} />
        </>
      )}
    </div>
  );
}

function Promoted({ tokens }: { tokens: readonly LogitToken[] }) {
  return (
    <p className={classNames(wordStyles.small, wordStyles.mono)}>
      {tokens
        .slice(0, 5)
        .map(({ text }) => chipGlyphs(text))
        .join('  ')}
    </p>
  );
}
