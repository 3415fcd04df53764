// How readable a dictionary is to a plain rule: the held-out scores of its guesses, over all features.
import type { LabelGuess } from '../../src/core/statistics/latentLabel';

/** Shares are of all features; a feature without a rule, or silent on held-out text, counts as 0. */
export function guessFigures(guesses: readonly LabelGuess[]) {
  const scores = guesses.map(({ score }) => score ?? 0).sort((a, b) => a - b);
  const share = (least: number) => scores.filter((score) => score >= least).length / scores.length;
  return {
    medianScore: scores[Math.floor(scores.length / 2)] ?? 0,
    named: guesses.filter(({ text }) => text !== null).length / guesses.length,
    above03: share(0.3),
    above05: share(0.5),
    above07: share(0.7),
  };
}
