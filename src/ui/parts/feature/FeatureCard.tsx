// The one picture of a feature, the same wherever one is met. Plain: all it shows and does is handed in; FeatureCardOf
// takes it from the store.
import type { ReactNode } from 'react';
import type { ContextLine } from '../../../core/statistics/contextLines';
import type { FeatureName } from '../../../core/statistics/featureName';
import { classNames } from '../look/classNames';
import { ContextLines } from './ContextLines';
import { nameSource, SCORE_MEANING } from './nameText';
import { Sparkline } from './Sparkline';
import styles from './FeatureCard.module.css';

/** What is known of the feature's firing. Live training has it from its last batches, Explore from statistics. */
export type CardEvidence = {
  /** firing tokens per slice of (0, maxAct], weakest first; any number of slices */
  histogram: readonly number[];
  /** largest activation: full colour */
  maxAct: number;
  /** strongest first; four fit */
  lines: readonly ContextLine[];
  /** "2.1 % of tokens" */
  density: string;
  /** the same as a sentence, shown on hover */
  densitySentence: string;
};

export type FeatureCardProps = {
  latentIndex: number;
  /** as `useFeatureName` or `featureName` give it */
  name: FeatureName;
  /** null: on its way; the card keeps its size */
  evidence: CardEvidence | null;
  /** this feature's dashboard is open beside the card, or it is chosen in some other way */
  isChosen?: boolean;
  /** whether Tab stops here; false where a grid of cards moves its one stop by arrow keys */
  isTabStop?: boolean;
  /** absent: features cannot be starred here */
  star?: { isOn: boolean; toggle: () => void };
  /** a click anywhere on the card, or Enter on its name */
  onOpen: () => void;
  /** steers by this feature; absent: not here */
  onTurnUp?: (() => void) | undefined;
  /** keeps it where others change; absent: nothing changes here */
  pin?: { isOn: boolean; toggle: () => void } | undefined;
  /** what stands in the place of its lines of text: pictures */
  rows?: ReactNode;
  /** one line of the place it stands in, instead of where its name is from: "31 % of its maximum here" */
  note?: ReactNode;
};

export function FeatureCard(props: FeatureCardProps) {
  const { latentIndex, name, evidence, star, onOpen, pin, note, rows } = props;
  const { isChosen = false, isTabStop = true } = props;
  const tabIndex = isTabStop ? 0 : -1;
  return (
    <article
      className={classNames(styles.card, isChosen && styles.chosen)}
      aria-label={`Feature ${latentIndex}: ${name.text}`}
      data-feature={latentIndex}
    >
      <header className={styles.head}>
        <h3 className={styles.name}>
          <button
            type="button"
            className={styles.open}
            aria-current={isChosen ? true : undefined}
            title={name.text}
            tabIndex={tabIndex}
            onClick={onOpen}
          >
            {name.text}
          </button>
        </h3>
        <span className={styles.number}>
          {star?.isOn === true && <span className={styles.starred}>★ </span>}
          {pin?.isOn === true && 'pinned · '}
          {latentIndex}
        </span>
      </header>
      <div className={styles.facts}>
        <span title={name.source === 'guess' && note === undefined ? SCORE_MEANING : undefined}>
          {note ?? (nameSource(name) || (evidence?.density ?? ''))}
        </span>
        {evidence !== null && evidence.histogram.length > 0 && (
          <span className={styles.spark} title={evidence.densitySentence}>
            <Sparkline counts={evidence.histogram} />
          </span>
        )}
      </div>
      <div className={styles.text}>
        {rows}
        {evidence !== null && rows === undefined && (
          <ContextLines
            lines={evidence.lines}
            maxAct={evidence.maxAct}
            label={`Strongest texts of feature ${latentIndex}`}
          />
        )}
      </div>
      <CardTools {...props} />
    </article>
  );
}

function CardTools(props: FeatureCardProps) {
  const { latentIndex, name, star, pin, onOpen, onTurnUp, isTabStop = true } = props;
  const tabIndex = isTabStop ? 0 : -1;
  return (
    <div className={styles.tools}>
      {star !== undefined && (
        <button
          type="button"
          className={classNames(styles.tool, styles.star)}
          aria-pressed={star.isOn}
          tabIndex={tabIndex}
          aria-label={`Star feature ${latentIndex}`}
          onClick={star.toggle}
        >
          {star.isOn ? '★' : '☆'}
        </button>
      )}
      {pin !== undefined && (
        <button
          type="button"
          className={classNames(styles.tool, styles.pin)}
          aria-pressed={pin.isOn}
          tabIndex={tabIndex}
          aria-label={`Pin feature ${latentIndex}`}
          title="Keeps it here while the others change"
          onClick={pin.toggle}
        >
          Pin
        </button>
      )}
      <button
        type="button"
        className={styles.tool}
        // The name does the same by keyboard.
        tabIndex={-1}
        aria-hidden="true"
        onClick={onOpen}
      >
        Open
      </button>
      {onTurnUp !== undefined && (
        <button
          type="button"
          className={classNames(styles.tool, styles.turnUp)}
          aria-label={`Turn up feature ${latentIndex}: ${name.text}`}
          title="Steer text by this feature"
          tabIndex={tabIndex}
          onClick={onTurnUp}
        >
          Turn up
        </button>
      )}
    </div>
  );
}
