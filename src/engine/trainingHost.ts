// The page's view of training: one run at a time, its phase, its curve, its autosaves, pause and resume.
// The numbers are the loop's business (trainingLoop.ts).
import { foldSae } from '../core/saeFold';
import { ConfigError } from '../core/errors';
import { choosesK, type SaeArchitecture } from '../core/architecture';
import { makeSaeConfig, totalSteps, type SaeConfig, type SaeParams } from '../core/sae';
import { trainerStateParams } from '../core/trainerState';
import { readMatrix } from '../gpu/readMatrix';
import { createSaeEncoder } from '../gpu/saeEncoder';
import { createActivationFeed } from './activationFeed';
import type { RunFacts, RunPhase, TrainForm, TrainPoint } from './api';
import {
  addPoints,
  advance,
  checkCorpus,
  checkModel,
  newFacts,
  storedFacts,
  waitPaused,
  type LiveRun,
} from './liveRun';
import { evaluateReconstruction } from './evaluate';
import type { OpenCorpus } from './corpusHost';
import type { OpenModel } from './modelHost';
import type { EngineHosts } from './hosts';
import { CancelledError, DeviceLostError, GpuRefusalError, toProblem } from './problems';
import { createRunArchive } from './runArchive';
import { runTrainingLoop, type LoopStart } from './trainingLoop';

/** Milliseconds between autosaves (interface.md 8 asks for at least every 60 s). */
const AUTOSAVE_INTERVAL = 20_000;
/** Ring rows on a software adapter: the first step comes after seconds, not a minute. */
const SOFTWARE_RING_BATCHES = 16;
/** Counted held-out tokens on which a finished SAE is measured. */
const HELD_OUT_TOKENS = 8192;

export type TrainingHost = {
  /** Throws ConfigError while a run needs the open model. */
  refuseIfBusy: () => void;
  check: (form: TrainForm) => Promise<SaeConfig>;
  start: (form: TrainForm) => Promise<RunFacts>;
  resume: (runId: string) => Promise<RunFacts>;
  pause: () => void;
  stop: () => void;
  /** asks for a checkpoint at the next step */
  saveSoon: () => void;
  list: () => Promise<RunFacts[]>;
  points: (runId: string) => Promise<TrainPoint[]>;
  delete: (runId: string) => Promise<void>;
};

