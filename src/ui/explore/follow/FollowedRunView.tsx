// What came of reading a run: loss and reconstruction over its steps, and one feature after the other with when it was
// born.
import { useCallback, useMemo, useState } from 'react';
import { counted } from '../../../core/text/counted';
import { lineChart, type LineChartData, type LinePoint } from '../../../charts/lineChart';
import type { Size } from '../../../charts/svg';
import type { FollowedLatent } from '../../../core/explore/followedRun';
import type { FollowedRun } from '../../../engine/explore/api';
import { ChartFigure } from '../../parts/ChartFigure';
import { count, measure } from '../../parts/text/numberText';
import { useActions, useAppState } from '../../storeContext';
import { ComparedName } from '../compare/ComparedName';
import controlStyles from '../../parts/look/controls.module.css';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import styles from './FollowedRunView.module.css';

/** Weaker ones say little. */
const SHOWN = 60;
/** A stream of another length makes it many times that; how many says nothing. */
const HIGHEST_FVU = 1.5;

export function FollowedRunView({ run }: { run: FollowedRun }) {
  const { steps, unread, latents } = run;
  const chosen = useAppState((state) => state.explore.latentIndex);
  const latent = latents.find(({ latentIndex }) => latentIndex === chosen) ?? latents[0];
  const domain = useMemo(
    (): [number, number] => [0, Math.max(1, steps.at(-1)?.step ?? 1)],
    [steps],
  );
  const points = (value: (i: number) => number | null): LinePoint[] =>
    steps.flatMap(({ step }, i) => {
      const at = value(i);
      return at === null ? [] : [{ step, value: at }];
    });
  return (
    <>
      <p role="status">
        {counted(steps.length, 'checkpoint')} read
        {steps.length > 0 &&
          `, ${steps.length === 1 ? 'step' : 'steps'} ${steps.map(({ step }) => count(step)).join(', ')}`}
        .
      </p>
      <Unread unread={unread} />
      {steps.length > 0 && (
        <div className={styles.charts}>
          <StepChart
            title="Validation loss, bits per byte"
            domain={domain}
            points={points((i) => steps[i]?.valBpb ?? null)}
          />
          <StepChart
            title="Not rebuilt by the SAE (fvu)"
            domain={domain}
            values={[0, HIGHEST_FVU]}
            points={points((i) => steps[i]?.fvu ?? null)}
          />
        </div>
      )}
      {latent === undefined ? (
        steps.length > 0 && <p>No feature fires on this text. Try another one.</p>
      ) : (
        <>
          <OneLatent run={run} latent={latent} domain={domain} points={points} />
          <LatentList run={run} shown={latent.latentIndex} />
        </>
      )}
    </>
  );
}

/** Mostly one reason for all, or one that is still being written: the first is told whole. */
function Unread({ unread }: Pick<FollowedRun, 'unread'>) {
  const hasModel = useAppState((state) => state.model.open !== null);
  const [first] = unread;
  if (first === undefined) return null;
  const others = unread.length > 1 ? ` (and ${count(unread.length - 1)} more)` : '';
  return (
    <p className={wordStyles.small}>
      Step {count(first.step)}
      {others} was not read: {first.why}
      {!hasModel && '. Or open the model first: its tokenizer is taken.'}
    </p>
  );
}

type OneLatentProps = {
  run: FollowedRun;
  latent: FollowedLatent;
  domain: [number, number];
  points: (value: (i: number) => number | null) => LinePoint[];
};

function OneLatent({ run, latent, domain, points }: OneLatentProps) {
  const { latentIndex, cosines, rates } = latent;
  return (
    <section aria-label={`Feature ${latentIndex} through training`}>
      <h3 className={styles.name}>
        <ComparedName of={{ saeId: run.saeId, step: null }} latentIndex={latentIndex} />
      </h3>
      <p className={classNames(wordStyles.small, wordStyles.muted)}>{bornText(latent, run)}</p>
      <div className={styles.charts}>
        <StepChart
          title="Likeness to the end, by cosine"
          domain={domain}
          values={[0, 1]}
          points={points((i) => cosines[i] ?? null)}
        />
        <StepChart
          title="Share of tokens it fires on"
          domain={domain}
          points={points((i) => rates[i] ?? null)}
        />
      </div>
    </section>
  );
}

function bornText({ born }: FollowedLatent, { steps }: FollowedRun): string {
  if (born === null) return 'Silent on this text at the last step: the model once had it here.';
  if (born === steps.at(-1)?.step) return 'Still changing up to the last step.';
  return `Born at step ${count(born)}: from there on it fires much as it does at the end.`;
}

/** A press shows it above, and opens its dashboard beside. */
function LatentList({ run, shown }: { run: FollowedRun; shown: number }) {
  const actions = useActions();
  const [isLong, setLong] = useState(false);
  const listed = run.latents.slice(0, isLong ? undefined : SHOWN);
  return (
    <>
      <ul
        className={styles.list}
        aria-label="Features on this text, the strongest at the end first"
      >
        {listed.map(({ latentIndex, born, cosines }) => (
          <li key={latentIndex}>
            <button
              type="button"
              className={styles.latent}
              aria-pressed={latentIndex === shown}
              onClick={() => actions.explore.selectLatent(latentIndex)}
            >
              <ComparedName of={{ saeId: run.saeId, step: null }} latentIndex={latentIndex} />
              <span className={wordStyles.muted}>
                {born === null ? 'gone' : `born at ${count(born)}`}
              </span>
              <span className={styles.track} aria-hidden="true">
                {cosines.map((cosine, i) => (
                  <span key={i} style={{ opacity: Math.max(0.08, cosine) }} />
                ))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {run.latents.length > listed.length && (
        <button type="button" className={controlStyles.button} onClick={() => setLong(true)}>
          Show all {count(run.latents.length)}
        </button>
      )}
    </>
  );
}

type StepChartProps = {
  title: string;
  domain: [number, number];
  values?: [number, number];
  points: LinePoint[];
};

function StepChart({ title, domain, values, points }: StepChartProps) {
  const key = JSON.stringify([domain, values, points]);
  const data = useMemo((): LineChartData => {
    const [stepDomain, valueDomain, kept] = JSON.parse(key) as [
      [number, number],
      [number, number] | null,
      LinePoint[],
    ];
    const fixed = valueDomain === null ? {} : { valueDomain };
    return { name: title, points: kept, stepDomain, isExact: true, ...fixed };
  }, [key, title]);
  const draw = useCallback(
    (size: Size, document: Document) => lineChart(data, size, document),
    [data],
  );
  const last = points.at(-1);
  return (
    <ChartFigure
      title={title}
      value={last === undefined ? 'not recorded' : measure(last.value)}
      height={120}
      draw={draw}
      table={() => ({
        columns: ['step', title],
        rows: points.map(({ step, value }) => [count(step), measure(value)]),
      })}
    />
  );
}
