// Synthetic latents whose cause is known: the guess must name it, and the score must know a good guess from a bad one.
import { describe, expect, it } from 'vitest';
import { makeCellIndexer } from '../../../../src/core/statistics/labelCells';
import {
  fitLabelRule,
  guessLabel,
  ruleScore,
  type Firing,
  type LabelGuess,
} from '../../../../src/core/statistics/latentLabel';
import { makeLabelCorpus, makeRng, type Corpus } from '../../../helpers/statistics/labelCorpus';

const CORPUS = makeLabelCorpus(7, 96);
const HELD_OUT = makeLabelCorpus(8, 48);
const indexer = makeCellIndexer(CORPUS.textOf);

type Fires = (corpus: Corpus, t: number) => number;

function firingOf(corpus: Corpus, act: Fires): Firing {
  const found = [...corpus.counted]
    .map((t) => ({ t, act: act(corpus, t) }))
    .filter((entry) => entry.act > 0);
  return { tokens: found.map(({ t }) => t), acts: found.map((entry) => entry.act) };
}

function guess(act: Fires): LabelGuess {
  const of = (corpus: Corpus) => ({ cells: indexer.index(corpus), firing: firingOf(corpus, act) });
  return guessLabel({ latentIndex: 3, indexer, fit: of(CORPUS), heldOut: of(HELD_OUT) });
}

const text = (corpus: Corpus, t: number) => corpus.textOf(corpus.tokenIds[t]!);

describe('a guessed label', () => {
  it('names the one token that a latent fires on, with a perfect score', () => {
    const { text: label, score, fires } = guess((c, t) => (text(c, t) === ' cat' ? 2 : 0));
    expect(label).toBe('“cat”');
    expect(score).toBeCloseTo(1, 6);
    expect(fires).toBeGreaterThan(20);
  });

  it('tells the exact token from the word where only one form counts', () => {
    const found = guess((c, t) => (text(c, t) === ' the' ? 1 : 0));
    expect(found.text).toBe('“·the”');
    expect(found.score).toBeCloseTo(1, 6);
  });

  it('names a word whatever its case and space', () => {
    const found = guess((c, t) => (text(c, t).trim().toLowerCase() === 'the' ? 1 : 0));
    expect(found).toMatchObject({ text: '“the”' });
    expect(found.score).toBeCloseTo(1, 6);
  });

  it('names a place, and what stands before or after', () => {
    expect(guess((c, t) => (t % c.contextSize === 1 ? 4 : 0))).toMatchObject({
      text: 'token 1 of a text',
    });
    const after = guess((c, t) => (text(c, t - 1) === ' of' ? 1 : 0));
    expect(after.text).toBe('after “of”');
    expect(after.score).toBeCloseTo(1, 6);
    const before = guess((c, t) =>
      t % c.contextSize < c.contextSize - 1 && text(c, t + 1) === ' dog' ? 1 : 0,
    );
    expect(before.text).toBe('before “dog”');
  });

  it('names punctuation and numbers as kinds, not as lists', () => {
    expect(guess((c, t) => (/[.,!?;:]/.test(text(c, t)) ? 1 : 0)).text).toBe('punctuation');
    expect(guess((c, t) => (/\d/.test(text(c, t)) ? 1 : 0)).text).toBe('numbers');
  });

  it('scores a graded latent below a clean one, and noise at nothing', () => {
    const random = makeRng(3);
    const graded = guess((c, t) => (text(c, t) === ' cat' ? 1 + 3 * random() : 0));
    expect(graded.text).toBe('“cat”');
    expect(graded.score).toBeGreaterThan(0.6);
    expect(graded.score).toBeLessThan(0.98);
    const noise = guess(() => (random() < 0.05 ? 1 : 0));
    expect(noise.score === null || Math.abs(noise.score) < 0.1).toBe(true);
  });

  it('gives a latent of many meanings a low score', () => {
    // Ten unrelated words, each in one of three contexts only.
    const words = CORPUS.words.filter((_, i) => i % 3 === 0).slice(0, 10);
    const found = guess((c, t) => {
      const at = words.indexOf(text(c, t));
      return at !== -1 && t % 3 === at % 3 ? 1 : 0;
    });
    expect(found.score === null ? 0 : found.score).toBeLessThan(0.4);
  });

  it('learns a rare latent from its top examples', () => {
    // As if the random text had none of it.
    const act: Fires = (c, t) => (text(c, t) === ' moon' ? 5 : 0);
    const heldOut = { cells: indexer.index(HELD_OUT), firing: firingOf(HELD_OUT, act) };
    const fit = { cells: indexer.index(CORPUS), firing: { tokens: [], acts: [] } };
    expect(guessLabel({ latentIndex: 0, indexer, fit, heldOut }).text).toBeNull();
    const [of, moon, cat] = [' of', ' moon', ' cat'].map((word) => CORPUS.idOf(word));
    const example = { tokenIds: [cat!, of!, moon!, cat!], acts: [0, 0, 5, 0] };
    const examples = Array.from({ length: 12 }, () => example);
    const found = guessLabel({ latentIndex: 0, indexer, fit: { ...fit, examples }, heldOut });
    expect(found).toMatchObject({ text: '“moon”', fires: 12 });
    expect(found.score).toBeCloseTo(1, 6);
  });

  it('is honest about latents that fire too rarely, or not in the held-out text', () => {
    const rare = guess((_, t) => (t === CORPUS.counted[5] ? 1 : 0));
    expect(rare).toMatchObject({ text: null, score: null, fires: 1 });
    const fit = {
      cells: indexer.index(CORPUS),
      firing: firingOf(CORPUS, (c, t) => (text(c, t) === ' cat' ? 1 : 0)),
    };
    const heldOut = { cells: indexer.index(HELD_OUT), firing: { tokens: [], acts: [] } };
    expect(guessLabel({ latentIndex: 0, indexer, fit, heldOut })).toMatchObject({
      text: '“cat”',
      score: null,
      heldOutFires: 0,
    });
  });
});

describe('the score', () => {
  it('is the correlation of the written-out prediction', () => {
    const random = makeRng(11);
    const act: Fires = (c, t) => (text(c, t) === ' cat' || random() < 0.02 ? 0.5 + random() : 0);
    const fit = { cells: indexer.index(CORPUS), firing: firingOf(CORPUS, act) };
    const rule = fitLabelRule(fit, indexer)!;
    const cells = indexer.index(HELD_OUT);
    const firing = firingOf(HELD_OUT, act);
    const { cellOf } = cells.views[rule.kind];
    const pairs = [...HELD_OUT.counted].map((t) => {
      const at = Array.from(firing.tokens).indexOf(t);
      const known = rule.cells.find(({ cell }) => cell === cellOf[t]);
      return [at === -1 ? 0 : firing.acts[at]!, known?.act ?? rule.elsewhere] as const;
    });
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [ma, mp] = [mean(pairs.map(([a]) => a)), mean(pairs.map(([, p]) => p))];
    const cov = mean(pairs.map(([a, p]) => (a - ma) * (p - mp)));
    const sd = (of: 0 | 1, m: number) => Math.sqrt(mean(pairs.map((pair) => (pair[of] - m) ** 2)));
    expect(ruleScore(rule, cells, firing)).toBeCloseTo(cov / (sd(0, ma) * sd(1, mp)), 8);
  });
});
