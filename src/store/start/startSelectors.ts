// Questions that Start asks of the state. Pure.
import type { ActiveLatent } from '../../core/explore/activeText';
import type { ReadFeature } from '../../core/explore/firstReading';
import { byTelling, tellingScore, type TellingFacts } from '../../core/explore/tellingFeatures';
import { memoLast } from '../../core/memoLast';
import { MIN_SCORE } from '../../core/statistics/latentLabel';
import type { AppState } from '../state';
import { guessOf, labelOf, latentRowOf } from '../featureNames';
import type { StartReading, StartState } from './startState';

/** Colour of the word that tells most, before a feature is turned up. */
const FAINT = 0.45;
const PLAIN_TEXT = 'Once upon a time, there was a little girl named Lily.';
/** Most features shown at a word. */
const SHOWN = 4;

/** Empty until it is known what ships with the page. */
export function startText({ text, first, isFirstMissing }: StartState): string {
  return text ?? first?.text ?? (isFirstMissing ? PLAIN_TEXT : '');
}

/** The reading on screen: the newest of this tab, else the baked one. */
export function startReading({ start }: Pick<AppState, 'start'>): StartReading | null {
  return start.reading ?? bakedReading(start.first);
}

const bakedReading = memoLast((first: StartState['first']): StartReading | null =>
  first === null
    ? null
    : { saeId: first.saeId, text: first.text, tokens: first.tokens, featureCount: null },
);

const bakedFeatures = memoLast(
  (first: StartState['first']) =>
    new Map((first?.features ?? []).map((feature) => [feature.latentIndex, feature])),
);

/** What shipped of a feature, while the page has nothing newer of its SAE. */
export function bakedFeature(
  { start }: Pick<AppState, 'start'>,
  saeId: string,
  latentIndex: number,
): ReadFeature | null {
  if (start.first?.saeId !== saeId) return null;
  return bakedFeatures(start.first).get(latentIndex) ?? null;
}

function factsOf(state: AppState, saeId: string, latentIndex: number): TellingFacts | null {
  const baked = bakedFeature(state, saeId, latentIndex);
  const known = latentRowOf(state, saeId, latentIndex) ?? baked;
  if (known === null) return null;
  const isNamed =
    labelOf(state, saeId, latentIndex) !== '' ||
    (guessOf(state, saeId, latentIndex)?.score ?? 0) >= MIN_SCORE ||
    baked?.name.source === 'label' ||
    baked?.name.source === 'guess';
  return { maxAct: known.maxAct, density: known.density, isNamed };
}

/** How much each token's most telling feature tells, 0 to about 1; a new list at each call. */
function tellingOfTokens(state: AppState, reading: StartReading): number[] {
  return reading.tokens.map(({ features }) =>
    Math.max(
      0,
      ...features.map((feature) =>
        tellingScore(feature, factsOf(state, reading.saeId, feature.latentIndex)),
      ),
    ),
  );
}

/** How strongly each token of the reading is coloured, 0 to 1: by the feature that was turned up where it fires in this
 *  text, else by whatever a token wakes, fainter. The same numbers give the same text, so that components can compare it. */
export function tokenShades(state: AppState): string {
  const reading = startReading(state);
  if (reading === null) return '';
  const turned = turnedShades(state, reading);
  const shades = turned.some((shade) => shade > 0)
    ? turned
    : contrasted(tellingOfTokens(state, reading));
  return shades.map((shade) => shade.toFixed(2)).join(' ');
}

function turnedShades(state: AppState, reading: StartReading): number[] {
  const { turned } = state.start;
  if (turned === null) return [];
  const most = factsOf(state, reading.saeId, turned.latentIndex)?.maxAct ?? 0;
  return reading.tokens.map(({ features }) => {
    const act = features.find((one) => one.latentIndex === turned.latentIndex)?.act ?? 0;
    return most > 0 ? Math.min(1, Math.log10(1 + (9 * act) / most)) : 0;
  });
}

/** Every word wakes something: only those that tell nearly as much as the best one stand out. */
function contrasted(scores: readonly number[]): number[] {
  const best = Math.max(...scores);
  return scores.map((score) => (best > 0 ? FAINT * (score / best) ** 4 : 0));
}

/** Index of the chosen token, else of the one with the most telling feature; null without a reading. */
export function shownToken(state: AppState): number | null {
  const reading = startReading(state);
  if (reading === null || reading.tokens.length === 0) return null;
  const { token } = state.start;
  if (token !== null) return Math.min(token, reading.tokens.length - 1);
  // A comma may tell much, and says little to whoever reads it.
  const isWord = (index: number) => /\p{L}{3}/u.test(reading.tokens[index]?.text ?? '');
  const best = tellingOfTokens(state, reading).map((score, i) => (isWord(i) ? score : 0));
  return best.indexOf(Math.max(...best));
}

/** The features of that token, most telling first. A new list at each call. */
export function tellingAt(state: AppState, token: number | null): ActiveLatent[] {
  const reading = startReading(state);
  if (reading === null || token === null) return [];
  const features = reading.tokens[token]?.features ?? [];
  return byTelling(features, (index) => factsOf(state, reading.saeId, index)).slice(0, SHOWN);
}
