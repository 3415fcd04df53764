// Composes the hosts into the one EngineApi that the page (through a worker) and Node programs talk to.
// Headless: it knows neither DOM nor worker.
import { elementAt } from '../core/elementAt';
import { ConfigError, invariant } from '../core/errors';
import type { Matrix } from '../core/handles';
import { inspectFolder } from '../formats/model/nanochatFolder';
import type { GpuContext } from '../gpu/device/device';
import { readMatrix } from '../gpu/device/readMatrix';
import { createActiveLatentsHost } from './explore/activeLatents';
import type { EngineApi } from './api';
import { createComparisonHost } from './explore/compareSaes';
import { createCorpusHost } from './text/corpusHost';
import { latentDashboard, latentRows } from './statistics/dashboard';
import { exportDashboards, type DashboardToExport } from './statistics/dashboardExport';
import { createDeviceHost } from './deviceHost';
import { createEvaluationHost } from './evaluate/evaluationHost';
import { createDownloadHost } from './model/downloadHost';
import { makeEventQueue } from './events';
import { createLabelHost } from './statistics/labelHost';
import { createLatentClustersHost } from './explore/latentClusters';
import { createLatentBirthsHost } from './explore/latentBirths';
import { latentHistory } from './explore/latentHistory';
import { directionLogits } from './sae/latentLogits';
import { createDoseHost } from './steer/doseResponse';
import { createGenerationHost } from './generate/generation';
import { viewToken } from './generate/generationRequest';
import { createHookReader } from './activations/hookReader';
import { createLatentMapHost } from './explore/latentMap';
import { createLatentReader } from './explore/latentReader';
import { replayLatent } from './explore/latentReplay';
import { createLatentInquiry } from './explore/latentInquiry';
import { createNoteStore } from './statistics/latentNotes';
import { createImportCheckHost } from './model/importCheck';
import { readLiveLogits, readLiveTiles } from './train/liveTiles';
import { createModelHost } from './model/modelHost';
import { createModelShelf } from './model/modelShelf';
import type { EngineParts } from './parts';
import { DEVICE_LOST_WAY_OUT, GpuRefusalError, outcome, toProblem } from './problems';
import { measurePrecisionLoss } from './model/precisionLoss';
import { checkSaeFits } from './sae/saeFit';
import { createSaeLibrary } from './sae/saeLibrary';
import { savedRows, savedSteps } from './sae/savedSae';
import { createSelfTextHost } from './text/selfTextHost';
import { createSnapshotArchive } from './sae/snapshotArchive';
import { createStatisticsHost } from './statistics/statisticsHost';
import { createTrainingHost } from './train/trainingHost';
import { createSteeredTexts } from './steer/steeredTexts';
import { describeSteering } from './steer/steeringCheck';
import { makeTurns } from './turns';
import { createVectorHost } from './steer/vectorHost';

