// The training loop of one run, or of several that share every forward pass of the model: fill the rings,
// calibrate, step, report, save. Every decision follows from (config, step), so a run resumed at any
// checkpoint gives exactly the numbers of an uninterrupted one, and a run trained with others those of the
// same run alone.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { writePoint, type HookPoint } from '../../core/activations/hookPoint';
import { seededPermutation } from '../../core/numeric/rng';
import { outputScaleOf, transcoderCalibration } from '../../core/sae/calibration';
import { isResampling } from '../../core/sae/resampleFields';
import { totalSteps, type Calibration, type SaeConfig, type SaeParams } from '../../core/sae/sae';
import { unsharedField } from '../../core/train/trainingMemory';
import {
  initTrainerState,
  nonFiniteTensors,
  trainerStateFrom,
  type StepMetrics,
  type TrainerState,
} from '../../core/train/trainerState';
import type { ActivationRing } from '../../core/train/activationRing';
import { ringBlockAt, type RingBlock } from '../../core/train/ringBlocks';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { SaeTrainer } from '../../core/train/saeTrainer';
import type { ActivationFeed } from '../activations/activationFeed';
import { moveToMedian } from './medianBias';
import type { LatentSampler } from './latentSampler';
import { CancelledError, NotFiniteError } from '../problems';
import { resampleDead } from './resampleDead';
import { fillRings } from './ringFill';

/** Streams of the seed that order the rows of a block; block b uses BLOCK_STREAM + b. */
const BLOCK_STREAM = 0x10000;

export type LoopStart = { calibration: Calibration; state: TrainerState };

/** One SAE of the loop. */
type LoopMember = {
  config: SaeConfig;
  /** null: from the first step */
  start: LoopStart | null;
  /** with which it begins instead of random directions, where there is no start */
  from?: SaeParams;
  onMetrics: (metrics: StepMetrics[]) => void;
  /** samples its latents during training; absent: not watched */
  sampler?: LatentSampler;
  /** true once this run should end early and keep its result; the others continue */
  isStopped: () => boolean;
};

type LoopHooks = {
  onPreparing: (what: string, done: number, total: number) => void;
  onTraining: () => void;
  /** Called before the first step and after each, with a way to read the exact states, in the order of the
   *  members; may save, wait (pause) or throw. Members that ended are null. */
  betweenSteps: (step: number, readStates: () => Promise<(LoopStart | null)[]>) => Promise<void>;
  /** A member ended: finished, stopped, or with an error (its state is then lost). */
  onLeft: (member: number, end: LoopStart | Error) => Promise<void>;
  breathe: () => Promise<void>;
};

type LoopRequest = {
  backend: SaeBackend;
  members: readonly LoopMember[];
  /** created for the hook points of the members, in the order of `hookPointsOf` */
  feed: ActivationFeed;
  hooks: LoopHooks;
};

/** The distinct hook points that members read, or rebuild, in the order of their first use. */
export function hookPointsOf(configs: readonly SaeConfig[]): HookPoint[] {
  return [...new Set(configs.flatMap(({ hookPoint }) => [hookPoint, writePoint(hookPoint)]))];
}

/** Throws ConfigError naming the first field that prevents the configurations from sharing a token stream. */
function checkShared(configs: readonly SaeConfig[]): void {
  const [first, ...others] = configs;
  if (first === undefined) throw new ConfigError('nothing to train: no configuration given');
  for (const other of others) {
    const field = unsharedField(first, other);
    if (field === null) continue;
    throw new ConfigError(
      `${field} must be the same for all SAEs trained at once: ${first[field]} and ${other[field]}`,
      field,
    );
  }
}

/** A member's trainer and the rings that it reads. */
type Running = {
  index: number;
  member: LoopMember;
  trainer: SaeTrainer;
  calibration: Calibration;
  ring: ActivationRing;
  /** a transcoder's */
  targets?: ActivationRing;
};

/** Trains every member to its end, or until stopped. Frees all it allocated, even if it throws. */
export async function runTrainingLoop(o: LoopRequest): Promise<void> {
  const { backend, members, hooks } = o;
  const configs = members.map(({ config }) => config);
  checkShared(configs);
  const points = hookPointsOf(configs);
  const rings: ActivationRing[] = [];
  const running: Running[] = [];
  try {
    const { ringRows: rows, d_in: d } = elementAt(configs, 0);
    while (rings.length < points.length) rings.push(await backend.createRing({ rows, d }));
    const stored = storedStates(members);
    const starts = stored ?? (await firstStates(o, rings, points));
    hooks.onPreparing('Compiling kernels', 0, 1);
    for (const [index, member] of members.entries()) {
      const { config } = member;
      const { calibration, state } = elementAt(starts, index);
      const ringAt = (hook: HookPoint) => elementAt(rings, points.indexOf(hook));
      const from = {
        ring: ringAt(config.hookPoint),
        ...(config.architecture === 'transcoder' && {
          targets: ringAt(writePoint(config.hookPoint)),
        }),
      };
      const trainer = await backend.createTrainer({ config, calibration, state, ...from });
      running.push({ index, member, trainer, calibration, ...from });
    }
    const scales = points.map((hook) => scaleAt(hook, configs, starts));
    const firstStep = elementAt(starts, 0).state.step;
    await trainSteps({ ...o, rings, scales, running, firstStep, isFilled: stored === null });
  } finally {
    for (const { trainer } of running) trainer.dispose();
    for (const ring of rings) ring.dispose();
  }
}

