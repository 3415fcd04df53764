// The commands on training runs.
import { elementAt } from '../../core/elementAt';
import type { EngineHosts } from '../hosts';
import { makeJobSlot } from '../jobs';
import { atOnce, outcomes } from '../problems';
import type { JobId } from '../shared/api';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import type { TrainApi, TrainForm } from './api';
import type { HandoffRequest } from './handoff';
import { createTrainingHost } from './trainingHost';

const SPEED = { kind: 'speed', cancelled: 'Measuring the speed was cancelled.' } as const;

type LiveRequest = { runId: string; latentIndices: number[]; fill: number };

export function makeTrainSlice(hosts: EngineHosts & { snapshots: SnapshotArchive }): TrainApi {
  const training = createTrainingHost(hosts);
  const speed = makeJobSlot(hosts, SPEED);
  return {
    ...outcomes({
      check: training.check,
      measureSpeed: (form: TrainForm, jobId: JobId) =>
        speed.run(jobId, async (job) => {
          const config = await training.check(form);
          training.refuseIfBusy();
          const { measureSpeed } = await import('./trainingSpeed');
          const isRead = (form.source ?? 'model') === 'model';
          const model = isRead ? await readyToRead(hosts) : { runtime: null, vocabSize: 0 };
          return measureSpeed({
            config,
            backend: await hosts.device.sae(),
            ...model,
            now: hosts.parts.now,
            job,
          });
        }),
      handoff: async (o: HandoffRequest) => (await import('./handoff')).makeHandoff(hosts, o),
      start: (form: TrainForm) => {
        speed.end();
        return training.start(form);
      },
      queue: async (form: TrainForm) => elementAt(await training.queue(form), 0),
      playQueue: training.playQueue,
      resume: training.resume,
      live: async (o: LiveRequest) =>
        (await import('./liveTiles')).readLiveTiles(hosts, training.live(o.runId), o),
      liveLogits: async (runId: string, latentIndex: number) =>
        (await import('./liveTiles')).readLiveLogits(hosts, training.live(runId), latentIndex),
    }),
    ...atOnce({ pause: training.pause, stop: training.stop, saveSoon: training.saveSoon }),
    moveInQueue: training.moveInQueue,
    list: training.list,
    points: training.points,
    delete: training.delete,
  };
}

/** The open model's runtime. Whoever asks for the speed of a run is about to start one: its text is tokenised while the
 *  runtime loads, so that this is not waited for later. */
async function readyToRead({ modelHost, corpusHost }: EngineHosts) {
  const { tokenizer } = modelHost.current();
  const [runtime] = await Promise.all([modelHost.runtime(), corpusHost.current().count(tokenizer)]);
  return { runtime, vocabSize: tokenizer.vocabSize };
}
