// Training from activations that are already there, with the trainer and recipe of the app.
import { machine } from '#machine';
import { hookPoint, type HookPoint } from '../core/activations/hookPoint';
import { ConfigError, invariant } from '../core/errors';
import type { Matrix } from '../core/handles';
import { choosesK, type ArchitectureInput } from '../core/sae/architecture';
import { makeSaeConfig, totalSteps, type SaeConfig as Config } from '../core/sae/sae';
import { foldSae } from '../core/sae/saeFold';
import { usualK } from '../core/sae/usualK';
import { trainerStateParams, type StepMetrics } from '../core/train/trainerState';
import { createRowFeed } from '../engine/activations/rowFeed';
import { trainedFacts } from '../engine/sae/trainedFacts';
import { runTrainingLoop, type LoopStart } from '../engine/train/trainingLoop';
import type { EngineHosts } from '../engine/hosts';
import type { MachineChoice } from '../engine/session';
import { DeviceActivations, type Activations } from './activationCollector';
import type { InterpretableModel } from './interpretableModel';
import { Sae } from './sae';

/** Everything that determines a run's numbers; two runs of equal configurations on one machine are equal. */
export type SaeConfig = Config;

/** What one chooses of a recipe; all else is its default, or may be given by the name of its field. */
export type ConfigRequest = ArchitectureInput & {
  /** after which block, from 0; or name `hook` */
  layer?: number;
  /** by its TransformerLens name, such as blocks.2.hook_mlp_out */
  hook?: HookPoint;
  /** d_sae / d_in; default 8 */
  expansionFactor?: number;
  /** tokens to train on; default 1,000,000 */
  tokens?: number;
  /** tokens per step; default 1024 */
  batchSize?: number;
  /** default 0 */
  seed?: number;
  /** peak learning rate of Adam; default: by size and length of the run */
  lr?: number;
};

/** Recipes: docs/design/sae.md says where each default comes from. */
export const SaeConfig = {
  /** A recipe for SAEs of this model; every other field has the recipe's default (docs/design/sae.md).
   *  Throws ConfigError naming field, value and bound. */
  fromModel(model: InterpretableModel, request: ConfigRequest): SaeConfig {
    const {
      layer,
      hook,
      expansionFactor = 8,
      tokens = 1_000_000,
      batchSize = 1024,
      seed = 0,
      ...rest
    } = request;
    const { facts } = model;
    if ((layer === undefined) === (hook === undefined)) {
      throw new ConfigError('give layer, or hook', 'layer');
    }
    const site = rest.architecture === 'transcoder' ? 'ln2.hook_normalized' : 'hook_resid_post';
    const place = hook ?? hookPoint(layer ?? 0, site);
    if (!facts.hookPoints.includes(place)) {
      throw new ConfigError(
        `layer: ${place} was given, ${facts.name} has blocks 0 to ${facts.n_layer - 1}`,
        'layer',
      );
    }
    return recipe({
      ...rest,
      expansionFactor,
      tokens,
      batchSize,
      seed,
      hookPoint: place,
      d_in: facts.n_embd,
      contextSize: Math.min(256, facts.sequence_len),
    });
  },

  /** A recipe for SAEs of rows whose model is not here: `hook` says where they come from.
   *  Throws ConfigError naming field, value and bound. */
  fromActivations(
    { d_in, hookPoint: place }: Pick<Activations, 'd_in' | 'hookPoint'>,
    request: Omit<ConfigRequest, 'layer' | 'hook'>,
  ): SaeConfig {
    const { expansionFactor = 8, tokens = 1_000_000, batchSize = 1024, seed = 0 } = request;
    const given = { ...request, expansionFactor, tokens, batchSize, seed };
    return recipe({ ...given, hookPoint: place, d_in, contextSize: 256 });
  },
};

type Recipe = Omit<ConfigRequest, 'layer' | 'hook'> &
  Required<Pick<ConfigRequest, 'expansionFactor' | 'tokens' | 'batchSize' | 'seed'>> &
  Pick<Config, 'hookPoint' | 'd_in' | 'contextSize'>;