/** How the rows of a ring are scaled: for all that read it, and all that rebuild it, alike. */
function scaleAt(
  hook: HookPoint,
  configs: readonly SaeConfig[],
  starts: readonly LoopStart[],
): number {
  const reader = configs.findIndex(({ hookPoint }) => hookPoint === hook);
  if (reader !== -1) return elementAt(starts, reader).calibration.inputScale;
  const writer = configs.findIndex(({ hookPoint }) => writePoint(hookPoint) === hook);
  return outputScaleOf(elementAt(starts, writer).calibration);
}

/** Where the members go on from; null if any begins anew, with which they all do. */
function storedStates(members: readonly LoopMember[]): LoopStart[] | null {
  const stored = members.flatMap(({ start }) => start ?? []);
  if (stored.length < members.length) return null;
  const [first] = stored;
  if (stored.some(({ state }) => state.step !== first?.state.step)) {
    throw new ConfigError('the checkpoints of this run are of different steps; start it again');
  }
  return stored;
}

/** Fills the rings with the first block and calibrates every member by it. */
async function firstStates(
  o: LoopRequest,
  rings: readonly ActivationRing[],
  points: readonly HookPoint[],
): Promise<LoopStart[]> {
  const { members, hooks, feed } = o;
  const { config: shared } = elementAt(members, 0);
  const block = ringBlockAt(shared, 0);
  const measured = shared.calibrationTokens;
  const fill = { feed, rings, block, scales: null, measured };
  const calibrations = await fillRings(fill, async (rows) => {
    hooks.onPreparing('Capturing activations', rows, block.rows);
    await hooks.breathe();
    return !members.every((member) => member.isStopped());
  });
  if (calibrations === null) throw new CancelledError('stopped before the first step');
  return members.map(({ config, from }) => {
    const at = (hook: HookPoint) => elementAt(calibrations, points.indexOf(hook));
    const read = at(config.hookPoint);
    const calibration =
      config.architecture === 'transcoder'
        ? transcoderCalibration(read, at(writePoint(config.hookPoint)))
        : read;
    const state =
      from === undefined
        ? initTrainerState(config, calibration)
        : trainerStateFrom(from, config, calibration);
    return { calibration, state };
  });
}

/** The loop once all of it is prepared. */
type PreparedLoop = LoopRequest & {
  rings: readonly ActivationRing[];
  scales: readonly number[];
  /** members still in training; one that ends is disposed and removed */
  running: Running[];
  firstStep: number;
  /** the rings hold the block of the first step */
  isFilled: boolean;
};

async function trainSteps(o: PreparedLoop): Promise<void> {
  const { members, hooks, running } = o;
  const { config: shared } = elementAt(members, 0);
  const { batchSize, seed } = shared;
  const total = totalSteps(shared);
  const readStates = async () => {
    await reportAll(o, { all: true });
    const states = members.map((): LoopStart | null => null);
    for (const { index, calibration, trainer } of running) {
      states[index] = { calibration, state: await trainer.readState() };
    }
    return states;
  };
  let block: RingBlock | null = null;
  let order: Uint32Array = new Uint32Array();
  for (let step = o.firstStep; step < total && running.length > 0; step++) {
    const wanted = ringBlockAt(shared, step);
    if (block?.index !== wanted.index) {
      const isFirst = block === null;
      if (!(isFirst && o.isFilled) && !(await fillLater(o, wanted, isFirst))) break;
      block = wanted;
      order = seededPermutation(block.rows, seed, BLOCK_STREAM + block.index);
      if (isFirst) {
        hooks.onTraining();
        if (step === 0) {
          await moveBiases(o, order);
          await hooks.betweenSteps(0, readStates);
        }
      }
    }
    const offset = step * batchSize - wanted.first;
    const rows = order.subarray(offset, offset + batchSize);
    for (const { trainer } of running) trainer.step(rows);
    sample(o, step + 1, rows);
    for (const { trainer } of running) await trainer.ready();
    await reportAll(o);
    await resampleDue(o, step + 1, wanted.rows);
    await hooks.betweenSteps(step + 1, readStates);
    await leaveStopped(o);
  }
  await reportAll(o, { all: true });
  for (const one of [...running]) await leave(o, one, await endOf(one));
}

