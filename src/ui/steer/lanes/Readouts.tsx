// Means over the steered text: KL, surprise, size of the edits, clip hits, achieved activation.
import { useMemo } from 'react';
import type { SteerSlot } from '../../../core/steer/steering';
import type { GeneratedToken } from '../../../engine/generate/api';
import { Explained } from '../../parts/Explained';
import { meaningOf } from '../../parts/text/glossary';
import { count, measure, percent } from '../../parts/text/numberText';
import { laneFigures } from './laneFigures';
import styles from './Readouts.module.css';

type ReadoutsProps = { tokens: readonly GeneratedToken[]; slots: readonly SteerSlot[] };

export function Readouts({ tokens, slots }: ReadoutsProps) {
  const figures = useMemo(() => laneFigures(tokens, slots.length), [tokens, slots.length]);
  return (
    <dl className={styles.readouts} aria-label="Readouts of the steered text">
      <Readout
        name="Predictions moved"
        meaning={`KL, mean over the text. ${meaningOf('KL')}`}
        value={nats(figures.meanKl)}
      />
      <Readout name="Surprise" meaning={meaningOf('Surprise')} value={nats(figures.meanSurprise)} />
      <Readout
        name="Size of the edit"
        meaning={meaningOf('Size of the edit')}
        value={percent(figures.relativeNorm)}
      />
      <Readout
        name="Edits shortened"
        meaning={meaningOf('Clip')}
        value={
          figures.editedRows === 0
            ? '–'
            : `${count(figures.clippedRows)} of ${count(figures.editedRows)}`
        }
      />
      {figures.achieved.map((achieved, i) => (
        <Readout
          key={slots[i]?.id}
          name={`Active then, slot ${i + 1}`}
          meaning="How active the feature is once the edit is made, mean over the text."
          value={measure(achieved)}
        />
      ))}
    </dl>
  );
}

function nats(value: number | null): string {
  return value === null ? '–' : `${measure(value)} nats`;
}

function Readout({ name, meaning, value }: { name: string; meaning: string; value: string }) {
  return (
    <div>
      <dt>
        <Explained meaning={meaning}>{name}</Explained>
      </dt>
      <dd>{value}</dd>
    </div>
  );
}