function recipe({ expansionFactor, ...given }: Recipe): SaeConfig {
  const usesK = choosesK(given.architecture ?? 'topk');
  return makeSaeConfig({
    ...(usesK && { k: usualK(expansionFactor) }),
    ...given,
    d_sae: Math.round(expansionFactor * given.d_in),
  });
}

/** Where training runs, and what is told and kept of it. */
export type TrainOptions = MachineChoice & {
  /** name and id under which the model is recorded in the SAE's files; default: unknown */
  modelId?: string;
  /** after each step's numbers are known: loss (mse / V + AuxK), L0, explained variance of the batch, dead latents */
  onMetrics?: (metrics: StepMetrics, totalSteps: number) => void;
  /** aborted: the run ends after the step and its SAE is kept */
  signal?: AbortSignal;
  /** TopK: begins with its weights instead of random directions, so that features keep their numbers */
  startFrom?: Sae;
};

/** Trains one SAE on rows, each passed over as often as config.tokens asks; on rows that stay on a device, there. Throws
 *  ConfigError where the widths differ, with both values, and where another device than theirs is asked for, and
 *  NotFiniteError where the run diverges. */
export async function trainSaeFromActivations(
  activations: Activations | DeviceActivations,
  config: SaeConfig,
  o: TrainOptions = {},
): Promise<Sae> {
  if (activations.d_in !== config.d_in) {
    throw new ConfigError(
      `d_in: the activations have ${activations.d_in}, the configuration ${config.d_in}`,
      'd_in',
    );
  }
  if (config.architecture === 'transcoder') {
    throw new ConfigError(
      'architecture: a transcoder is trained on what an MLP reads and on what it writes; one set of activations was given. `nanoscope train` trains it from a text',
      'architecture',
    );
  }
  const { hosts, x } = await placeOf(activations, o);
  const kept: { end: LoopStart | Error | null; last: StepMetrics | null } = {
    end: null,
    last: null,
  };
  await runTrainingLoop({
    backend: await hosts.device.sae(),
    feed: createRowFeed(config, x),
    members: [
      {
        config,
        start: null,
        ...(o.startFrom !== undefined && { from: o.startFrom.params }),
        onMetrics(metrics) {
          for (const one of metrics) o.onMetrics?.(one, totalSteps(config));
          kept.last = metrics.at(-1) ?? kept.last;
        },
        isStopped: () => o.signal?.aborted === true,
      },
    ],
    hooks: {
      breathe: hosts.parts.breathe,
      onPreparing: () => undefined,
      onTraining: () => undefined,
      betweenSteps: hosts.parts.breathe,
      onLeft(_, end) {
        kept.end = end;
        return Promise.resolve();
      },
    },
  });
  const { end, last } = kept;
  invariant(end !== null, 'the loop ended without its run');
  if (end instanceof Error) throw end;
  const params = foldSae(trainerStateParams(end.state, config), end.calibration);
  const facts = await trainedFacts({
    runId: 'library',
    modelId: o.modelId ?? 'unknown',
    corpus: { name: 'activations', isDemo: false },
    config,
    tokens: end.state.step * config.batchSize,
    // Of the last batch; an evaluation on held-out text says more.
    explainedVariance: null,
    l0: null,
    deadFraction: last === null ? null : last.deadCount / config.d_sae,
    params,
  });
  return new Sae(facts, params);
}

/** Where rows are trained on: rows of a device stay in the session that made them. */
async function placeOf(
  activations: Activations | DeviceActivations,
  { device, threads }: MachineChoice,
): Promise<{ hosts: EngineHosts; x: Matrix }> {
  if (activations instanceof DeviceActivations) {
    if (device !== undefined || threads !== undefined) {
      throw new ConfigError(
        'device: these activations lie on a device already, where they are trained on; leave it out, or collect them with storage "cpu"',
        'device',
      );
    }
    return activations.held();
  }
  const { hosts } = await machine.openSession({ device, threads });
  const { rows, d_in, data } = activations;
  return { hosts, x: { where: 'cpu', rows, cols: d_in, data } };
}
