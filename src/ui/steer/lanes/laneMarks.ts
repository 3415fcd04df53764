// How a token of a lane is marked: its own probability, and in the steered lane its distance from the
// unsteered model. Pure.
import type { CSSProperties } from 'react';
import type { SteerSlot } from '../../../core/steer/steering';
import type { GeneratedToken } from '../../../engine/generate/api';
import { measure, percent } from '../../parts/text/numberText';
import { markGenerated } from '../../parts/tokens/generatedMarks';
import type { TokenMark } from '../../parts/tokens/tokenMark';
import { writtenValue } from '../slots/strengthText';
import { classNames } from '../../parts/look/classNames';
import tokenStyles from '../../parts/tokens/tokens.module.css';

/** KL of a full bar, nats. */
const FULL_KL = 2;

export const KL_LEGEND = 'The lower bar: how far the steering moved the prediction there.';

export type LaneContext = {
  /** index of the first token at which the lanes differ */
  parting: number | null;
  /** differs from the other lane at the same position */
  isOther: (index: number) => boolean;
  isDiffOn: boolean;
  slots: readonly SteerSlot[];
};

export function markLaneToken(token: GeneratedToken, index: number, o: LaneContext): TokenMark {
  const mark = markGenerated(token);
  const kl = token.steered?.kl ?? null;
  const isParting = index === o.parting;
  const isOther = o.isDiffOn && o.isOther(index);
  const classes = [
    mark.className,
    kl !== null && tokenStyles.withKl,
    isParting && tokenStyles.divergence,
    isOther && tokenStyles.other,
  ];
  const extra = steeredLines(token, o.slots);
  return {
    ...mark,
    className: classNames(...classes),
    style: { ...mark.style, ...klStyle(kl) },
    name: [
      mark.name,
      ...(kl === null ? [] : [`KL ${measure(kl)} nats`]),
      ...(isParting ? ['first difference'] : []),
      ...(isOther && !isParting ? ['differs from the other lane'] : []),
    ].join(', '),
    details: [...(isParting ? ['first difference'] : []), ...mark.details, ...extra],
  };
}

function klStyle(kl: number | null): CSSProperties {
  if (kl === null) return {};
  return { '--kl': Math.min(1, kl / FULL_KL).toFixed(3) } as CSSProperties;
}

/** KL, surprise, size of the edits and their effect, one line each. */
export function steeredLines(token: GeneratedToken, slots: readonly SteerSlot[]): string[] {
  const { steered, values } = token;
  if (steered === null) return [];
  const lines: string[] = [];
  if (steered.kl !== null) lines.push(`KL ${measure(steered.kl)} nats`);
  if (steered.surprise !== null) lines.push(`surprise ${measure(steered.surprise)} nats`);
  for (const { hook, relativeNorm, clippedRows, editedRows } of steered.edits) {
    const clipped = clippedRows === 0 ? '' : `, clipped ${clippedRows} of ${editedRows}`;
    lines.push(`${hook}: ‖Δ‖/‖h‖ ${percent(relativeNorm)}${clipped}`);
  }
  slots.forEach((slot, i) => {
    const readout = steered.slots[i];
    const value = writtenValue(slot.mode, slot.unit, values[i] ?? null);
    const achieved = readout?.achieved ?? null;
    const change =
      achieved === null
        ? ''
        : `, activation ${measure(readout?.before ?? null)} → ${measure(achieved)}`;
    lines.push(`slot ${i + 1}: ${value}${change}`);
  });
  return lines;
}
