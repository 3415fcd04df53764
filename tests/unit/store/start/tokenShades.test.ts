// The colours of Start's text: by the feature that is turned up where it fires, else by what each token wakes.
import { expect, it } from 'vitest';
import type { FirstReading } from '../../../../src/core/explore/firstReading';
import { makeFirstState } from '../../../../src/store/state';
import { tokenShades } from '../../../../src/store/start/startSelectors';

const feature = (latentIndex: number, density: number) => ({
  latentIndex,
  name: { text: 'cats', source: 'label' as const, score: null },
  density,
  maxAct: 10,
  histogram: [1],
  lines: [],
});

const FIRST: FirstReading = {
  version: 1,
  modelId: 'demo',
  saeId: 'demo~1',
  countedTokens: 100,
  text: ' a cat',
  tokens: [
    { text: ' a', features: [{ latentIndex: 1, act: 1 }] },
    { text: ' cat', features: [{ latentIndex: 2, act: 10 }] },
  ],
  features: [feature(1, 0.5), feature(2, 0.01)],
  steered: null,
};

function shadesWith(turned: number | null): number[] {
  const state = makeFirstState();
  state.start = {
    ...state.start,
    first: FIRST,
    turned:
      turned === null
        ? null
        : { latentIndex: turned, strength: 1, most: 1, run: null, problem: null },
  };
  return tokenShades(state).split(' ').map(Number);
}

it('colours what tells most, and where the feature turned up fires', () => {
  const [a = 0, cat = 0] = shadesWith(null);
  expect(cat).toBeGreaterThan(a);
  expect(shadesWith(2)).toEqual([0, 1]);
  expect(shadesWith(1)[0]).toBeGreaterThan(0);
  expect(shadesWith(1)[1]).toBe(0);
});

it('keeps its colours where the feature turned up fires nowhere', () => {
  expect(shadesWith(7)).toEqual(shadesWith(null));
});
