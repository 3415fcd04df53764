// Their files here, ours for them: reads what write_theirs.py wrote, prints how far encode and decode are apart, and
// writes the same SAEs as SAELens directories and sparsify folders with what they compute here.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isTranscoderPoint } from '../../../src/core/activations/hookPoint';
import { createHostedEngine } from '../../../src/engine/createEngine';
import { exportSaeFiles } from '../../../src/engine/share/saeExport';
import type { ParsedSae } from '../../../src/formats/sae/parsedSae';
import { formatSaeLens } from '../../../src/formats/sae/saelens';
import { formatSparsify } from '../../../src/formats/sae/sparsify';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import {
  differences,
  dropOfPeer,
  readPeer,
  readPeers,
  type PeerCase,
  type Peers,
} from '../../helpers/sae/peerSaes';
import { makeSaeStatistics } from '../../helpers/statistics/saeStatisticsCase';

/** f32 sums of a few dozen terms in another order */
const TOLERANCE = 2e-5;

export async function comparePeers(theirs: string, ours: string): Promise<boolean> {
  const peers = await readPeers(theirs);
  const written = [];
  let worst = 0;
  for (const peer of peers.saes) {
    const parsed = await readPeer(theirs, peer);
    const { encode, decode } = differences(parsed, peer, peers);
    worst = Math.max(worst, encode, decode);
    console.log(
      `${peer.tool.padEnd(20)} → ours ${peer.name.padEnd(36)} encode ${encode.toExponential(1)}  decode ${decode.toExponential(1)}`,
    );
    written.push(...(await writeOurs(ours, { peer, parsed, peers })));
  }
  console.log(
    `largest relative difference, theirs → ours: ${worst.toExponential(1)} (at most ${TOLERANCE.toExponential(0)})`,
  );
  await writeDashboards(theirs, join(ours, 'dashboards'));
  await writeNamed(theirs, ours, peers);
  const { d_in, x } = peers;
  await writeFile(join(ours, 'ours.json'), JSON.stringify({ d_in, x, saes: written }));
  return worst <= TOLERANCE;
}

async function writeOurs(
  root: string,
  { peer, parsed }: { peer: PeerCase; parsed: ParsedSae; peers: Peers },
) {
  const { name, acts, out } = peer;
  const { params, facts, carried, hookName } = parsed;
  const isImported = peer.tool === 'SAELens';
  const lens = {
    ...facts,
    hookPoint: hookName,
    modelName: parsed.modelName,
    statistics: null,
    version: 'peers',
    carried: isImported ? carried : null,
  };
  await writeFiles(join(root, 'saelens', name), formatSaeLens(params, lens));
  const trainingVersion = isImported ? carried.metadata['sae_lens_training_version'] : null;
  const written: object[] = [
    {
      tool: 'SAELens',
      name,
      folder: `saelens/${name}`,
      acts,
      out,
      trainingVersion,
      modelName: parsed.modelName,
      // SAELens' transcoder has no TopK: the k largest of what it gives are what fires here.
      kept: params.architecture === 'topk' && isTranscoderPoint(hookName) ? params.k : null,
    },
  ];
  if (params.architecture === 'topk') {
    const files = formatSparsify(params, { hookPoint: hookName, modelId: null });
    await writeFiles(join(root, 'sparsify', name), files);
    const folder = dirname([...files.keys()][0] ?? '');
    written.push({ tool: 'sparsify', name, folder: `sparsify/${name}/${folder}`, acts, out });
  }
  return written;
}

/** A directory that names a model which read_model.py puts beside it, as `nanoscope export --model-repo` does. */
async function writeNamed(theirs: string, root: string, { saes }: Peers): Promise<void> {
  const { params, facts, hookName } = await readPeer(
    theirs,
    saes.find(({ name }) => name === 'sparsify-unit')!,
  );
  const lens = { ...facts, hookPoint: hookName, modelName: 'tiny-nanochat', statistics: null };
  await writeFiles(join(root, 'named'), formatSaeLens(params, { ...lens, version: 'peers' }));
}

/** Of an SAE with made-up statistics, as SAEDashboard's files. */
async function writeDashboards(theirs: string, folder: string): Promise<void> {
  const { hosts } = createHostedEngine(makeNodeParts());
  const { library } = hosts;
  const { saeId, d_sae } = await library.import(
    await dropOfPeer(theirs, { folder: 'saelens-topk' }),
  );
  await library.setStatistics(saeId, makeSaeStatistics(d_sae), { name: 'made-up', isDemo: false });
  const request = { saeId, format: 'dashboards' } as const;
  for await (const { path, bytes } of exportSaeFiles(hosts, request, () => Promise.resolve())) {
    await writeFiles(folder, new Map([[path, bytes]]));
  }
}

async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
