// The commands on training runs.
import { elementAt } from '../../core/elementAt';
import type { EngineHosts } from '../hosts';
import { atOnce, outcomes } from '../problems';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import type { TrainApi, TrainForm } from './api';
import { readLiveLogits, readLiveTiles } from './liveTiles';
import { createTrainingHost } from './trainingHost';

type LiveRequest = { runId: string; latentIndices: number[]; fill: number };

export function makeTrainSlice(hosts: EngineHosts & { snapshots: SnapshotArchive }): TrainApi {
  const training = createTrainingHost(hosts);
  return {
    ...outcomes({
      check: training.check,
      start: training.start,
      queue: async (form: TrainForm) => elementAt(await training.queue(form), 0),
      playQueue: training.playQueue,
      resume: training.resume,
      live: (o: LiveRequest) => readLiveTiles(hosts, training.live(o.runId), o),
      liveLogits: (runId: string, latentIndex: number) =>
        readLiveLogits(hosts, training.live(runId), latentIndex),
    }),
    ...atOnce({ pause: training.pause, stop: training.stop, saveSoon: training.saveSoon }),
    moveInQueue: training.moveInQueue,
    list: training.list,
    points: training.points,
    delete: training.delete,
  };
}
