// Attribution is exact: in a frozen pass every target is the sum of its edges and biases, for every revision of
// nanochat, over prompts that pass the sliding window.
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrozenModel } from '../../../../src/core/circuits/frozenModel';
import {
  reverseRows,
  rowTotal,
  type EdgeRow,
  type Target,
} from '../../../../src/core/circuits/reverseRows';
import type { NanochatCheckpoint } from '../../../../src/core/model/nanochat';
import { dot } from '../../../../src/core/numeric/vectors';
import { frozenCase, frozenForward } from '../../../helpers/circuits/frozenCase';
import '../../../helpers/matchers';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../../../helpers/model/modelRandom';
import { NANOCHAT_REVISIONS } from '../../../../src/formats/model/nanochatRevision';

/** u of one token against the mean of all, and what the frozen pass made of it. */
function logitTarget(frozen: FrozenModel, tokenId: number): { target: Target; value: number } {
  const { unembedding, width, logits } = frozen;
  const count = logits.raw.length;
  const direction = Float64Array.from({ length: width }, (_, i) => {
    let mean = 0;
    for (let token = 0; token < count; token++) mean += unembedding[token * width + i]! / count;
    return unembedding[tokenId * width + i]! - mean;
  });
  const value = logits.raw[tokenId]! - logits.raw.reduce((sum, raw) => sum + raw / count, 0);
  return { target: { kind: 'logit', direction }, value };
}

/** Some of every layer, at early and late positions. */
function chosenLatents({ layers }: FrozenModel): number[] {
  return layers.flatMap(({ first, end }) =>
    [0, 0.3, 0.7, 1].map((share) => first + Math.round(share * (end - 1 - first))),
  );
}

function reverseStep(frozen: FrozenModel, target: Target): EdgeRow {
  return reverseRows(frozen, [target])[0]!;
}

/** Shorter than the prompt, which no revision's own rule makes it in so small a model. */
const WINDOW = 6;
const LENGTH = 14;

describe.each(NANOCHAT_REVISIONS)('$name', (revision) => {
  let weights: NanochatCheckpoint;
  let frozen: FrozenModel;
  beforeAll(async () => {
    weights = makeRandomCheckpoint(FOUR_LAYERS, { ...revision, shortWindow: () => WINDOW }, 5);
    frozen = await frozenCase(weights, randomTokens(LENGTH, FOUR_LAYERS.vocab_size, 4));
  });

  it('gives back every logit and every latent as the sum of its edges', () => {
    const { config } = weights;
    const [pattern] = frozen.layers[0]!.patterns;
    // The last query does not see the first key: the prompt passes the window.
    expect(pattern![(LENGTH - 1) * LENGTH]).toBe(0);
    for (const tokenId of [0, 3, config.vocab_size - 1]) {
      const { target, value } = logitTarget(frozen, tokenId);
      const total = rowTotal(reverseStep(frozen, target));
      expect(Math.abs(total - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
    }
    for (const index of chosenLatents(frozen)) {
      const latent = frozen.latents[index]!;
      const total = rowTotal(reverseStep(frozen, { kind: 'latent', ...latent }));
      expect(Math.abs(total - latent.act)).toBeLessThan(1e-9 * Math.max(1, latent.act));
    }
  });

  it('names as sources only what comes before the target', () => {
    const last = frozen.latents.filter(({ layer }) => layer === frozen.layers.length - 1).at(-1)!;
    const target = { ...last, position: 2 };
    const row = reverseStep(frozen, { kind: 'latent', ...target });
    frozen.latents.forEach(({ layer, position }, index) => {
      if (layer >= target.layer || position > 2) expect(row.latents[index]).toBe(0);
    });
    expect(row.tokens.subarray(3).every((edge) => edge === 0)).toBe(true);
    expect(row.tokens.subarray(0, 3).every((edge) => edge !== 0)).toBe(true);
  });

  it('says what changes when one latent acts twice as strongly, of every latent and logit', () => {
    // One of the first layer at an early position, so that all above may depend on it.
    const source = frozen.latents.findIndex(({ position }) => position > 0);
    const [once, twice] = [1, 2].map((factor) => frozenForward(frozen, { source, factor }));
    const acts = Float64Array.from(frozen.latents, ({ act }) => act);
    expect(once!.preActs).toBeAllclose(acts, { rtol: 1e-9, atol: 1e-9 });
    const change = (index: number) => twice!.preActs[index]! - once!.preActs[index]!;
    for (const index of chosenLatents(frozen)) {
      const row = reverseStep(frozen, { kind: 'latent', ...frozen.latents[index]! });
      expect(Math.abs(change(index) - row.latents[source]!)).toBeLessThan(1e-9);
    }
    const { target } = logitTarget(frozen, 1);
    if (target.kind !== 'logit') throw new Error('a logit');
    const { direction } = target;
    const last = (frozen.tokenIds.length - 1) * frozen.width;
    const read = (x: Float64Array) => dot(x.subarray(last, last + frozen.width), direction);
    const edge = reverseStep(frozen, target).latents[source]!;
    expect(Math.abs(read(twice!.end) - read(once!.end) - edge)).toBeLessThan(1e-9);
    expect(edge).not.toBe(0);
  });
});
