// Composes the hosts into the EngineApi that the page (through a worker) and Node programs use. Headless: it
// knows neither DOM nor worker, and no rule: what one host has to do for another, that one is asked to tell.
import { makeActivationsSlice } from './activations/activationsSlice';
import { createKeptActivations } from './activations/keptActivations';
import type { EngineApi, EngineEvent } from './api';
import { makeDeferral } from './deferred';
import { createDeviceHost } from './deviceHost';
import { makeEvaluateSlice } from './evaluate/evaluateSlice';
import { makeEventQueue } from './events';
import { makeGenerateSlice } from './generate/generateSlice';
import { createGenerationHost } from './generate/generation';
import type { EngineHosts } from './hosts';
import { makeJobs } from './jobs';
import { createDownloadHost } from './model/downloadHost';
import { createModelHost } from './model/modelHost';
import { createModelShelf } from './model/modelShelf';
import { makeModelSlice } from './model/modelSlice';
import { followOtherTabs } from './otherTabs';
import type { EngineParts } from './parts';
import { toProblem } from './problems';
import { createRecordsHost } from './recordsHost';
import { createSaeLibrary } from './sae/saeLibrary';
import { makeSaeSlice } from './sae/saeSlice';
import { createSnapshotArchive } from './sae/snapshotArchive';
import { makeStatisticsSlice } from './statistics/statisticsSlice';
import { makeSteerSlice } from './steer/steerSlice';
import { createCorpusHost } from './text/corpusHost';
import { createSelfTextHost } from './text/selfTextHost';
import { makeTextSlice } from './text/textSlice';
import { makeTrainSlice } from './train/trainSlice';
import { makeTurns } from './turns';

const NOT_KEPT =
  'This browser lets this page keep nothing: what you open, train or note here is gone when the page is closed. Download what you need.';

export function createEngine(parts: EngineParts): EngineApi {
  return createHostedEngine(parts).engine;
}

/** The engine with what it is made of, for programs in the same process that work on tensors, which its commands
 *  never hand out. */
export function createHostedEngine(parts: EngineParts): {
  engine: EngineApi;
  hosts: EngineHosts;
} {
  const { emit, subscribe } = makeEventQueue(parts.schedule);
  const turns = makeTurns();
  const jobs = makeJobs({ parts, turns, emit });
  const device = createDeviceHost(parts);
  const shelf = createModelShelf(parts);
  const downloads = createDownloadHost({ parts, jobs, emit });
  const modelHost = createModelHost({ parts, device, shelf, downloads, jobs, emit });
  const writeText = createSelfTextHost({ parts, modelHost, turns }).write;
  const corpusHost = createCorpusHost({ parts, jobs, emit, model: modelHost, writeText });
  const keptActivations = createKeptActivations(parts, emit);
  const library = createSaeLibrary(parts, emit);
  const snapshots = createSnapshotArchive(parts.storage);
  const records = createRecordsHost(parts, emit);
  const shared = { parts, device, modelHost, corpusHost, keptActivations, library };
  const hosts: EngineHosts = { ...shared, turns, jobs, emit };
  const generation = createGenerationHost(hosts);

  const statistics = makeStatisticsSlice(hosts);
  const deferral = makeDeferral();

  followOtherTabs({ parts, library, emit });
  // Before the commands of sharing are ever called.
  library.onImported(async (imported) =>
    (await import('./share/sharedKnowledge')).takeKnowledge({ ...hosts, statistics }, imported),
  );
  device.onFault((fault) => {
    emit({ kind: 'problem', problem: toProblem(fault) });
  });

  /** What a page is told that has just begun to listen. */
  const first: (() => Promise<EngineEvent>)[] = [
    async () => ({ kind: 'device', device: await device.facts() }),
    async () => ({ kind: 'saes', saes: await library.list() }),
    async () => ({ kind: 'downloads', downloads: await downloads.kept() }),
    async () => ({ kind: 'keptModels', models: await shelf.list(), note: null }),
    async () => ({ kind: 'keptActivations', kept: await keptActivations.facts() }),
    async () => ({ kind: 'unreadable', records: await records.unreadable() }),
  ];
  const announce = async () => {
    try {
      if ((await parts.isStorageRefused?.()) === true) emit({ kind: 'notice', text: NOT_KEPT });
      for (const tell of first) emit(await tell());
      await records.sweep();
    } catch (thrown) {
      emit({ kind: 'problem', problem: toProblem(thrown) });
    }
  };

  const engine: EngineApi = {
    subscribe(listener) {
      subscribe(listener);
      emit({ kind: 'corpus', corpus: corpusHost.current().facts() });
      // Finding an adapter and listing storage take a while: the page need not wait for them.
      void announce();
      return Promise.resolve();
    },
    answer: () => Promise.resolve(),
    async cancel(jobId) {
      await deferral.settled();
      jobs.cancel(jobId);
    },
    records: { exportRaw: records.exportRaw, delete: records.delete },
    text: makeTextSlice(hosts),
    model: makeModelSlice({ ...hosts, downloads, shelf }),
    activations: makeActivationsSlice(keptActivations),
    sae: makeSaeSlice({ ...hosts, snapshots }),
    evaluate: makeEvaluateSlice(hosts),
    generate: makeGenerateSlice({ turns, generation }),
    train: makeTrainSlice({ ...hosts, snapshots }),
    steer: makeSteerSlice({ ...hosts, generation }),
    statistics,
    explore: deferral.slice(async () =>
      (await import('./explore/exploreSlice')).makeExploreSlice({ ...hosts, snapshots }),
    ),
    circuits: deferral.slice(async () =>
      (await import('./circuits/circuitsSlice')).makeCircuitsSlice(hosts),
    ),
    share: deferral.slice(async () =>
      (await import('./share/shareSlice')).makeShareSlice({ ...hosts, statistics }),
    ),
  };
  return { engine, hosts };
}
