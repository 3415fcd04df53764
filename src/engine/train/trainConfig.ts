// A form of the Train screen → the configuration of a run, checked. Knows the open model's facts, not the
// run.
import { hookPoint } from '../../core/activations/hookPoint';
import { choosesK, type SaeArchitecture } from '../../core/sae/architecture';
import { whole } from '../../core/bounds';
import { ConfigError } from '../../core/errors';
import { makeSaeConfig, ringRowsFor, soonBlockRows, type SaeConfig } from '../../core/sae/sae';
import type { SaeBackendName } from '../../core/train/saeBackend';
import type { ModelFacts } from '../model/api';
import type { TrainForm } from './api';

/** Most batches of the ring where somebody watches and the processor reads the text: no step is made while a block is
 *  read, which takes seconds, not a minute. It costs: 0.007 of explained variance on the demo (quality.md). */
const SOON_RING_BATCHES = 16;
/** Share of the tokens that is measured, and the least and most of them. */
const CALIBRATION = { share: 0.05, least: 4096, most: 102_400 } as const;
/** Most tokens in a packed sequence. */
const CONTEXT_SIZE = 256;
/** Most runs of one form. */
const MAX_SEEDS = 16;
/** Width of random activations if no model is open. */
const RANDOM_WIDTH = 256;

/** One configuration per seed, equal except for the initial weights; or one per block of the model. Throws
 *  ConfigError naming field, value and bound.
 *  @param watchedOn what trains it where somebody waits for the first step; null: nobody does */
export function makeTrainConfigs(
  form: TrainForm,
  model: ModelFacts | null,
  watchedOn: SaeBackendName | null,
): SaeConfig[] {
  const { seeds = 1, seed } = form;
  whole('seeds', seeds, 1, MAX_SEEDS);
  const config = makeTrainConfig(form, model, watchedOn);
  whole('seed', seed, 0, 0xffffffff + 1 - seeds);
  if (form.everyLayer === true) return everyLayer(config, seeds, model);
  return Array.from({ length: seeds }, (_, i) => ({ ...config, initSeed: seed + i }));
}

/** A transcoder at each block, the given one's like. */
function everyLayer(config: SaeConfig, seeds: number, model: ModelFacts | null): SaeConfig[] {
  if (config.architecture !== 'transcoder') {
    throw new ConfigError('only transcoders are trained for every block at once', 'hookPoint');
  }
  if (seeds !== 1) {
    throw new ConfigError('seeds must be 1 for a transcoder of every block', 'seeds');
  }
  const layers = model?.n_layer ?? 1;
  return Array.from({ length: layers }, (_, layer) => ({
    ...config,
    hookPoint: hookPoint(layer, 'ln2.hook_normalized'),
  }));
}

/** model: null only if the form asks for random activations. Throws ConfigError naming field, value and
 *  bound. */
function makeTrainConfig(
  form: TrainForm,
  model: ModelFacts | null,
  watchedOn: SaeBackendName | null,
): SaeConfig {
  if (form.source !== 'random') checkHook(form, model);
  if (!(form.expansionFactor > 0)) {
    throw new ConfigError(
      `expansion factor must be above 0: ${form.expansionFactor}`,
      'expansionFactor',
    );
  }
  const d_in = model?.n_embd ?? RANDOM_WIDTH;
  const { tokens, batchSize, seed, architecture = 'topk' } = form;
  const config = makeSaeConfig<SaeArchitecture>({
    ...(watchedOn === 'cpu' && { ringRows: ringRowsFor({ tokens, batchSize }, SOON_RING_BATCHES) }),
    ...form.advanced,
    architecture,
    ...(choosesK(architecture) ? { k: form.k } : {}),
    hookPoint: form.hookPoint,
    d_in,
    d_sae: Math.round(form.expansionFactor * d_in),
    tokens,
    batchSize,
    seed,
    calibrationTokens: calibrationTokens(tokens),
    contextSize: Math.min(CONTEXT_SIZE, model?.sequence_len ?? CONTEXT_SIZE),
  });
  // A median wants many rows: then the first block is a whole ring.
  if (watchedOn === null || config.bDecInit === 'geometricMedian') return config;
  return { ...config, firstBlockRows: Math.min(soonBlockRows(config), config.ringRows) };
}

/** A short run is not held up by measuring more than it trains on. */
function calibrationTokens(tokens: number): number {
  const { share, least, most } = CALIBRATION;
  return Math.max(1, Math.min(tokens, most, Math.max(least, Math.ceil(share * tokens))));
}

function checkHook(form: TrainForm, model: ModelFacts | null): void {
  if (model === null) {
    throw new ConfigError('No model is open. Open the demo or drop a nanochat folder.', 'model');
  }
  if (model.hookPoints.includes(form.hookPoint)) return;
  throw new ConfigError(
    `${form.hookPoint} is not a hook point of this model; it has blocks 0 to ${model.n_layer - 1}`,
    'hookPoint',
  );
}
