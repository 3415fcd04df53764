// Whether what was shared came out the same here: activations of a feature on its examples, tokens and probabilities of a
// pair of texts. Tolerances of interface.md 3. Pure.
import type { LaneName } from '../steer/steeringReport';
import type { SharedFeature, SharedLaneToken } from './sharedContent';

/** Of the feature's largest activation. */
export const ACT_TOLERANCE = 0.01;
/** Natural logs. */
export const LOG_PROB_TOLERANCE = 0.02;

export type Verdict<Difference> =
  /** compared: numbers that were the same; largest: difference among them, in the unit of the tolerance */
  | { kind: 'reproduced'; compared: number; largest: number }
  | { kind: 'differs'; first: Difference; others: number; compared: number };

export type ActDifference = {
  latentIndex: number;
  /** from 1 */
  example: number;
  /** place in the example, from 1 */
  token: number;
  text: string;
  shared: number;
  here: number;
};

export type RecomputedExample = {
  feature: SharedFeature;
  /** index in the feature's examples */
  at: number;
  /** one for each of its tokens */
  acts: ArrayLike<number>;
};

/** In the order given. */
export function compareActs(recomputed: readonly RecomputedExample[]): Verdict<ActDifference> {
  const differences: ActDifference[] = [];
  let compared = 0;
  let largest = 0;
  for (const { feature, at, acts } of recomputed) {
    for (const [place, { text, act: shared }] of (feature.examples[at]?.tokens ?? []).entries()) {
      const here = acts[place] ?? 0;
      const share = feature.maxAct === 0 ? 0 : Math.abs(here - shared) / feature.maxAct;
      compared++;
      if (share <= ACT_TOLERANCE) largest = Math.max(largest, share);
      else {
        const { latentIndex } = feature;
        const where = { latentIndex, example: at + 1, token: place + 1, text };
        differences.push({ ...where, shared, here });
      }
    }
  }
  return verdictOf(differences, compared, largest);
}

export type LaneDifference = {
  lane: LaneName;
  /** from 1 */
  token: number;
  shared: { text: string; logProb: number | null } | null;
  here: { text: string; logProb: number | null } | null;
  /** between the two most likely tokens here, natural logs; null: unknown */
  margin: number | null;
};

export type LaneToken = Pick<SharedLaneToken, 'tokenId' | 'text' | 'logProb'> & {
  choice: { top: readonly { logProb: number }[] } | null;
};

type Lanes<T> = Readonly<Record<LaneName, readonly T[]>>;

/** The first token that is another, or has another probability; what follows another token is not compared. */
export function compareLanes(
  shared: Lanes<SharedLaneToken>,
  here: Lanes<LaneToken>,
): Verdict<LaneDifference> {
  const differences: LaneDifference[] = [];
  let compared = 0;
  let largest = 0;
  for (const lane of ['baseline', 'steered'] as const) {
    const length = Math.max(shared[lane].length, here[lane].length);
    for (let at = 0; at < length; at++) {
      const [one, other] = [shared[lane][at] ?? null, here[lane][at] ?? null];
      const isSame = one !== null && one.tokenId === other?.tokenId;
      const [a, b] = [one?.logProb ?? null, other?.logProb ?? null];
      const apart = a === null || b === null ? 0 : Math.abs(a - b);
      compared++;
      if (isSame && apart <= LOG_PROB_TOLERANCE) {
        largest = Math.max(largest, apart);
        continue;
      }
      const margin = marginOf(other);
      differences.push({ lane, token: at + 1, shared: one, here: other, margin });
      if (!isSame) break;
    }
  }
  return verdictOf(differences, compared, largest);
}

function marginOf(token: LaneToken | null): number | null {
  const [first, second] = token?.choice?.top ?? [];
  return first === undefined || second === undefined ? null : first.logProb - second.logProb;
}

function verdictOf<D>(differences: readonly D[], compared: number, largest: number): Verdict<D> {
  const [first] = differences;
  return first === undefined
    ? { kind: 'reproduced', compared, largest }
    : { kind: 'differs', first, others: differences.length - 1, compared };
}
