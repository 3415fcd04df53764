// The ground-truth dictionary of sae.md §14: seeded data whose directions are known, so that a trained
// SAE can be marked without a language model. Pure.
import type { ArchitectureInput, SaeArchitecture } from '../../../src/core/sae/architecture';
import { makeRng } from '../../../src/core/numeric/rng';
import type { Calibration, SaeConfig } from '../../../src/core/sae/sae';
import { makeSaeConfig } from '../../../src/core/sae/sae';
import { unitRows } from '../unitRows';

const D_IN = 64;
const FEATURES = 96;
/** Firing probabilities fall geometrically between these: 4.8 features a token. */
const [MOST_FREQUENT, LEAST_FREQUENT] = [0.1, 0.02];

export type Dictionary = {
  d_in: number;
  /** [features, d_in], unit rows */
  directions: Float64Array;
  features: number;
  /** `count` fresh tokens of stream `stream`, [count, d_in], model units */
  sample: (count: number, stream: number) => Float32Array;
};

export function makeDictionary(seed: number): Dictionary {
  const directions = randomUnitRows(FEATURES, D_IN, seed, 0);
  const offset = randomUnitRows(1, D_IN, seed, 1);
  const sample = (count: number, stream: number) => {
    const rng = makeRng(seed, 2 + stream);
    const x = new Float32Array(count * D_IN);
    for (let token = 0; token < count; token++) {
      const row = Float64Array.from(offset);
      for (let j = 0; j < FEATURES; j++) {
        const rate = MOST_FREQUENT * (LEAST_FREQUENT / MOST_FREQUENT) ** (j / (FEATURES - 1));
        if (rng.next() >= rate) continue;
        const magnitude = Math.abs(1 + 0.3 * rng.normal());
        for (let i = 0; i < D_IN; i++) row[i]! += magnitude * directions[j * D_IN + i]!;
      }
      x.set(row, token * D_IN);
    }
    return x;
  };
  return { d_in: D_IN, directions, features: FEATURES, sample };
}

/** Steps of §14's run. */
export const DICTIONARY_STEPS = 2000;

/** §14's run: 2000 steps of 512 tokens, or fewer; lr, AuxK and the rest from the recipe. */
export function dictionaryConfig(
  seed: number,
  own: ArchitectureInput = { architecture: 'topk', k: 5 },
  steps = DICTIONARY_STEPS,
): SaeConfig {
  return makeSaeConfig<SaeArchitecture>({
    ...own,
    hookPoint: 'blocks.0.hook_resid_post',
    d_in: D_IN,
    d_sae: 192,
    batchSize: 512,
    tokens: steps * 512,
    seed,
    contextSize: 64,
    deadAfterTokens: 51_200,
    ringRows: 64 * 512,
    ...own,
  });
}

/** sae.md §1 and §2 over a sample, in float64. */
export function calibrate(x: Float32Array, d_in: number): Calibration {
  const tokens = x.length / d_in;
  const mean = new Float64Array(d_in);
  let norms = 0;
  let squares = 0;
  for (let token = 0; token < tokens; token++) {
    let square = 0;
    for (let i = 0; i < d_in; i++) {
      const value = x[token * d_in + i]!;
      mean[i]! += value / tokens;
      square += value * value;
    }
    norms += Math.sqrt(square) / tokens;
    squares += square / tokens;
  }
  const inputScale = Math.sqrt(d_in) / norms;
  const ofMean = mean.reduce((sum, value) => sum + value * value, 0);
  return {
    tokens,
    inputScale,
    mean: Float32Array.from(mean, (value) => value * inputScale),
    variance: inputScale ** 2 * (squares - ofMean),
  };
}

function randomUnitRows(rows: number, cols: number, seed: number, stream: number): Float64Array {
  const rng = makeRng(seed, stream);
  return unitRows(
    Float64Array.from({ length: rows * cols }, () => rng.normal()),
    cols,
  );
}