export function createEngine(parts: EngineParts): EngineApi {
  const { emit, subscribe } = makeEventQueue(parts.schedule);
  const turns = makeTurns();
  const device = createDeviceHost(parts);
  const shelf = createModelShelf(parts);
  const modelHost = createModelHost(parts, device, shelf, emit);
  const selfText = createSelfTextHost({ parts, modelHost, turns, emit });
  const corpusHost = createCorpusHost(parts, emit, selfText.write);
  const downloads = createDownloadHost(parts, emit);
  const library = createSaeLibrary(parts, emit);
  const shared = { parts, device, modelHost, corpusHost, library, turns, emit };
  const snapshots = createSnapshotArchive(parts.storage);
  const training = createTrainingHost({ ...shared, snapshots });
  const statisticsHost = createStatisticsHost(shared);
  const inquiry = createLatentInquiry(shared);
  const notes = createNoteStore(parts.storage);
  const evaluation = createEvaluationHost(shared);
  const hookReader = createHookReader(shared);
  const vectors = createVectorHost({ ...shared, hookReader });
  const generation = createGenerationHost(shared);
  const steered = createSteeredTexts({ ...shared, vectors, generation });
  const dose = createDoseHost({ ...shared, vectors });
  const importCheck = createImportCheckHost(shared);
  const activeLatents = createActiveLatentsHost(shared);
  const maps = createLatentMapHost(shared);
  const comparison = createComparisonHost({ ...shared, snapshots });
  const clusters = createLatentClustersHost(shared);
  const births = createLatentBirthsHost(shared, snapshots);
  const reader = createLatentReader(shared);
  const labels = createLabelHost(shared);

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
      emit({ kind: 'downloads', downloads: await downloads.kept() });
      emit({ kind: 'keptModels', models: await shelf.list(), note: null });
    } catch (thrown) {
      emit({ kind: 'problem', problem: toProblem(thrown) });
    }
  };

  /** Ends whatever reads the open model, before or because it becomes another. */
  const endModelWork = () => {
    statisticsHost.cancel();
    inquiry.cancel();
    labels.cancel();
    importCheck.cancel();
    selfText.stop();
    evaluation.cancel();
    generation.stop();
    dose.cancel();
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
    text: {
      open: (source) =>
        outcome(() => {
          training.refuseIfBusy();
          const tokenizer = modelHost.currentOrNull()?.tokenizer ?? null;
          return corpusHost.open(source, tokenizer, training.refuseIfBusy);
        }),
      stopWriting: () =>
        command(() => {
          selfText.stop();
        }),
      export: () => outcome(() => corpusHost.current().toJsonl()),
    },
    model: {
      open: (source) =>
        outcome(async () => {
          training.refuseIfBusy();
          const local = source.kind === 'url' ? await downloads.fetch(source) : source;
          // A run may have begun while it was downloading.
          training.refuseIfBusy();
          endModelWork();
          const opened = await modelHost.open(local);
          corpusHost.modelOpened(opened.tokenizer);
          return opened.facts;
        }),
      inspect: (files) => outcome(() => inspectFolder(files)),
      listRemote: (url) => outcome(() => downloads.list(url)),
      cancelDownload: () =>
        command(() => {
          downloads.cancel();
        }),
      deleteDownload: (id) => downloads.delete(id),
      setBackend: (backend) =>
        outcome(async () => {
          training.refuseIfBusy();
          if (backend === 'webgpu') await device.acquire();
          endModelWork();
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
      setPrecision: (precision) =>
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
          endModelWork();
          return null;
        }),
      measurePrecisionLoss: (tokens) =>
        outcome(() => {
          training.refuseIfBusy();
          return measurePrecisionLoss(shared, tokens);
        }),
      deleteKept: (id) =>
        outcome(async () => {
          await shelf.delete(id);
          emit({ kind: 'keptModels', models: await shelf.list(), note: null });
          return null;
        }),
      checkImport: (tokens) => outcome(() => importCheck.check(tokens)),
      cancelImportCheck: () =>
        command(() => {
          importCheck.cancel();
        }),
      tokenize(text) {
        const model = modelHost.currentOrNull();
        if (model === null) return Promise.resolve([]);
        const { tokenizer } = model;
        const ids = tokenizer.encodeOrdinary(text);
        return Promise.resolve(ids.map((tokenId) => viewToken(tokenizer, tokenId)));
      },
    },
    sae: {
      list: () => library.list(),
      savedSteps: (saeId) => outcome(async () => savedSteps(snapshots, await library.get(saeId))),
      savedLogits: ({ saeId, ...moment }) =>
        outcome(async () => {
          const sae = await library.get(saeId);
          checkSaeFits(sae, modelHost.current().facts);
          const { step, decoder } = await savedRows(snapshots, sae, moment);
          return { step, ...(await directionLogits(shared, sae.hookPoint, decoder)) };
        }),
      logitHistogram: (saeId, latentIndex) =>
        outcome(() => inquiry.logitHistogram(saeId, latentIndex)),
      export: (saeId) => outcome(() => library.export(saeId)),
      import: (files) => outcome(() => library.import(files)),
      async delete(saeId) {
        const { runId } = await library.get(saeId);
        reader.forget(saeId);
        await library.delete(saeId);
        const isKept = (await training.list()).some((run) => run.runId === runId);
        if (runId !== undefined && !isKept) await snapshots.delete(runId);
        activeLatents.forget(saeId);
        await maps.forget(saeId);
        await clusters.forget(saeId);
        await evaluation.forget(saeId);
        await notes.forget(saeId);
        await labels.forget(saeId);
      },
    },
    evaluate: {
      run: (saeIds, form) =>
        outcome(async () => {
          await evaluation.evaluate(saeIds, form);
          return null;
        }),
      cancel: () =>
        command(() => {
          evaluation.cancel();
        }),
      list: () => evaluation.list(),
    },
    generate: {
      run: (generationId, request) =>
        outcome(async () => {
          await turns.foreground(() => generation.generate(generationId, request, null));
          return null;
        }),
      stop: () =>
        command(() => {
          generation.stop();
        }),
      pause: () =>
        command(() => {
          generation.pause();
        }),
      resume: () =>
        command(() => {
          generation.resume();
        }),
      step: () =>
        command(() => {
          generation.step();
        }),
    },
    train: {
      check: (form) => outcome(() => training.check(form)),
      start: (form) => outcome(() => training.start(form)),
      pause: () =>
        command(() => {
          training.pause();
        }),
      queue: (form) => outcome(async () => elementAt(await training.queue(form), 0)),
      playQueue: (budgetBytes) => outcome(() => training.playQueue(budgetBytes)),
      moveInQueue: (runId, by) => training.moveInQueue(runId, by),
      resume: (runId, o) => outcome(() => training.resume(runId, o)),
      saveSoon: () =>
        command(() => {
          training.saveSoon();
        }),
      stop: (runId) =>
        command(() => {
          training.stop(runId);
        }),
      list: () => training.list(),
      points: (runId) => training.points(runId),
      live: (o) => outcome(() => readLiveTiles(shared, training.live(o.runId), o)),
      liveLogits: (runId, latentIndex) =>
        outcome(() => readLiveLogits(shared, training.live(runId), latentIndex)),
      delete: (runId) => training.delete(runId),
    },
    steer: {
      generate: (generationId, request) =>
        outcome(async () => {
          await turns.foreground(() => steered.generate(generationId, request));
          return null;
        }),
      setSlotValue: (slotId, value) =>
        command(() => {
          steered.setSlotValue(slotId, value);
        }),
      check: (steering) =>
        outcome(() =>
          describeSteering(
            { library, vectors, hookReader, model: modelHost.current().facts },
            steering,
          ),
        ),
      measureDose: (request) => outcome(() => turns.foreground(() => dose.measure(request))),
      cancelDose: () =>
        command(() => {
          dose.cancel();
        }),
      makeVector: (source) => outcome(() => vectors.make(source)),
      listVectors: () => vectors.list(),
      deleteVector: (vectorId) => vectors.delete(vectorId),
    },
    statistics: {
      compute: (saeId, tokens) => outcome(() => statisticsHost.compute(saeId, tokens)),
      cancel: () =>
        command(() => {
          statisticsHost.cancel();
          inquiry.cancel();
          labels.cancel();
        }),
      rows: (saeId) => outcome(async () => latentRows(await statisticsOf(saeId))),
      dashboard: (saeId, latentIndex) =>
        outcome(async () => latentDashboard(await statisticsOf(saeId), latentIndex, isSpecialText)),
      exportDashboards: (saeId, latentIndices) =>
        outcome(async () => {
          const facts = await library.get(saeId);
          const statistics = await statisticsOf(saeId);
          const written = await notes.list(facts.saeId);
          const isOpen = modelHost.currentOrNull()?.facts.id === facts.modelId;
          const list: DashboardToExport[] = [];
          for (const latentIndex of latentIndices) {
            list.push({
              dashboard: latentDashboard(statistics, latentIndex, isSpecialText),
              logits: isOpen ? await inquiry.logitHistogram(saeId, latentIndex) : null,
              note: written.find((note) => note.latentIndex === latentIndex),
            });
          }
          return exportDashboards(facts, await library.params(saeId), list);
        }),
      notes: (saeId) => outcome(() => notes.list(saeId)),
      setNote: (saeId, note) => outcome(() => notes.set(saeId, note)),
      guessLabels: (saeId, tokens) => outcome(() => labels.guess(saeId, tokens)),
      cancelGuessing: () =>
        command(() => {
          labels.cancel();
        }),
      labelGuesses: (saeId) => labels.kept(saeId),
    },
    explore: {
      history: (saeId, latentIndex) =>
        outcome(async () => latentHistory(snapshots, await library.get(saeId), latentIndex)),
      births: (saeId) => outcome(() => births.read(saeId)),
      cancelBirths: () => command(births.cancel),
      replay: ({ saeId, latentIndex, examples }) =>
        outcome(async () => {
          const { facts: model } = modelHost.current();
          const sae = await library.get(saeId);
          checkSaeFits(sae, model);
          const context = model.backend === 'webgpu' ? await device.acquire() : null;
          return turns.foreground(async () =>
            replayLatent({
              archive: snapshots,
              sae,
              latentIndex,
              examples,
              breathe: parts.breathe,
              runtime: await modelHost.runtime(),
              readMatrix: (x) => readWhere(context, x),
            }),
          );
        }),
      activeLatents: (request) => outcome(() => activeLatents.find(request)),
      cancelActiveLatents: (purpose) =>
        command(() => {
          activeLatents.cancel(purpose);
        }),
      map: (saeId, kind) => outcome(() => maps.make(saeId, kind)),
      compare: (saeId, other) => outcome(() => comparison.compare(saeId, other)),
      neighboursIn: (o) => outcome(() => comparison.neighboursIn(o)),
      cancelComparison: () =>
        command(() => {
          comparison.cancel();
        }),
      cancelMap: () =>
        command(() => {
          maps.cancel();
        }),
      clusters: (saeId) => outcome(async () => clusters.make((await library.get(saeId)).saeId)),
      cancelClusters: () => command(clusters.cancel),
      nearestMisses: (saeId, latentIndex) =>
        outcome(() => inquiry.nearestMisses(saeId, latentIndex)),
      exactPartners: (saeId, latentIndex, tokens) =>
        outcome(() => inquiry.exactPartners(saeId, latentIndex, tokens)),
      readText: (o) => outcome(() => reader.read(o)),
      ablate: (request) => outcome(() => reader.ablate(request)),
      nextLogProbs: (tokenIds) => outcome(() => reader.nextLogProbs(tokenIds)),
    },
  };
}

/** Special tokens print as their names; nanochat's ordinary text is encoded so that it never does. */
function isSpecialText(text: string): boolean {
  return /^<\|[a-z_]+\|>$/.test(text);
}

/** context null: the model runs on the CPU. */
function readWhere(context: GpuContext | null, x: Matrix): Promise<Float32Array> {
  if (x.where === 'cpu') return Promise.resolve(x.data);
  invariant(context !== null, 'a GPU matrix of a model on the CPU');
  return readMatrix(context, x);
}

/** Runs what answers at once. */
function command(effect: () => void): Promise<void> {
  effect();
  return Promise.resolve();
}
