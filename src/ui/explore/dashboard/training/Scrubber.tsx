// One feature over the saved steps of its training: a slider, a line chart of its direction, its facts at
// that step, and its bids on its top examples at that step.
import { useCallback, useEffect, useMemo, useState, type CSSProperties } from 'react';
import { lineChart, stepScale, type LineChartData } from '../../../../charts/lineChart';
import { BIRTH_COSINE, latentLife } from '../../../../core/explore/latentLife';
import type { Example } from '../../../../engine/statistics/api';
import type { LatentReplay } from '../../../../engine/explore/api';
import { count, measure } from '../../../parts/text/numberText';
import { ChartFigure } from '../../../parts/ChartFigure';
import { Fact, Facts } from '../../../parts/Facts';
import { TokenRow } from '../../../parts/tokens/TokenRow';
import { useActions, useAppState } from '../../../storeContext';
import { lineGlyphs } from '../../../../core/text/visibleText';
import { spokenToken } from '../../../parts/tokens/tokenText';
import { activationFill } from '../../../parts/tokens/activationFill';
import { classNames } from '../../../parts/look/classNames';
import controlStyles from '../../../parts/look/controls.module.css';
import featureStyles from '../../../parts/look/feature.module.css';
import figureStyles from '../../../parts/look/figure.module.css';
import inputStyles from '../../../parts/look/inputs.module.css';
import wordStyles from '../../../parts/look/words.module.css';
import styles from './Scrubber.module.css';
import tokenStyles from '../../../parts/tokens/tokens.module.css';

/** Milliseconds of one saved step while it plays. */
const PLAY_INTERVAL = 600;

type Frame = LatentReplay['frames'][number];
type ScrubberProps = { replay: LatentReplay; examples: readonly Example[] };

export function Scrubber({ replay, examples }: ScrubberProps) {
  const { frames } = replay;
  const at = useAppState((state) => state.explore.replay.at);
  const frame = frames[at];
  if (frame === undefined) {
    return (
      <p className={wordStyles.muted}>
        No step of this run was saved: there was no room, or it was deleted.
      </p>
    );
  }
  return (
    <>
      <p className={wordStyles.small}>{lifeSentence(frames)}</p>
      <Transport frames={frames} at={at} />
      <CosineChart frames={frames} step={frame.step} />
      <FrameFacts frame={frame} />
      <Bids frames={frames} frame={frame} examples={examples} />
    </>
  );
}

function lifeSentence(frames: readonly Frame[]): string {
  const { birth, death } = latentLife(frames);
  const begun =
    birth === null
      ? 'Its direction never settled.'
      : `Its direction stayed within cosine ${BIRTH_COSINE} of the final one from step ${count(birth)} on.`;
  const ended = death === null ? 'It was alive at the end.' : `It died by step ${count(death)}.`;
  return `${count(frames.length)} saved steps. ${begun} ${ended}`;
}

function Transport({ frames, at }: { frames: readonly Frame[]; at: number }) {
  const actions = useActions();
  const [isPlaying, setPlaying] = useState(false);
  const last = frames.length - 1;
  const running = isPlaying && at < last;
  useEffect(() => {
    if (!running) return;
    const timer = setTimeout(() => actions.explore.replay.scrubTo(at + 1), PLAY_INTERVAL);
    return () => clearTimeout(timer);
  }, [running, at, actions]);
  const step = frames[at]?.step ?? 0;
  function play() {
    if (at === last) actions.explore.replay.scrubTo(0);
    setPlaying(!running);
  }
  return (
    <div className={styles.scrubber}>
      {!prefersStillness() && (
        <button type="button" className={controlStyles.button} onClick={play}>
          {running ? 'Stop' : 'Play'}
        </button>
      )}
      <input
        type="range"
        className={inputStyles.slider}
        aria-label="Saved step"
        aria-valuetext={`step ${count(step)}, ${at + 1} of ${frames.length}`}
        min={0}
        max={last}
        step={1}
        value={at}
        onChange={(event) => {
          setPlaying(false);
          actions.explore.replay.scrubTo(Number(event.target.value));
        }}
      />
      <output>step {count(step)}</output>
    </div>
  );
}

