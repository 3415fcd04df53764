// Replays one latent over the saved steps of the run that trained its SAE: direction, norms, and its bids
// on some example texts at each step. The model runs once per example; a snapshot is read once.
import { invariant } from '../../core/errors';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Matrix } from '../../core/handles';
import { frameOf, latentBids } from '../../core/explore/latentLife';
import { latentMoment, latentRowsOf } from '../../core/sae/snapshots';
import type { ModelRuntime } from '../../model/modelTypes';
import type { SaeFacts } from '../sae/api';
import type { LatentReplay } from './api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import type { SnapshotArchive } from '../sae/snapshotArchive';

/** Most examples in a replay. */
const MAX_EXAMPLES = 5;

export type ReplayRequest = {
  archive: SnapshotArchive;
  sae: SaeFacts;
  latentIndex: number;
  /** token ids of each example as in the corpus, with or without a leading <|bos|> */
  examples: readonly (readonly number[])[];
  runtime: ModelRuntime;
  readMatrix: (x: Matrix) => Promise<Float32Array>;
  breathe: () => Promise<void>;
};

export async function replayLatent(o: ReplayRequest): Promise<LatentReplay> {
  const { archive, sae, latentIndex } = o;
  const { d_sae, runId, deadAfterTokens = Infinity } = sae;
  checkLatentIndex(latentIndex, d_sae);
  const records = runId === undefined ? [] : await archive.list(runId);
  const newest = records.at(-1);
  if (newest === undefined) return { frames: [] };
  const residuals: Float32Array[] = [];
  for (const tokenIds of o.examples.slice(0, MAX_EXAMPLES)) {
    residuals.push(await readResidual(o, sae.hookPoint, tokenIds));
  }
  const last = await archive.load(newest);
  const lastRows = latentRowsOf(last, latentIndex);
  const frames: LatentReplay['frames'] = [];
  for (const record of records) {
    const snapshot = record === newest ? last : await archive.load(record);
    const moment = latentMoment(latentRowsOf(snapshot, latentIndex), lastRows, deadAfterTokens);
    const bids = residuals.map((x) => Array.from(latentBids(snapshot.params, latentIndex, x)));
    frames.push({ ...frameOf(moment, snapshot, latentIndex), bids });
    await o.breathe();
  }
  return { frames };
}

async function readResidual(
  { runtime, readMatrix }: Pick<ReplayRequest, 'runtime' | 'readMatrix'>,
  hook: HookPoint,
  tokenIds: readonly number[],
): Promise<Float32Array> {
  const capture = await runtime.capture(Int32Array.from(tokenIds), 1, [hook]);
  try {
    const activations = capture.hooks.get(hook);
    invariant(activations !== undefined, `${hook} was not captured`);
    return await readMatrix(activations);
  } finally {
    capture.release();
  }
}
