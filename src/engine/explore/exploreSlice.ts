// The commands that ask about latents what their statistics do not say.
import { invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import type { GpuContext } from '../../gpu/device/device';
import { readMatrix } from '../../gpu/device/readMatrix';
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import { checkSaeFits } from '../sae/saeFit';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import type { JobId } from '../shared/api';
import { createActiveLatentsHost } from './activeLatents';
import type { ExploreApi } from './api';
import { createComparisonHost } from './compareSaes';
import { createFollowHost } from './followRun';
import { createLatentBirthsHost } from './latentBirths';
import { createLatentClustersHost } from './latentClusters';
import { latentHistory } from './latentHistory';
import { createLatentInquiry } from './latentInquiry';
import { createLatentMapHost } from './latentMap';
import { createLatentReader } from './latentReader';
import { replayLatent } from './latentReplay';

type ReplayRequest = { saeId: string; latentIndex: number; examples: number[][] };

type Hosts = EngineHosts & { snapshots: SnapshotArchive };

export function makeExploreSlice(hosts: Hosts): ExploreApi {
  const { library, snapshots } = hosts;
  const inquiry = createLatentInquiry(hosts);
  const comparison = createComparisonHost(hosts);
  const clusters = createLatentClustersHost(hosts);
  const reader = createLatentReader(hosts);
  return outcomes({
    history: async (saeId: string, latentIndex: number) =>
      latentHistory(snapshots, await library.get(saeId), latentIndex),
    births: createLatentBirthsHost(hosts, snapshots).read,
    replay: (o: ReplayRequest) => replay(hosts, o),
    activeLatents: createActiveLatentsHost(hosts).find,
    map: createLatentMapHost(hosts).make,
    clusters: async (saeId: string, jobId?: JobId) =>
      clusters.make((await library.get(saeId)).saeId, jobId),
    compare: comparison.compare,
    neighboursIn: comparison.neighboursIn,
    follow: createFollowHost(hosts).follow,
    nearestMisses: inquiry.nearestMisses,
    exactPartners: inquiry.exactPartners,
    readText: reader.read,
    ablate: reader.ablate,
    nextLogProbs: reader.nextLogProbs,
  });
}

async function replay(
  { parts, device, modelHost, library, turns, snapshots }: Hosts,
  { saeId, latentIndex, examples }: ReplayRequest,
) {
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
}

/** context null: the model runs on the CPU. */
function readWhere(context: GpuContext | null, x: Matrix): Promise<Float32Array> {
  if (x.where === 'cpu') return Promise.resolve(x.data);
  invariant(context !== null, 'a GPU matrix of a model on the CPU');
  return readMatrix(context, x);
}
