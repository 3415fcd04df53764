import { expect, it } from 'vitest';
import { featureName } from '../../../../src/core/statistics/featureName';

const guess = (text: string | null, score: number | null) => ({
  latentIndex: 3,
  text,
  score,
  fires: 40,
  heldOutFires: 20,
});

it('is the own label, else a guess that holds, else the words it fires on', () => {
  const facts = {
    latentIndex: 3,
    label: ' kings ',
    guess: guess('“king”', 0.8),
    firesOn: ['king'],
  };
  expect(featureName(facts)).toEqual({ text: 'kings', source: 'label', score: null });
  expect(featureName({ ...facts, label: ' ' })).toEqual({
    text: '“king”',
    source: 'guess',
    score: 0.8,
  });
  const words = { text: 'fires on “king”, “queen”', source: 'tokens', score: null };
  const unnamed = { latentIndex: 3, firesOn: ['king', 'queen'] };
  expect(featureName(unnamed)).toEqual(words);
  for (const weak of [
    guess(null, null),
    guess('“a”', null),
    guess('“a”', 0.05),
    guess('“a”', -0.4),
  ])
    expect(featureName({ ...unnamed, guess: weak })).toEqual(words);
});

it('names the places of a guess together, in few words', () => {
  const places = guess('token 1 of a text, “the”, tokens 5 to 8 of a text', 0.8);
  expect(featureName({ latentIndex: 3, guess: places }).text).toBe(
    'place 1, 5 to 8 of a text, “the”',
  );
});

it('says that a feature never fired only where that is known', () => {
  expect(featureName({ latentIndex: 3, firesOn: [] }).text).toBe('never fired');
  expect(featureName({ latentIndex: 3, firesOn: null }).text).toBe('feature 3');
});

it('shows no invisible character', () => {
  expect(featureName({ latentIndex: 3, label: 'a\u202eb' }).text).toBe('a⟨U+202E⟩b');
  expect(featureName({ latentIndex: 3, firesOn: ['\n'] }).text).toBe('fires on “↵”');
});
