// The figures above the lanes: means over the tokens that the model chose itself. Pure.
import type { GeneratedToken } from '../../../engine/generate/api';

export type LaneFigures = {
  /** nats per token; null until something was measured */
  meanKl: number | null;
  meanSurprise: number | null;
  /** the strongest hook's ‖Δ‖/‖h‖, mean over tokens */
  relativeNorm: number | null;
  clippedRows: number;
  editedRows: number;
  /** per slot: mean activation after the edit */
  achieved: readonly (number | null)[];
};

/** Forced tokens are excluded from every mean (interface.md 2.4). */
export function laneFigures(tokens: readonly GeneratedToken[], slots: number): LaneFigures {
  const readouts = tokens.flatMap(({ steered, isForced }) =>
    steered === null || isForced ? [] : [steered],
  );
  const edits = readouts.flatMap((readout) => readout.edits);
  return {
    meanKl: mean(readouts.map(({ kl }) => kl)),
    meanSurprise: mean(readouts.map(({ surprise }) => surprise)),
    relativeNorm: mean(
      readouts.map(({ edits: own }) =>
        own.length === 0 ? null : Math.max(...own.map(({ relativeNorm }) => relativeNorm)),
      ),
    ),
    clippedRows: sum(edits.map(({ clippedRows }) => clippedRows)),
    editedRows: sum(edits.map(({ editedRows }) => editedRows)),
    achieved: Array.from({ length: slots }, (_, i) =>
      mean(readouts.map((readout) => readout.slots[i]?.achieved ?? null)),
    ),
  };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sum(known) / known.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
