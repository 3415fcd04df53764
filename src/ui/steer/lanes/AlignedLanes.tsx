// Both lanes token under token: differences are filled, with the KL of each position beneath.
import { memo } from 'react';
import type { SteerSlot } from '../../../core/steer/steering';
import type { GenerationRun } from '../../../store/generate/generationRun';
import { measure } from '../../parts/text/numberText';
import { lineGlyphs } from '../../../core/text/visibleText';
import { spokenToken } from '../../parts/tokens/tokenText';
import type { Picked } from './TokenCard';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';
import styles from './AlignedLanes.module.css';

type AlignedLanesProps = {
  run: GenerationRun;
  slots: readonly SteerSlot[];
  parting: number | null;
  onPick: (picked: Picked) => void;
};

export function AlignedLanes({ run, parting, onPick }: AlignedLanesProps) {
  const { baseline, steered } = run.lanes;
  const length = Math.max(baseline.length, steered.length);
  return (
    <div className={tokenStyles.textBox}>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Above baseline, below steered, token by token; bars: KL, full at 2 nats.
      </p>
      <ol className={styles.aligned} aria-label="Lanes token by token">
        {Array.from({ length }, (_, index) => (
          <Pair
            key={index}
            index={index}
            above={baseline[index]?.text ?? null}
            below={steered[index]?.text ?? null}
            kl={steered[index]?.steered?.kl ?? null}
            isParting={index === parting}
            onPick={onPick}
          />
        ))}
      </ol>
    </div>
  );
}

type PairProps = {
  index: number;
  above: string | null;
  below: string | null;
  kl: number | null;
  isParting: boolean;
  onPick: (picked: Picked) => void;
};

const Pair = memo(function Pair({ index, above, below, kl, isParting, onPick }: PairProps) {
  const isOther = above !== below && above !== null && below !== null;
  const classes = classNames(styles.pair, isOther && styles.other, isParting && styles.divergence);
  const say = (text: string | null) => (text === null ? 'nothing' : spokenToken(text));
  const parts = [
    `Token ${index + 1}: baseline ${say(above)}, steered ${say(below)}`,
    ...(isOther ? ['they differ'] : []),
    ...(kl === null ? [] : [`KL ${measure(kl)} nats`]),
  ];
  return (
    <li>
      <button type="button" className={classes} onClick={() => onPick({ lane: 'steered', index })}>
        <span aria-hidden="true">{lineGlyphs(above ?? '·')}</span>
        <span aria-hidden="true">{lineGlyphs(below ?? '·')}</span>
        <span aria-hidden="true" className={styles.kl} style={{ inlineSize: `${klShare(kl)}%` }} />
        <span className={wordStyles.visuallyHidden}>{parts.join(', ')}</span>
      </button>
    </li>
  );
});

function klShare(kl: number | null): number {
  return kl === null ? 0 : Math.min(100, 50 * kl);
}