export function createTrainingHost(o: EngineHosts): TrainingHost {
  const { parts, device, modelHost, emit } = o;
  const archive = createRunArchive(parts.storage);
  let live: LiveRun | null = null;
  /** What the device did to the run, once it did; a run looks here between steps. */
  let fault: Error | null = null;
  device.onLost((message) => {
    fault = new DeviceLostError(`The GPU device was lost (${message || 'no reason given'}).`);
    live?.wake();
  });
  device.onRefusal((message) => {
    fault ??= new GpuRefusalError(`The GPU refused work: ${message}`);
  });

  const currentFault = (): Error | null => fault;

  const isBusy = () =>
    live !== null && ['preparing', 'training', 'paused'].includes(live.facts.phase.kind);
  const setPhase = (run: LiveRun, phase: RunPhase) => {
    run.facts = { ...run.facts, phase };
    emit({ kind: 'run', run: run.facts });
  };

  const makeConfig = async (form: TrainForm): Promise<SaeConfig> => {
    const { facts } = modelHost.current();
    if (!facts.hookPoints.includes(form.hookPoint)) {
      throw new ConfigError(
        `${form.hookPoint} is no hook point of this model; it has blocks 0 to ${facts.n_layer - 1}`,
        'hookPoint',
      );
    }
    if (!(form.expansionFactor > 0)) {
      throw new ConfigError(
        `expansion factor must be above 0: ${form.expansionFactor}`,
        'expansionFactor',
      );
    }
    const d_sae = Math.round(form.expansionFactor * facts.n_embd);
    const { isSoftware } = await device.facts();
    const ringRows = isSoftware ? SOFTWARE_RING_BATCHES * form.batchSize : null;
    const architecture = form.architecture ?? 'topk';
    return makeSaeConfig<SaeArchitecture>({
      ...form.advanced,
      architecture,
      ...(choosesK(architecture) ? { k: form.k } : {}),
      hookPoint: form.hookPoint,
      d_in: facts.n_embd,
      d_sae,
      tokens: form.tokens,
      batchSize: form.batchSize,
      seed: form.seed,
      contextSize: Math.min(256, facts.sequence_len),
      ...(ringRows === null ? {} : { ringRows }),
    });
  };

  const save = async (run: LiveRun, state: LoopStart, isStopped: boolean) => {
    const { runId, modelId, corpusId, config } = run.facts;
    const record = await archive.save(
      { runId, number: run.number, modelId, corpusId, config, isStopped },
      { ...state, points: run.points },
    );
    run.facts = { ...run.facts, savedStep: record.savedStep };
  };

  const runLoop = async (run: LiveRun, model: OpenModel, start: LoopStart | null) => {
    const context = await device.acquire();
    fault = null;
    const { config } = run.facts;
    let savedAt = parts.now();
    const throwIfFaulty = () => {
      if (fault !== null) throw fault;
    };
    try {
      const final = await runTrainingLoop({
        context,
        config,
        start,
        feed: createActivationFeed({
          config,
          runtime: await modelHost.runtime(),
          tokenizer: model.tokenizer,
          corpusHost: run.corpus,
        }),
        hooks: {
          breathe: async () => {
            throwIfFaulty();
            await parts.breathe();
            await o.turns.waitForIdle();
          },
          isStopped: () => run.isStopWanted,
          onPreparing: (what, done, total) => {
            setPhase(run, { kind: 'preparing', what, done, total });
          },
          onTraining: () => {
            setPhase(run, { kind: 'training' });
          },
          onMetrics: (metrics) => {
            addPoints(run, metrics, emit);
          },
          betweenSteps: async (step, readState) => {
            throwIfFaulty();
            advance(run, step, parts.now(), emit);
            const isDue = parts.now() - savedAt >= AUTOSAVE_INTERVAL;
            if (isDue || run.isPauseWanted || run.isSaveWanted) {
              run.isSaveWanted = false;
              await save(run, await readState(), false);
              savedAt = parts.now();
              emit({ kind: 'run', run: run.facts });
            }
            if (run.isPauseWanted && !run.isStopWanted) {
              await waitPaused(run, setPhase);
              throwIfFaulty();
            }
            await parts.breathe();
            await o.turns.waitForIdle();
          },
        },
      });
      await finish(run, final);
    } catch (thrown) {
      // What a lost device makes fail first is some promise or other: name the cause, not the symptom.
      // The browser may tell of the loss a moment later than of that promise.
      await parts.breathe();
      const cause = currentFault() ?? thrown;
      if (cause instanceof CancelledError) setPhase(run, { kind: 'stopped' });
      else setPhase(run, { kind: 'failed', problem: toProblem(cause) });
    }
  };

  const finish = async (run: LiveRun, final: LoopStart) => {
    const { config, modelId, runId } = run.facts;
    const isWhole = final.state.step >= totalSteps(config);
    run.facts = { ...run.facts, step: final.state.step, etaSeconds: null };
    if (final.state.step === 0) {
      setPhase(run, { kind: 'stopped' });
      return;
    }
    const params = foldSae(trainerStateParams(final.state, config), final.calibration.inputScale);
    const heldOut = await measureHeldOut(run, params);
    await o.library.addTrained({
      runId,
      modelId,
      corpus: run.corpus.facts(),
      config,
      tokens: final.state.step * config.batchSize,
      explainedVariance: heldOut.explainedVariance,
      l0: heldOut.l0,
      deadFraction: run.points.at(-1)?.deadFraction ?? null,
      params,
    });
    // A stopped run may go on later; a finished one lives on as its SAE.
    if (isWhole) {
      await archive.delete(runId);
      run.facts = { ...run.facts, savedStep: final.state.step };
    } else {
      await save(run, final, true);
    }
    setPhase(run, { kind: isWhole ? 'done' : 'stopped' });
  };

  const measureHeldOut = async (run: LiveRun, params: SaeParams) => {
    const { config } = run.facts;
    const context = await device.acquire();
    const encoder = await createSaeEncoder(context, params);
    try {
      const { tokenizer } = modelHost.current();
      return await evaluateReconstruction({
        params,
        hook: config.hookPoint,
        encoder,
        runtime: await modelHost.runtime(),
        corpus: await run.corpus.pack(tokenizer, 'heldOut', {
          contextSize: config.contextSize,
          seed: 0,
          epoch: 0,
        }),
        tokens: HELD_OUT_TOKENS,
        readMatrix: (x) => readMatrix(context, x),
        onProgress: async (done) => {
          const what = 'Measuring on held-out text';
          setPhase(run, { kind: 'preparing', what, done, total: HELD_OUT_TOKENS });
          await parts.breathe();
        },
      });
    } finally {
      encoder.dispose();
    }
  };

  /** Refuses an own text too short to train on or to be measured on, before hours go into it. The bundled
   *  one is known to suffice, and is tokenised while the run is being prepared. */
  const checkLength = async (corpus: OpenCorpus, config: SaeConfig) => {
    if (corpus.facts().isDemo) return;
    const { tokenizer } = modelHost.current();
    const request = { contextSize: config.contextSize, seed: config.seed, epoch: 0 };
    await corpus.pack(tokenizer, 'train', request);
    await corpus.pack(tokenizer, 'heldOut', request);
  };

  const begin = (
    facts: RunFacts,
    corpus: OpenCorpus,
    number: number,
    start: LoopStart | null,
    points: TrainPoint[],
  ) => {
    const run: LiveRun = {
      facts,
      corpus,
      number,
      points,
      isPauseWanted: false,
      isStopWanted: false,
      isSaveWanted: false,
      wake: () => undefined,
      marks: [],
    };
    live = run;
    emit({ kind: 'run', run: facts });
    void runLoop(run, modelHost.current(), start).catch((thrown: unknown) => {
      setPhase(run, { kind: 'failed', problem: toProblem(thrown) });
    });
    return facts;
  };

  const refuseIfBusy = () => {
    if (!isBusy()) return;
    throw new ConfigError(
      'A run is open. Stop it first: what it has learned is kept, and it can be resumed.',
      'run',
    );
  };

  return {
    refuseIfBusy,
    check: makeConfig,
    async start(form) {
      refuseIfBusy();
      const config = await makeConfig(form);
      await device.acquire();
      const number = await archive.nextNumber();
      const runId = `run-${number}`;
      const corpus = o.corpusHost.current();
      await checkLength(corpus, config);
      refuseIfBusy();
      const { facts } = modelHost.current();
      const run = newFacts({ runId, modelId: facts.id, corpusId: corpus.facts().id, config });
      return begin(run, corpus, number, null, []);
    },
    async resume(runId) {
      if (live?.facts.runId === runId && live.facts.phase.kind === 'paused') {
        live.isPauseWanted = false;
        live.wake();
        return live.facts;
      }
      refuseIfBusy();
      const record = await archive.get(runId);
      if (record === null) {
        throw new ConfigError(`${runId} has no checkpoint to go on from. Start it anew.`, 'run');
      }
      checkModel(record, modelHost.current());
      const corpus = o.corpusHost.current();
      checkCorpus(record, corpus.facts());
      await device.acquire();
      const { points, ...start } = await archive.load(record);
      const facts: RunFacts = {
        ...storedFacts(record),
        phase: { kind: 'preparing', what: 'Starting', done: 0, total: 1 },
        step: record.savedStep,
        savedStep: record.savedStep,
      };
      emit({ kind: 'points', runId, points });
      return begin(facts, corpus, record.number, start, points);
    },
    pause() {
      if (live !== null) live.isPauseWanted = true;
    },
    stop() {
      if (live === null) return;
      live.isStopWanted = true;
      live.wake();
    },
    saveSoon() {
      if (live !== null) live.isSaveWanted = true;
    },
    async list() {
      const stored = (await archive.list()).map(storedFacts);
      if (live === null) return stored;
      const { runId } = live.facts;
      return [live.facts, ...stored.filter((run) => run.runId !== runId)];
    },
    async points(runId) {
      if (live?.facts.runId === runId) return live.points;
      const record = await archive.get(runId);
      return record === null ? [] : (await archive.load(record)).points;
    },
    async delete(runId) {
      if (live?.facts.runId === runId) {
        refuseIfBusy();
        live = null;
      }
      await archive.delete(runId);
    },
  };
}
