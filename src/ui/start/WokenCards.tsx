// The features that the chosen word wakes, as cards.
import { useShallow } from 'zustand/react/shallow';
import type { ReadFeature } from '../../core/explore/firstReading';
import { engineBlock } from '../../store/model/modelBlock';
import {
  bakedFeature,
  shownToken,
  startReading,
  tellingAt,
} from '../../store/start/startSelectors';
import { FeatureCard } from '../parts/feature/FeatureCard';
import { FeatureCardOf } from '../parts/feature/FeatureCardOf';
import { densitySentence, densityText } from '../parts/feature/nameText';
import { count } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { useStartName } from './useStartName';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './WokenCards.module.css';

export function WokenCards() {
  const saeId = useAppState((state) => startReading(state)?.saeId ?? null);
  const word = useAppState((state) => {
    const token = shownToken(state);
    return token === null ? null : (startReading(state)?.tokens[token]?.text.trim() ?? null);
  });
  const indices = useAppState(
    useShallow((state) => tellingAt(state, shownToken(state)).map((found) => found.latentIndex)),
  );
  return (
    <section aria-labelledby="woken" className={styles.woken}>
      <div className={styles.head}>
        <h2 id="woken">{word === null ? 'Features' : `At “${word}”`}</h2>
        <AllFeatures />
      </div>
      {saeId === null ? (
        <Skeletons />
      ) : indices.length === 0 ? (
        <p className={wordStyles.muted}>Nothing wakes here. Click another word.</p>
      ) : (
        <div className={styles.cards}>
          {indices.map((latentIndex) => (
            <StartCard key={latentIndex} saeId={saeId} latentIndex={latentIndex} />
          ))}
        </div>
      )}
    </section>
  );
}

function Skeletons() {
  return (
    <div className={styles.cards} role="status" aria-label="Features are on their way">
      {[0, 1, 2, 3].map((place) => (
        <div key={place} className={layoutStyles.skeleton} style={{ height: 150 }} />
      ))}
    </div>
  );
}

function AllFeatures() {
  const features = useAppState((state) => startReading(state)?.featureCount ?? null);
  const actions = useActions();
  return (
    <button type="button" className={controlStyles.linkButton} onClick={actions.start.exploreText}>
      all {features === null ? '' : `${count(features)} `}features of this text
    </button>
  );
}

type StartCardProps = { saeId: string; latentIndex: number };

function StartCard({ saeId, latentIndex }: StartCardProps) {
  const baked = useAppState((state) => bakedFeature(state, saeId, latentIndex));
  const isChosen = useAppState((state) => state.start.turned?.latentIndex === latentIndex);
  const actions = useActions();
  const onTurnUp = () => void actions.start.turnUp(latentIndex);
  const given = { latentIndex, isChosen, onTurnUp };
  return baked === null ? (
    <FeatureCardOf saeId={saeId} {...given} />
  ) : (
    <BakedCard saeId={saeId} baked={baked} {...given} />
  );
}

type BakedCardProps = StartCardProps & {
  baked: ReadFeature;
  isChosen: boolean;
  onTurnUp: () => void;
};

/** The same card from what ships with the page, so that it does not change once statistics arrive. */
function BakedCard({ saeId, baked, onTurnUp, ...given }: BakedCardProps) {
  const blocked = useAppState(engineBlock);
  const name = useStartName(saeId, baked.latentIndex);
  const tokens = useAppState((state) => state.start.first?.countedTokens ?? 0);
  const actions = useActions();
  const row = { density: baked.density, fireCount: Math.round(baked.density * tokens) };
  return (
    <FeatureCard
      {...given}
      onTurnUp={blocked === null ? onTurnUp : undefined}
      name={name}
      evidence={{
        histogram: baked.histogram,
        maxAct: baked.maxAct,
        lines: baked.lines,
        density: densityText(row),
        densitySentence: densitySentence(row, tokens),
      }}
      onOpen={() => actions.explore.openFeature(saeId, baked.latentIndex)}
    />
  );
}
