// One feature turned up: a slider, and what the model writes without and with it.
import { useEffect, useRef } from 'react';
import type { SteeredText } from '../../core/explore/firstReading';
import { shownToken, startReading, tellingAt } from '../../store/start/startSelectors';
import type { TurnedUp } from '../../store/start/startState';
import { firstDifference } from '../../store/steer/steerRequest';
import { useMedia } from '../hooks/useMedia';
import { ProblemNote } from '../parts/Messages';
import { useActions, useAppState } from '../storeContext';
import { useStartName } from './useStartName';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './TurnUp.module.css';

export function TurnUp() {
  const saeId = useAppState((state) => startReading(state)?.saeId ?? null);
  const turned = useAppState((state) => state.start.turned);
  const baked = useAppState((state) =>
    state.start.reading === null && state.start.text === null
      ? (state.start.first?.steered ?? null)
      : null,
  );
  const woken = useAppState((state) => tellingAt(state, shownToken(state))[0]?.latentIndex ?? null);
  const latentIndex = turned?.latentIndex ?? baked?.latentIndex ?? woken;
  const section = useRef<HTMLElement>(null);
  const turnedIndex = turned?.latentIndex ?? null;
  const isNarrow = useMedia('(max-width: 767px)');
  // Turned up on a card: what follows is below it.
  useEffect(() => {
    // On a phone the two texts grow below the slider: from the top they stay in sight with it.
    const block = isNarrow ? 'start' : 'nearest';
    if (turnedIndex !== null) section.current?.scrollIntoView({ block });
  }, [turnedIndex, isNarrow]);
  if (saeId === null || latentIndex === null) return null;
  return (
    <section ref={section} className={styles.turnUp} aria-labelledby="turn-up">
      <div>
        <h2 id="turn-up">Turn one up</h2>
        <Name saeId={saeId} latentIndex={latentIndex} />
        {turned === null ? (
          <Offer latentIndex={latentIndex} strength={baked?.strength ?? null} />
        ) : (
          <Slider turned={turned} />
        )}
      </div>
      {turned === null ? <BakedLanes baked={baked} /> : <Lanes turned={turned} />}
      <ProblemNote problem={turned?.problem ?? turned?.run?.problem ?? null} />
    </section>
  );
}

function Name({ saeId, latentIndex }: { saeId: string; latentIndex: number }) {
  const name = useStartName(saeId, latentIndex);
  return <p className={styles.name}>{name.text}</p>;
}

function Offer({ latentIndex, strength }: { latentIndex: number; strength: number | null }) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={controlStyles.button}
      onClick={() => void actions.start.turnUp(latentIndex, strength)}
    >
      Turn it up
    </button>
  );
}

function Slider({ turned: { strength, most } }: { turned: TurnedUp }) {
  const actions = useActions();
  const value = strength ?? 0;
  const end = most ?? Math.max(1, value);
  return (
    <>
      <input
        type="range"
        className={inputStyles.slider}
        aria-label="How far it is turned up"
        aria-valuetext={`${value.toFixed(2)} times its strongest`}
        min={0}
        max={end}
        step={0.05}
        value={value}
        disabled={most === null}
        style={
          {
            '--from': '0%',
            '--to': `${(100 * value) / end}%`,
            '--fill': 'var(--lane-steered)',
          } as React.CSSProperties
        }
        onChange={(event) => actions.start.setStrength(Number(event.target.value))}
      />
      <p className={classNames(wordStyles.muted, wordStyles.small, styles.ends)}>
        <span>off</span>
        <span>{strength === null ? '…' : `${strength.toFixed(2)} × its strongest`}</span>
      </p>
    </>
  );
}

function Lanes({ turned }: { turned: TurnedUp }) {
  const waits = useAppState((state) => state.model.open === null);
  const { run } = turned;
  if (run === null) {
    return (
      <p className={classNames(wordStyles.muted, styles.waits)} role="status">
        {waits
          ? 'The model is on its way: then it writes both texts.'
          : 'The model begins to write…'}
      </p>
    );
  }
  const { baseline, steered } = run.lanes;
  const parting = firstDifference(baseline, steered) ?? Math.min(baseline.length, steered.length);
  const textOf = (tokens: readonly { text: string }[]) => tokens.map(({ text }) => text).join('');
  return (
    <>
      <Lane name="Without" same={textOf(baseline)} other="" isRunning={run.running} />
      <Lane
        name="With"
        same={textOf(steered.slice(0, parting))}
        other={textOf(steered.slice(parting))}
        isRunning={run.running}
      />
    </>
  );
}

function BakedLanes({ baked }: { baked: SteeredText | null }) {
  if (baked === null) {
    return (
      <p className={classNames(wordStyles.muted, styles.waits)}>
        The model writes on twice, once as it is and once with this feature turned up.
      </p>
    );
  }
  let at = 0;
  while (at < baked.with.length && baked.with[at] === baked.without[at]) at++;
  return (
    <>
      <Lane name="Without" same={baked.without} other="" isRunning={false} />
      <Lane
        name="With"
        same={baked.with.slice(0, at)}
        other={baked.with.slice(at)}
        isRunning={false}
      />
    </>
  );
}

type LaneProps = { name: 'Without' | 'With'; same: string; other: string; isRunning: boolean };

/** other: what follows the first difference. */
function Lane({ name, same, other, isRunning }: LaneProps) {
  return (
    <div
      className={name === 'With' ? styles.with : styles.without}
      role="group"
      aria-label={name}
      aria-busy={isRunning}
    >
      <h3>{name}</h3>
      <p className={styles.lane}>
        …{same}
        <em>{other}</em>
        {isRunning && <span className={wordStyles.muted}> …</span>}
      </p>
    </div>
  );
}
