// Means over the steered text: KL, surprise, size of the edits, clip hits, achieved activation.
import { useMemo } from 'react';
import type { SteerSlot } from '../../../core/steer/steering';
import type { GeneratedToken } from '../../../engine/generate/api';
import { count, measure, percent } from '../../parts/text/numberText';
import { laneFigures } from './laneFigures';
import styles from './Readouts.module.css';

type ReadoutsProps = { tokens: readonly GeneratedToken[]; slots: readonly SteerSlot[] };

export function Readouts({ tokens, slots }: ReadoutsProps) {
  const figures = useMemo(() => laneFigures(tokens, slots.length), [tokens, slots.length]);
  return (
    <dl className={styles.readouts} aria-label="Readouts of the steered text">
      <Readout
        term="Mean KL"
        value={nats(figures.meanKl)}
        hint="against the unsteered model on the same text"
      />
      <Readout
        term="Surprise"
        value={nats(figures.meanSurprise)}
        hint="of the steered text under the unsteered model"
      />
      <Readout term="‖Δ‖ / ‖h‖" value={percent(figures.relativeNorm)} hint="mean over tokens" />
      <Readout
        term="Clip hits"
        value={
          figures.editedRows === 0
            ? '–'
            : `${count(figures.clippedRows)} of ${count(figures.editedRows)}`
        }
        hint="edited positions that were shortened"
      />
      {figures.achieved.map((achieved, i) => (
        <Readout
          key={slots[i]?.id}
          term={`Activation, slot ${i + 1}`}
          value={measure(achieved)}
          hint="encoded again after the edit, mean"
        />
      ))}
    </dl>
  );
}

function nats(value: number | null): string {
  return value === null ? '–' : `${measure(value)} nats`;
}

function Readout({ term, value, hint }: { term: string; value: string; hint: string }) {
  return (
    <div title={hint}>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}