/** For watched runs: the code of the step just enqueued, before the next one overwrites it. */
function sample({ feed, running }: PreparedLoop, step: number, rows: Uint32Array): void {
  for (const { member, trainer, calibration } of running) {
    const { latents } = trainer;
    if (latents === null || member.sampler?.isDue() !== true) continue;
    // Decoder rows are unit vectors of what is rebuilt: activations have its scale.
    const scale = outputScaleOf(calibration);
    member.sampler.take({ step, rows, text: feed.ringText(), scale, latents });
  }
}

/** False if every member was stopped meanwhile: their results before this block are kept. A block larger than all before
 *  corrects V, until one had as many rows as are to be measured. */
async function fillLater(o: PreparedLoop, block: RingBlock, isFirst: boolean): Promise<boolean> {
  const { feed, rings, scales, hooks, running, members } = o;
  const { calibrationTokens } = elementAt(members, 0).config;
  const isLarger = block.before > 0 && block.rows > block.before;
  const measured = isLarger && block.before < calibrationTokens ? calibrationTokens : 0;
  const found = await fillRings({ feed, rings, block, scales, measured }, async (rows) => {
    // Later blocks count as training: showing them as a phase would only flicker.
    if (isFirst) hooks.onPreparing('Capturing activations', rows, block.rows);
    await hooks.breathe();
    return !running.every(({ member }) => member.isStopped());
  });
  if (found === null) return false;
  if (measured > 0) await reportAll(o, { all: true });
  for (const one of measured > 0 ? running : []) {
    correctVariance(one, elementAt(found, rings.indexOf(rebuilt(one))));
  }
  return true;
}

const rebuilt = ({ ring, targets }: Running) => targets ?? ring;

/** measured: of the ring whose rows are rebuilt, at its scale */
function correctVariance(one: Running, { tokens, variance }: Calibration): void {
  one.calibration = { ...one.calibration, tokens, variance };
  one.trainer.setVariance(variance);
}

/** For members whose b_dec starts at the geometric median of the first block. */
async function moveBiases(o: PreparedLoop, order: Uint32Array): Promise<void> {
  for (const one of o.running) {
    const { config } = one.member;
    if (config.bDecInit !== 'geometricMedian') continue;
    one.trainer = await moveToMedian(o.backend, { ...one, config }, order, o.hooks.breathe);
  }
}

/** Before anything is saved, so that a checkpoint of this step contains the resampled state. rows: of the block in the
 *  ring */
async function resampleDue(o: PreparedLoop, stepsDone: number, rows: number): Promise<void> {
  const isDue = ({ member: { config } }: Running) =>
    isResampling(config, stepsDone, totalSteps(config));
  if (!o.running.some(isDue)) return;
  await reportAll(o, { all: true });
  for (const one of o.running.filter(isDue)) {
    const { calibration, ring, trainer, member } = one;
    const { config } = member;
    one.trainer = await resampleDead(o.backend, { config, calibration, ring, rows, trainer });
    await o.hooks.breathe();
  }
}

async function leaveStopped(o: PreparedLoop): Promise<void> {
  for (const one of o.running.filter(({ member }) => member.isStopped())) {
    report(one, await one.trainer.takeMetrics({ all: true }));
    await leave(o, one, await endOf(one));
  }
}

const endOf = async ({ calibration, trainer }: Running): Promise<LoopStart> => ({
  calibration,
  state: await trainer.readState(),
});

async function leave(
  { hooks, running }: { hooks: LoopHooks; running: Running[] },
  one: Running,
  end: LoopStart | Error,
): Promise<void> {
  running.splice(running.indexOf(one), 1);
  one.trainer.dispose();
  await hooks.onLeft(one.index, end);
}

/** Passes on the metrics that have arrived. A run with invalid numbers is removed; the others continue. */
async function reportAll(
  o: { hooks: LoopHooks; running: Running[] },
  which: { all?: boolean } = {},
): Promise<void> {
  for (const one of [...o.running]) {
    const bad = report(one, await one.trainer.takeMetrics(which));
    if (bad !== undefined) await leave(o, one, await notFinite(one, bad));
  }
}

/** Returns the first step with invalid numbers, if any. */
function report({ member }: Running, metrics: StepMetrics[]): StepMetrics | undefined {
  if (metrics.length > 0) member.onMetrics(metrics);
  return metrics.find(({ loss, nanCount }) => !Number.isFinite(loss) || nanCount > 0);
}

/** Names the step, what went wrong, and the tensors that are not finite by now. */
async function notFinite(
  { trainer }: Running,
  { step, nanCount, loss }: StepMetrics,
): Promise<NotFiniteError> {
  const what = nanCount > 0 ? `${nanCount} pre-activations are not numbers` : `the loss is ${loss}`;
  const tensors = nonFiniteTensors(await trainer.readState());
  const where = tensors.length === 0 ? '' : `; not finite: ${tensors.join(', ')}`;
  return new NotFiniteError(`step ${step}: ${what}${where}`);
}
