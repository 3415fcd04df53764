// What stands in place of the cards until the first of them are counted: what training saw of these features last, where
// they were trained in this visit; else the shape of what comes.
import type { SaeFacts } from '../../engine/sae/api';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { useAppState } from '../storeContext';
import { LiveCard } from '../train/live/LiveCard';
import styles from './FirstCards.module.css';

const SHAPES = 12;

export function FirstCards({ sae }: { sae: SaeFacts }) {
  const { runId, latest } = useAppState((state) => state.train.live);
  const isOfIt = sae.runId !== undefined && runId === sae.runId;
  const known = isOfIt && latest?.refusal === null && latest.step !== null ? latest : null;
  return (
    <section className={styles.first} aria-label="First cards">
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {known === null
          ? 'The text is being read for what each feature fires on: the first cards come in a moment.'
          : 'As training saw them last, while the text is read for what each feature fires on.'}
      </p>
      <ul className={styles.cards}>
        {known?.tiles.map((tile) => (
          <li key={tile.latentIndex}>
            <LiveCard tile={tile} tokens={known.tokens} sae={sae} />
          </li>
        )) ??
          Array.from({ length: SHAPES }, (_, i) => (
            <li key={i} aria-hidden="true">
              <div className={classNames(layoutStyles.skeleton, styles.shape)} />
            </li>
          ))}
      </ul>
    </section>
  );
}
