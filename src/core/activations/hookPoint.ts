// Names of places in the model, with the spelling of TransformerLens, SAELens and Neuronpedia.
import { ConfigError } from '../errors';

export const HOOK_SITES = [
  'hook_resid_pre',
  'hook_attn_out',
  'hook_resid_mid',
  'ln2.hook_normalized',
  'hook_mlp_out',
  'hook_resid_post',
] as const;
export type HookSite = (typeof HOOK_SITES)[number];

/** `blocks.{layer}.{site}`; layer counts from 0. `ln2.hook_normalized` is what the MLP reads: norm(resid_mid),
 *  which nanochat's norm leaves without weights. Transcoders read it, SAEs never do. */
export type HookPoint = `blocks.${number}.${HookSite}`;

export function hookPoint(layer: number, site: HookSite): HookPoint {
  return `blocks.${layer}.${site}`;
}

/** Throws ConfigError for anything that is not `blocks.{i}.hook_…`. */
export function parseHookPoint(name: string): { layer: number; site: HookSite } {
  const place = findHookPoint(name);
  if (place !== null) return place;
  throw new ConfigError(
    `${name} is not a hook point; expected blocks.{layer}.${HOOK_SITES.join(' | ')}`,
    'hook',
  );
}

/** null: a name of something else */
export function findHookPoint(name: string): { layer: number; site: HookSite } | null {
  const match = /^blocks\.(\d{1,4})\.([\w.]+)$/.exec(name);
  const site = HOOK_SITES.find((known) => known === match?.[2]);
  return match === null || site === undefined ? null : { layer: Number(match[1]), site };
}

/** Whether it is where transcoders read. */
export function isTranscoderPoint(name: HookPoint): boolean {
  return parseHookPoint(name).site === 'ln2.hook_normalized';
}

/** Where what is read at `name` is written back: an SAE rebuilds what it read; a transcoder reads what the MLP
 *  of its block reads, and writes what that MLP writes. */
export function writePoint(name: HookPoint): HookPoint {
  const { layer } = parseHookPoint(name);
  return isTranscoderPoint(name) ? hookPoint(layer, 'hook_mlp_out') : name;
}
