import { describe, expect, it } from 'vitest';
import { documentKind } from '../../../../../src/core/evaluate/probing/documentKind';
import {
  probeClasses,
  rankByMeanDifference,
  type PooledDocument,
} from '../../../../../src/core/evaluate/probing/kSparseProbe';
import {
  fitLogistic,
  logisticAccuracy,
} from '../../../../../src/core/evaluate/probing/logisticRegression';
import { makeRng } from '../../../../../src/core/numeric/rng';
import { parseLabelledText } from '../../../../../src/formats/text/labelledText';

describe('logistic regression', () => {
  it('finds the log-odds of a table', () => {
    // x = 0: 1 of 4 positive; x = 1: 3 of 4. Maximum likelihood: bias ln ⅓, weight ln 9.
    const X = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const model = fitLogistic(X, [1, 0, 0, 0, 1, 1, 1, 0], { d: 1, l2: 0 });
    expect(model.bias).toBeCloseTo(Math.log(1 / 3), 6);
    expect(model.weights[0]).toBeCloseTo(Math.log(9), 6);
    expect(logisticAccuracy(model, X, [1, 0, 0, 0, 1, 1, 1, 0])).toBe(0.75);
  });

  it('leaves a gradient of 0 with a ridge, also where the classes are separated and d exceeds n', () => {
    const rng = makeRng(5);
    const [n, d, l2] = [12, 30, 1e-3];
    const X = Float64Array.from({ length: n * d }, () => rng.normal());
    const y = Array.from({ length: n }, (_, i) => i % 2);
    const { weights, bias } = fitLogistic(X, y, { d, l2 });
    const gradient = Array.from(weights, (weight) => l2 * weight);
    for (let row = 0; row < n; row++) {
      let score = bias;
      for (let i = 0; i < d; i++) score += X[row * d + i]! * weights[i]!;
      const residual = (1 / (1 + Math.exp(-score)) - y[row]!) / n;
      for (let i = 0; i < d; i++) gradient[i]! += residual * X[row * d + i]!;
    }
    for (const value of gradient) expect(Math.abs(value)).toBeLessThan(1e-6);
    expect(logisticAccuracy({ weights, bias }, X, y)).toBe(1);
  });
});

/** Latent 3 tells label 0, latent 5 is on in all of label 1 but in half of the others too, latent 7 is strong
 *  everywhere and tells nothing; the rest is noise. */
function documents(count: number, seed: number): PooledDocument[] {
  const rng = makeRng(seed);
  return Array.from({ length: count }, (_, i): PooledDocument => {
    const label = i % 3;
    const latents = new Map([
      [rng.below(3), rng.next()],
      [7, 50],
    ]);
    if (label === 0) latents.set(3, 2 + rng.next());
    if (label === 1 || rng.next() < 0.5) latents.set(5, 1);
    return { label, latents, saeIn: Float32Array.of(label === 2 ? 1 : 0, rng.normal()) };
  });
}

describe('k-sparse probing', () => {
  it('chooses latents by the difference of means and scores each class against the rest', () => {
    const train = documents(90, 1);
    const test = documents(60, 2);
    const isFirst = train.map(({ label }) => Number(label === 0));
    expect(rankByMeanDifference(train, isFirst, 8)[0]).toBe(3);
    const result = probeClasses({ task: 'toy', labels: ['a', 'b', 'c'], train, test, d_sae: 8 });
    expect(result).toMatchObject({ trainDocuments: 90, testDocuments: 60, sizes: [1, 2, 5] });
    const [a, b, c] = result.classes;
    expect(a).toMatchObject({ label: 'a', accuracy: [1, 1, 1] });
    expect(a!.majority).toBeCloseTo(2 / 3, 12);
    expect(a!.latents[0]).toBe(3);
    // Two latents tell label 1 better than one: on is not enough, latent 3 must be off.
    expect(b!.accuracy[1]).toBeGreaterThanOrEqual(b!.accuracy[0]!);
    expect(c!.rawAccuracy).toBe(1);
    expect(result.majority).toBeCloseTo(2 / 3, 12);
    expect(result.accuracy[0]).toBeCloseTo((1 + b!.accuracy[0]! + c!.accuracy[0]!) / 3, 12);
  });

  it('refuses a label that one part lacks', () => {
    const train = documents(30, 1);
    const test = documents(30, 2).filter(({ label }) => label !== 1);
    const request = { task: 'toy', labels: ['a', 'b', 'c'], train, test, d_sae: 8 };
    expect(() => probeClasses(request)).toThrow('0 of 20 test documents are labelled “b”');
  });
});

it('documents of the bundled corpus are labelled by how they begin', () => {
  expect(documentKind("User: I'd like to find a movie.")).toBe('dialogue');
  expect(documentKind('Question: A baker has 3 cakes.')).toBe('word problem');
  expect(documentKind('Questions about a text.')).toBe('word problem');
  expect(documentKind('Once upon a time')).toBe('story');
  expect(documentKind('A cat sleeps.\nUser: no')).toBe('loose sentences');
});

describe('labelled text', () => {
  const lines = (count: number, label: (i: number) => unknown) =>
    Array.from({ length: count }, (_, i) =>
      JSON.stringify({ body: `text number ${i}`, kind: label(i) }),
    ).join('\n');
  const fields = { textField: 'body', labelField: 'kind' };

  it('is split by its text, every label in order', () => {
    const { labels, train, test } = parseLabelledText(
      lines(80, (i) => i % 2),
      fields,
    );
    expect(labels).toEqual(['0', '1']);
    expect(train.length + test.length).toBe(80);
    expect(test.length).toBeGreaterThan(8);
    const texts = new Set(train.map(({ text }) => text));
    expect(test.some(({ text }) => texts.has(text))).toBe(false);
  });

  it.each([
    ['one label', lines(30, () => 'x'), '1 different values under "kind"; probing needs 2 to 20'],
    ['too few', lines(30, (i) => (i < 3 ? 'x' : 'y')), '"x" has 3 documents'],
    [
      'no label field',
      '{"body":"a","other":1}',
      'line 1 has no label under "kind" (its keys: "body", "other")',
    ],
    ['no JSON', 'hello', 'line 1 is not JSON'],
  ])('says what is wrong with %s', (_name, jsonl, message) => {
    expect(() => parseLabelledText(jsonl, fields)).toThrow(message);
  });
});
