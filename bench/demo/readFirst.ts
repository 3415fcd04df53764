// The first reading of Start: a text as the engine reads it, with the cards of the features that it names.
import type { FirstReading, ReadFeature } from '../../src/core/explore/firstReading';
import type { ChosenFeature } from '../../src/core/statistics/chosenFeatures';
import { featureName } from '../../src/core/statistics/featureName';
import type { LabelGuess } from '../../src/core/statistics/latentLabel';
import type { SaeStatistics } from '../../src/core/statistics/saeStatistics';
import type { EngineApi } from '../../src/engine/api';
import { latentCard, latentRows } from '../../src/engine/statistics/dashboard';
import { valueOf } from './outcome';

/** Features kept of a token: more than a screen shows. */
const PER_TOKEN = 8;
/** A feature that fires on a larger share of tokens says little about one of them. */
const MOST_DENSITY = 0.1;

export async function readFirst(
  engine: EngineApi,
  o: {
    text: string;
    saeId: string;
    chosen: readonly ChosenFeature[];
    guesses: readonly LabelGuess[];
    statistics: SaeStatistics;
  },
): Promise<Omit<FirstReading, 'modelId' | 'saeId'>> {
  const { saeId, chosen, statistics } = o;
  const read = valueOf(
    await engine.explore.activeLatents({ saeIds: [saeId], text: o.text, purpose: 'bake' }),
  );
  const rows = latentRows(statistics);
  const isSpecific = ({ latentIndex }: { latentIndex: number }) =>
    (rows[latentIndex]?.density ?? 1) <= MOST_DENSITY;
  const perToken = (read.saes[0]?.tokens ?? []).map((active) =>
    active
      .filter(isSpecific)
      .slice(0, PER_TOKEN)
      .map(({ latentIndex, act }) => ({ latentIndex, act: rounded(act) })),
  );
  const named = new Set(perToken.flat().map(({ latentIndex }) => latentIndex));
  const [best] = chosen;
  if (best !== undefined) named.add(best.latentIndex);
  const indices = [...named].sort((a, b) => a - b);
  const cards = indices.map((index) => latentCard(statistics, index, isSpecial));
  return {
    version: 1,
    countedTokens: statistics.countedTokens,
    text: o.text,
    tokens: read.tokens.map(({ text }, i) => ({ text, features: perToken[i] ?? [] })),
    features: cards.map(({ row, histogram, lines }): ReadFeature => {
      const { latentIndex, firesOn } = row;
      const label = chosen.find((one) => one.latentIndex === latentIndex)?.label;
      const guess = o.guesses[latentIndex];
      return {
        latentIndex,
        name: featureName({ latentIndex, label, guess, firesOn }),
        density: rounded(row.density),
        maxAct: rounded(row.maxAct),
        histogram,
        lines: lines.map((line) => ({ ...line, act: rounded(line.act) })),
      };
    }),
    steered:
      best === undefined
        ? null
        : { latentIndex: best.latentIndex, strength: best.strength, ...best.text },
  };
}

/** Special tokens print as their names. */
function isSpecial(text: string): boolean {
  return /^<\|[a-z_]+\|>$/.test(text);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
