// What the latents of an SAE in training do now: samples turned into tiles with text, and one latent's direct
// logits. Reading them does not change the run.
import { ConfigError } from '../../core/errors';
import { liveLatents, strongestLatents, type LiveExample } from '../../core/train/liveLatents';
import type { MomentLogits } from '../sae/api';
import type { LiveTile, LiveTiles } from './api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { viewToken } from '../model/tokenView';
import type { EngineHosts } from '../hosts';
import { directionLogits } from '../sae/latentLogits';
import type { LiveRun } from './liveRun';

type Hosts = Pick<EngineHosts, 'modelHost'>;

/** Most tiles shown (interface.md 2.2). */
const MAX_TILES = 24;
const DENSE = ['relu', 'gated', 'jumprelu'];

/** Throws ConfigError for an index that the SAE does not have, and for too many tiles. */
export function readLiveTiles(
  { modelHost }: Hosts,
  { facts, sampler }: LiveRun,
  o: { latentIndices: readonly number[]; fill: number },
): LiveTiles {
  const { architecture, d_sae } = facts.config;
  for (const latentIndex of o.latentIndices) checkLatentIndex(latentIndex, d_sae);
  if (o.latentIndices.length > MAX_TILES) {
    throw new ConfigError(`tiles: ${o.latentIndices.length}; at most ${MAX_TILES} are shown`);
  }
  if (DENSE.includes(architecture)) {
    const refusal =
      'Live features need an architecture that keeps a number of them per token: TopK, BatchTopK or Matryoshka.';
    return { step: null, tokens: 0, tiles: [], refusal };
  }
  sampler.watch();
  const samples = sampler.samples();
  const fill = Math.max(0, Math.min(o.fill, MAX_TILES - o.latentIndices.length));
  const wanted = [...o.latentIndices, ...strongestLatents(samples, fill, o.latentIndices)];
  const tokenizer = modelHost.currentOrNull()?.tokenizer ?? null;
  const toExample = ({ tokenIds, acts, ...rest }: LiveExample): LiveTile['examples'][number] => ({
    ...rest,
    tokens: tokenIds.map((tokenId, i) => ({
      ...(tokenizer === null
        ? { tokenId, text: `#${tokenId}`, isSpecial: false }
        : viewToken(tokenizer, tokenId)),
      act: acts[i] ?? null,
    })),
  });
  return {
    step: samples.at(-1)?.step ?? null,
    tokens: samples.reduce((sum, { rows }) => sum + rows.length, 0),
    tiles: liveLatents(samples, wanted, sampler.source()?.scale ?? 1).map((latent) => ({
      ...latent,
      examples: latent.examples.map(toExample),
    })),
    refusal: null,
  };
}

/** Throws ConfigError before the first sample. */
export async function readLiveLogits(
  hosts: Hosts,
  { facts, sampler }: LiveRun,
  latentIndex: number,
): Promise<MomentLogits> {
  checkLatentIndex(latentIndex, facts.config.d_sae);
  const source = sampler.source();
  if (source === null || facts.source === 'random') {
    throw new ConfigError('There is nothing to show of this run yet.', 'run');
  }
  const direction = await source.latents.readDecoderRow(latentIndex);
  const { step, config } = facts;
  return { step, ...(await directionLogits(hosts, config.hookPoint, direction)) };
}
