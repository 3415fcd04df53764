// Trains one SAE on the ground-truth dictionary (sae.md §14) with a backend and marks it against
// the true directions and held-out tokens.
import { seededPermutation } from '../../../src/core/numeric/rng';
import { totalSteps, type SaeConfig, type SaeParams } from '../../../src/core/sae/sae';
import { initTrainerState, type StepMetrics } from '../../../src/core/train/trainerState';
import type { SaeBackend } from '../../../src/core/train/saeBackend';
import { calibrate, type Dictionary } from './dictionary';
import { meanCorrelation } from './meanCorrelation';
import { reconstruct } from '../sae/reconstruct';

/** Streams of the dictionary's tokens: blocks of the ring count up from 0. */
const CALIBRATION_STREAM = 100_000;
const HELD_OUT_STREAM = 100_001;

export type DictionaryMarks = {
  mcc: number;
  above09: number;
  fvu: number;
  l0: number;
  dead: number;
  seconds: number;
};

export async function markOnDictionary(
  backend: SaeBackend,
  dictionary: Dictionary,
  config: SaeConfig,
): Promise<{ marks: DictionaryMarks; metrics: StepMetrics[] }> {
  const start = performance.now();
  const { params, metrics, inputScale } = await trainOn(backend, dictionary, config);
  const seconds = (performance.now() - start) / 1000;
  const { fvu, l0 } = evaluate(params, dictionary.sample(4096, HELD_OUT_STREAM), inputScale);
  const { mcc, above09 } = meanCorrelation(dictionary.directions, params.W_dec, params.d_in);
  const dead = metrics.at(-1)!.deadCount / params.d_sae;
  return { marks: { mcc, above09, fvu, l0, dead, seconds }, metrics };
}

async function trainOn(backend: SaeBackend, dictionary: Dictionary, config: SaeConfig) {
  const { d_in, ringRows, batchSize, seed } = config;
  const calibration = calibrate(dictionary.sample(102_400, CALIBRATION_STREAM), d_in);
  const { inputScale } = calibration;
  const state = initTrainerState(config, calibration);
  const ring = await backend.createRing({ rows: ringRows, d: d_in });
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
  const stepsPerBlock = ringRows / batchSize;
  const metrics: StepMetrics[] = [];
  let order: Uint32Array = everyRow;
  for (let step = 0; step < totalSteps(config); step++) {
    const block = Math.floor(step / stepsPerBlock);
    const first = (step % stepsPerBlock) * batchSize;
    if (first === 0) {
      const data = dictionary.sample(ringRows, block);
      const x = { where: 'cpu' as const, rows: ringRows, cols: d_in, data };
      await ring.append(x, everyRow, inputScale, 0);
      order = seededPermutation(ringRows, seed, block);
    }
    trainer.step(order.subarray(first, first + batchSize));
    await trainer.ready();
    metrics.push(...(await trainer.takeMetrics()));
  }
  metrics.push(...(await trainer.takeMetrics({ all: true })));
  const params = await trainer.readParams();
  trainer.dispose();
  ring.dispose();
  return { params, metrics, inputScale };
}

/** fvu and l0 over held-out tokens, in float64. */
function evaluate(params: SaeParams, saeIn: Float32Array, inputScale: number) {
  const { saeOut, l0 } = reconstruct(params, saeIn, inputScale);
  const { d_in } = params;
  const tokens = saeIn.length / d_in;
  let [error, spread] = [0, 0];
  for (let i = 0; i < d_in; i++) {
    let mean = 0;
    for (let t = 0; t < tokens; t++) mean += saeIn[t * d_in + i]! / tokens;
    for (let t = 0; t < tokens; t++) {
      error += (saeIn[t * d_in + i]! - saeOut[t * d_in + i]!) ** 2;
      spread += (saeIn[t * d_in + i]! - mean) ** 2;
    }
  }
  return { fvu: error / spread, l0 };
}
