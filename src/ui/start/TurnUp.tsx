// One feature turned up: a slider, and what the model writes without and with it.
import { useEffect, useRef, useState } from 'react';
import type { SteeredText } from '../../core/explore/firstReading';
import { engineBlock } from '../../store/model/modelBlock';
import { shownToken, startReading, tellingAt } from '../../store/start/startSelectors';
import { useMedia } from '../hooks/useMedia';
import { ProblemNote } from '../parts/Messages';
import { TextLane, TurnUpLanes } from '../parts/turnUp/TurnUpLanes';
import { TurnUpSlider } from '../parts/turnUp/TurnUpSlider';
import { useActions, useAppState } from '../storeContext';
import { useStartName } from './useStartName';
import controlStyles from '../parts/look/controls.module.css';
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
  const actions = useActions();
  const [isPressed, setPressed] = useState(false);
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
          <Offer
            latentIndex={latentIndex}
            strength={baked?.strength ?? null}
            onPress={() => setPressed(true)}
          />
        ) : (
          <TurnUpSlider
            turned={turned}
            takesFocus={isPressed}
            onStrength={actions.start.setStrength}
          />
        )}
      </div>
      {turned === null ? <BakedLanes baked={baked} /> : <TurnUpLanes turned={turned} />}
      <ProblemNote problem={turned?.problem ?? turned?.run?.problem ?? null} />
    </section>
  );
}

function Name({ saeId, latentIndex }: { saeId: string; latentIndex: number }) {
  const name = useStartName(saeId, latentIndex);
  return <p className={styles.name}>{name.text}</p>;
}

type OfferProps = { latentIndex: number; strength: number | null; onPress: () => void };

function Offer({ latentIndex, strength, onPress }: OfferProps) {
  const blocked = useAppState(engineBlock);
  const actions = useActions();
  return (
    <button
      type="button"
      className={controlStyles.button}
      disabled={blocked !== null}
      title={blocked ?? 'The model writes on twice: without and with this feature turned up'}
      onClick={() => {
        onPress();
        void actions.start.turnUp(latentIndex, strength);
      }}
    >
      Turn it up
    </button>
  );
}

function BakedLanes({ baked }: { baked: SteeredText | null }) {
  if (baked === null) {
    return (
      <p className={wordStyles.muted}>
        The model writes on twice, once as it is and once with this feature turned up.
      </p>
    );
  }
  let at = 0;
  while (at < baked.with.length && baked.with[at] === baked.without[at]) at++;
  return (
    <>
      <TextLane
        name="Without"
        after={baked.prompt}
        same={baked.without}
        other=""
        isRunning={false}
      />
      <TextLane
        name="With"
        after={baked.prompt}
        same={baked.with.slice(0, at)}
        other={baked.with.slice(at)}
        isRunning={false}
      />
    </>
  );
}
