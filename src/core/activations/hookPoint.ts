// Names of places in the model, with the spelling of TransformerLens, SAELens and Neuronpedia.
import { ConfigError } from '../errors';

export const HOOK_SITES = [
  'hook_resid_pre',
  'hook_attn_out',
  'hook_resid_mid',
  'hook_mlp_out',
  'hook_resid_post',
] as const;
export type HookSite = (typeof HOOK_SITES)[number];

/** `blocks.{layer}.{site}`; layer counts from 0. */
export type HookPoint = `blocks.${number}.${HookSite}`;

export function hookPoint(layer: number, site: HookSite): HookPoint {
  return `blocks.${layer}.${site}`;
}

/** Throws ConfigError for anything that is not `blocks.{i}.hook_…`. */
export function parseHookPoint(name: string): { layer: number; site: HookSite } {
  const match = /^blocks\.(\d{1,4})\.(hook_\w+)$/.exec(name);
  const site = HOOK_SITES.find((known) => known === match?.[2]);
  if (match === null || site === undefined) {
    throw new ConfigError(
      `${name} is not a hook point; expected blocks.{layer}.${HOOK_SITES.join(' | ')}`,
      'hook',
    );
  }
  return { layer: Number(match[1]), site };
}
