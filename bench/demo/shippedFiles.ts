// The forms in which what was measured of an SAE ships: fewer examples, short lines.
import type { ChosenFeature } from '../../src/core/statistics/chosenFeatures';
import { FULL_EXAMPLES, type ExampleCounts } from '../../src/core/statistics/exampleChoice';
import type { LabelGuess } from '../../src/core/statistics/latentLabel';
import type { SaeStatistics } from '../../src/core/statistics/saeStatistics';
import { thinExamples } from '../../src/core/statistics/thinExamples';

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Statistics with all examples of the chosen features, and few of the others. */
export function thinned(
  statistics: SaeStatistics,
  chosen: readonly ChosenFeature[],
  few: ExampleCounts,
): SaeStatistics {
  const full = new Set(chosen.map(({ latentIndex }) => latentIndex));
  const examples = thinExamples(statistics.examples, (latent) =>
    full.has(latent) ? FULL_EXAMPLES : few,
  );
  const { topIds, bottomIds } = statistics.logits;
  const used = new Set([...examples.tokenIds, ...topIds, ...bottomIds]);
  const tokenTexts = new Map([...statistics.tokenTexts].filter(([id]) => used.has(id)));
  return { ...statistics, examples, tokenTexts };
}

/** One guess a line, its score to three digits. */
export function guessLines(guesses: readonly LabelGuess[]): string {
  const rounded = guesses.map(({ score, ...guess }) => ({
    ...guess,
    score: score === null ? null : Number(score.toFixed(3)),
  }));
  return `[\n${rounded.map((guess) => JSON.stringify(guess)).join(',\n')}\n]\n`;
}
