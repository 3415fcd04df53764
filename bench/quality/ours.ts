// Trains one SAE with the product's own kernels on cached activations, in the batches that the peers get, and writes
// it as the product exports it.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { invariant } from '../../src/core/errors';
import { totalSteps, type SaeConfig } from '../../src/core/sae/sae';
import { foldSae } from '../../src/core/sae/saeFold';
import {
  initTrainerState,
  trainerStateParams,
  type StepMetrics,
  type TrainerState,
} from '../../src/core/train/trainerState';
import { formatSaeLens } from '../../src/formats/sae/saelens';
import type { SaeBackend } from '../../src/core/train/saeBackend';
import { calibrate } from '../../tests/helpers/train/dictionary';
import type { Activations } from './activations';
import { CONTEXT, HOOK } from './budget';

export type TrainedFacts = {
  /** share of latents silent for deadAfterTokens at the end of training */
  deadFraction: number;
  seconds: number;
  versions: Record<string, string>;
};

/** A run at the start of a block of the ring: an interruption costs that block at most. */
type Kept = { state: TrainerState; last: StepMetrics | null };

export async function trainOurs(
  backend: SaeBackend,
  activations: Activations,
  config: SaeConfig,
  folder: string,
): Promise<TrainedFacts> {
  const started = performance.now();
  const { d_in, ringRows, batchSize } = config;
  const first = Uint32Array.from({ length: config.calibrationTokens }, (_, row) => row);
  const calibration = calibrate(activations.rows(first), d_in);
  const { inputScale } = calibration;
  const order = await activations.order(config.seed);
  const ring = await backend.createRing({ rows: ringRows, d: d_in });
  await mkdir(folder, { recursive: true });
  const kept = join(folder, 'state.bin');
  const begun = existsSync(kept) ? (deserialize(await readFile(kept)) as Kept) : null;
  const state = begun?.state ?? initTrainerState(config, calibration);
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  const places = Uint32Array.from({ length: ringRows }, (_, row) => row);
  let last = begun?.last ?? null;
  for (let step = state.step; step < totalSteps(config); step++) {
    const place = (step * batchSize) % ringRows;
    if (place === 0) {
      last = (await trainer.takeMetrics({ all: true })).at(-1) ?? last;
      const standing: Kept = { state: await trainer.readState(), last };
      await writeFile(`${kept}.part`, serialize(standing));
      await rename(`${kept}.part`, kept);
      const block = order.subarray(step * batchSize, step * batchSize + ringRows);
      const x = { rows: block.length, cols: d_in, data: activations.rows(block) };
      await ring.append({ where: 'cpu', ...x }, places.subarray(0, block.length), inputScale, 0);
    }
    trainer.step(places.subarray(place, place + batchSize));
    await trainer.ready();
  }
  last = (await trainer.takeMetrics({ all: true })).at(-1) ?? last;
  invariant(last !== null && Number.isFinite(last.loss), 'the run ended without a finite loss');
  const params = foldSae(trainerStateParams(await trainer.readState(), config), calibration);
  trainer.dispose();
  ring.dispose();
  const files = formatSaeLens(params, {
    architecture: config.architecture,
    k: 'k' in config ? config.k : null,
    hookPoint: HOOK,
    modelName: 'nanochat-d4',
    contextSize: CONTEXT,
    prependBos: true,
    excludeSpecialTokens: true,
    statistics: null,
    version: 'bench',
    datasetPath: 'demo',
    tokens: config.tokens,
    l0: null,
    deadCount: last.deadCount,
    explainedVariance: null,
    fireRates: null,
  });
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  await rm(kept, { force: true });
  return {
    deadFraction: last.deadCount / config.d_sae,
    seconds: (performance.now() - started) / 1000,
    versions: { adapter: backend.description },
  };
}