/** With reduced motion nothing moves by itself; the arrow keys do the same. */
function prefersStillness(): boolean {
  const query = '(prefers-reduced-motion: reduce)';
  return typeof window.matchMedia === 'function' && window.matchMedia(query).matches;
}

function CosineChart({ frames, step }: { frames: readonly Frame[]; step: number }) {
  const data = useMemo(
    (): LineChartData => ({
      name: 'Cosine of its direction with the final one',
      points: frames.map((frame) => ({ step: frame.step, value: frame.decoderCosine })),
      stepDomain: [0, Math.max(1, frames.at(-1)?.step ?? 1)],
      isExact: true,
    }),
    [frames],
  );
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      lineChart(data, size, document),
    [data],
  );
  return (
    <ChartFigure
      title="Direction against the final one"
      height={150}
      draw={draw}
      overlay={(width) => (
        <div
          className={figureStyles.cursor}
          style={{ left: stepScale(data.stepDomain, width)(step) }}
        />
      )}
      table={() => ({
        columns: ['step', 'decoder cosine', 'encoder norm', 'nearest other', 'dead'],
        rows: frames.map((frame) => [
          count(frame.step),
          measure(frame.decoderCosine),
          measure(frame.encoderNorm),
          nearestText(frame),
          frame.isDead ? 'yes' : 'no',
        ]),
      })}
    />
  );
}

function nearestText({ nearest }: Frame): string {
  return nearest === null ? '–' : `${nearest.latentIndex} (${measure(nearest.cosine)})`;
}

function FrameFacts({ frame }: { frame: Frame }) {
  const actions = useActions();
  const { nearest } = frame;
  return (
    <Facts>
      <Fact name="Cosine to final" title={String(frame.decoderCosine)}>
        {measure(frame.decoderCosine)}
      </Fact>
      <Fact name="Encoder norm" title={String(frame.encoderNorm)}>
        {measure(frame.encoderNorm)}
      </Fact>
      <Fact name="Then">{frame.isDead ? 'dead' : 'alive'}</Fact>
      {nearest !== null && (
        <Fact name="Nearest other then">
          <button
            type="button"
            className={controlStyles.linkButton}
            onClick={() => actions.explore.selectLatent(nearest.latentIndex)}
          >
            Feature {nearest.latentIndex}
          </button>
          <div className={classNames(wordStyles.muted, wordStyles.small)}>
            cosine {measure(nearest.cosine)}
          </div>
        </Fact>
      )}
    </Facts>
  );
}

/** One scale for all steps, so that growth shows. */
function Bids({
  frames,
  frame,
  examples,
}: {
  frames: readonly Frame[];
  frame: Frame;
  examples: readonly Example[];
}) {
  const scale = useMemo(() => Math.max(0, ...frames.flatMap(({ bids }) => bids.flat())), [frames]);
  if (frame.bids.length === 0) return null;
  return (
    <>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Its top examples as it read them at step {count(frame.step)}: what it bid on each token,
        before stronger features took their places. The model runs on these tokens alone.
      </p>
      <ol aria-label="Examples at this step">
        {examples.map((example, i) => (
          <BidRow key={i} example={example} bids={frame.bids[i] ?? []} scale={scale} rank={i + 1} />
        ))}
      </ol>
    </>
  );
}

type BidRowProps = { example: Example; bids: readonly number[]; scale: number; rank: number };

function BidRow({ example, bids, scale, rank }: BidRowProps) {
  const toMark = useCallback(
    ({ text, isSpecial }: Example['tokens'][number], i: number) => {
      const bid = isSpecial ? 0 : (bids[i] ?? 0);
      const fill = activationFill(bid, scale);
      return {
        text: lineGlyphs(text),
        className: classNames(isSpecial && tokenStyles.special, fill > 0 && tokenStyles.filled),
        style: fill > 0 ? ({ '--u': fill.toFixed(3) } as CSSProperties) : {},
        name: `${spokenToken(text)}, bid ${measure(bid)}`,
        details: [`bid ${measure(bid)}`],
      };
    },
    [bids, scale],
  );
  return (
    <li className={featureStyles.example}>
      <div className={featureStyles.exampleAct}>{measure(bids[example.peak] ?? 0)}</div>
      <TokenRow label={`Example ${rank} then`} tokens={example.tokens} toMark={toMark} />
    </li>
  );
}
