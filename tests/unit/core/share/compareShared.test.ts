// Whether what was shared came out the same: the tolerances, the first difference, and what follows another token.
import { describe, expect, it } from 'vitest';
import { compareActs, compareLanes } from '../../../../src/core/share/compareShared';
import { SHARED, SHARED_RUN } from '../../../helpers/engine/sharedContent';

const feature = SHARED.features[0]!;
const shared = SHARED_RUN.run!.lanes;
type Lanes = Parameters<typeof compareLanes>[1];
const here = (change: (lanes: Lanes) => Lanes = (lanes) => lanes) => {
  const choice = { top: [{ logProb: -1 }, { logProb: -1.5 }] };
  const lane = (tokens: (typeof shared)['baseline']) => tokens.map((one) => ({ ...one, choice }));
  return compareLanes(
    shared,
    change({ baseline: lane(shared.baseline), steered: lane(shared.steered) }),
  );
};

describe('activations', () => {
  const compare = (acts: number[]) => compareActs([{ feature, at: 0, acts }]);

  it('are the same within 1 % of the feature’s maximum, which is 37', () => {
    expect(compare([0.36, 36.64])).toMatchObject({ kind: 'reproduced', compared: 2 });
    expect(compare([0, 37])).toEqual({ kind: 'reproduced', compared: 2, largest: 0 });
  });

  it('differ beyond that: the first is named, the others are counted', () => {
    expect(compare([0.38, 36])).toEqual({
      kind: 'differs',
      first: { latentIndex: 3, example: 1, token: 1, text: ' once', shared: 0, here: 0.38 },
      others: 1,
      compared: 2,
    });
  });
});

describe('texts', () => {
  it('are the same within 0.02 of each log-probability', () => {
    expect(
      here(({ baseline, steered }) => ({
        baseline: baseline.map((token) => ({ ...token, logProb: token.logProb! + 0.019 })),
        steered,
      })),
    ).toMatchObject({ kind: 'reproduced', compared: 4 });
  });

  it('differ from the first other token, with the margin there; what follows it is not compared', () => {
    expect(
      here(({ baseline, steered }) => ({
        baseline,
        steered: steered.map((token) => ({ ...token, tokenId: token.tokenId + 100, text: ' x' })),
      })),
    ).toMatchObject({
      kind: 'differs',
      first: {
        lane: 'steered',
        token: 1,
        shared: { text: ' a' },
        here: { text: ' x' },
        margin: 0.5,
      },
      others: 0,
    });
  });

  it('differ where one is shorter, or a log-probability is further off', () => {
    expect(
      here(({ baseline, steered }) => ({ baseline, steered: steered.slice(0, 1) })),
    ).toMatchObject({
      kind: 'differs',
      first: { lane: 'steered', token: 2, here: null },
    });
    expect(
      here(({ baseline, steered }) => ({
        baseline: baseline.map((token) => ({ ...token, logProb: token.logProb! - 0.021 })),
        steered,
      })),
    ).toMatchObject({ kind: 'differs', first: { lane: 'baseline', token: 1 } });
  });
});
