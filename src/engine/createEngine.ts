// Composes the hosts into the one EngineApi that the page (through a worker) and Node programs talk to.
// Headless: it knows neither DOM nor worker.
import { ConfigError } from '../core/errors';
import type { EngineApi } from './api';
import { createCorpusHost } from './corpusHost';
import { latentDashboard, latentRows } from './dashboard';
import { createDeviceHost } from './deviceHost';
import { makeEventQueue } from './events';
import { createGenerationHost, viewToken } from './generation';
import { createModelHost } from './modelHost';
import { createModelShelf } from './modelShelf';
import type { EngineParts } from './parts';
import { DEVICE_LOST_WAY_OUT, GpuRefusalError, outcome, toProblem } from './problems';
import { measurePrecisionLoss } from './precisionLoss';
import { createSaeLibrary } from './saeLibrary';
import { createStatisticsHost } from './statisticsHost';
import { createTrainingHost } from './trainingHost';
import { makeTurns } from './turns';

export function createEngine(parts: EngineParts): EngineApi {
  const { emit, subscribe } = makeEventQueue(parts.schedule);
  const turns = makeTurns();
  const device = createDeviceHost(parts);
  const shelf = createModelShelf(parts);
  const modelHost = createModelHost(parts, device, shelf, emit);
  const corpusHost = createCorpusHost(parts, emit);
  const library = createSaeLibrary(parts, emit);
  const shared = { parts, device, modelHost, corpusHost, library, turns, emit };
  const training = createTrainingHost(shared);
  const statisticsHost = createStatisticsHost(shared);
  const generation = createGenerationHost(shared);

  device.onLost((message) => {
    const what = `The GPU device was lost (${message || 'no reason given'}).`;
    emit({
      kind: 'problem',
      problem: { kind: 'device-lost', what, wayOut: DEVICE_LOST_WAY_OUT, field: null },
    });
  });

  device.onRefusal((message) => {
    const problem = toProblem(new GpuRefusalError(`The GPU refused work: ${message}`));
    emit({ kind: 'problem', problem });
  });

  const announce = async () => {
    emit({ kind: 'device', device: await device.facts() });
    try {
      emit({ kind: 'saes', saes: await library.list() });
      emit({ kind: 'keptModels', models: await shelf.list(), note: null });
    } catch (thrown) {
      emit({ kind: 'problem', problem: toProblem(thrown) });
    }
  };

  const statisticsOf = async (saeId: string) => {
    const statistics = await library.statistics(saeId);
    if (statistics === null) {
      throw new ConfigError('This SAE has no statistics yet. Compute them first.', 'statistics');
    }
    return statistics;
  };

  return {
    subscribe(listener) {
      subscribe(listener);
      emit({ kind: 'corpus', corpus: corpusHost.current().facts() });
      // Finding an adapter and listing storage take a while: the page need not wait for them.
      void announce();
      return Promise.resolve();
    },

    openModel: (source) =>
      outcome(async () => {
        training.refuseIfBusy();
        statisticsHost.cancel();
        generation.stop();
        const opened = await modelHost.open(source);
        corpusHost.modelOpened(opened.tokenizer);
        return opened.facts;
      }),
    openCorpus: (source) =>
      outcome(() => {
        training.refuseIfBusy();
        const tokenizer = modelHost.currentOrNull()?.tokenizer ?? null;
        return corpusHost.open(source, tokenizer, training.refuseIfBusy);
      }),
    setModelBackend: (backend) =>
      outcome(async () => {
        training.refuseIfBusy();
        if (backend === 'webgpu') await device.acquire();
        statisticsHost.cancel();
        generation.stop();
        const before = device.chooseBackend(backend);
        try {
          await modelHost.refit();
        } catch (cause) {
          device.chooseBackend(before);
          throw cause;
        } finally {
          emit({ kind: 'device', device: await device.facts() });
        }
        return null;
      }),
    setWeightPrecision: (precision) =>
      outcome(async () => {
        training.refuseIfBusy();
        const before = modelHost.chosenPrecision();
        modelHost.choosePrecision(precision);
        try {
          await modelHost.refit();
        } catch (cause) {
          modelHost.choosePrecision(before);
          throw cause;
        }
        statisticsHost.cancel();
        generation.stop();
        return null;
      }),
    measurePrecisionLoss: (tokens) =>
      outcome(() => {
        training.refuseIfBusy();
        return measurePrecisionLoss(shared, tokens);
      }),
    deleteKeptModel: (id) =>
      outcome(async () => {
        await shelf.delete(id);
        emit({ kind: 'keptModels', models: await shelf.list(), note: null });
        return null;
      }),
    tokenize(text) {
      const model = modelHost.currentOrNull();
      if (model === null) return Promise.resolve([]);
      const { tokenizer } = model;
      const ids = tokenizer.encodeOrdinary(text);
      return Promise.resolve(ids.map((tokenId) => viewToken(tokenizer, tokenId)));
    },

    generate: (generationId, request) =>
      outcome(async () => {
        await turns.foreground(() => generation.generate(generationId, request));
        return null;
      }),
    stopGeneration: () =>
      command(() => {
        generation.stop();
      }),
    setStrength: (strength) =>
      command(() => {
        generation.setStrength(strength);
      }),

    checkTraining: (form) => outcome(() => training.check(form)),
    startTraining: (form) => outcome(() => training.start(form)),
    pauseTraining: () =>
      command(() => {
        training.pause();
      }),
    resumeTraining: (runId) => outcome(() => training.resume(runId)),
    saveSoon: () =>
      command(() => {
        training.saveSoon();
      }),
    stopTraining: () =>
      command(() => {
        training.stop();
      }),
    listRuns: () => training.list(),
    runPoints: (runId) => training.points(runId),
    deleteRun: (runId) => training.delete(runId),

    listSaes: () => library.list(),
    computeStatistics: (saeId, tokens) => outcome(() => statisticsHost.compute(saeId, tokens)),
    cancelStatistics: () =>
      command(() => {
        statisticsHost.cancel();
      }),
    latentRows: (saeId) => outcome(async () => latentRows(await statisticsOf(saeId))),
    latentDashboard: (saeId, latentIndex) =>
      outcome(async () => latentDashboard(await statisticsOf(saeId), latentIndex, isSpecialText)),
    exportSae: (saeId) => outcome(() => library.export(saeId)),
    importSae: (files) => outcome(() => library.import(files)),
    deleteSae: (saeId) => library.delete(saeId),
  };
}

/** Special tokens print as their names; nanochat's ordinary text is encoded so that it never does. */
function isSpecialText(text: string): boolean {
  return /^<\|[a-z_]+\|>$/.test(text);
}

/** Runs what answers at once. */
function command(effect: () => void): Promise<void> {
  effect();
  return Promise.resolve();
}
