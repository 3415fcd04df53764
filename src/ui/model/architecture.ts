// The model as a row of blocks with its hook points in order of flow. Pure.
import { HOOK_SITES, parseHookPoint, type HookPoint } from '../../core/activations/hookPoint';
import type { ModelFacts } from '../../engine/model/api';

type HookButton = {
  hookPoint: HookPoint;
  /** `resid_pre` … `resid_post` */
  label: string;
  /** attention and MLP outputs branch off the residual stream */
  isBranch: boolean;
};

export type BlockView = { layer: number; isShortWindow: boolean; hooks: HookButton[] };

export function blocksOf(model: ModelFacts): BlockView[] {
  const hooks = model.hookPoints.map((hookPoint) => ({ hookPoint, ...parseHookPoint(hookPoint) }));
  return Array.from({ length: model.n_layer }, (_, layer) => ({
    layer,
    isShortWindow: isShortWindow(model, layer),
    hooks: hooks
      .filter((hook) => hook.layer === layer)
      .sort((a, b) => HOOK_SITES.indexOf(a.site) - HOOK_SITES.indexOf(b.site))
      .map(({ hookPoint, site }) => ({
        hookPoint,
        label: site.replace('hook_', ''),
        isBranch: site.endsWith('_out'),
      })),
  }));
}

/** The pattern is tiled over the layers; the last layer always sees everything (nanochat.md). */
function isShortWindow(model: ModelFacts, layer: number): boolean {
  const { window_pattern: pattern, n_layer: layers } = model;
  if (layer === layers - 1 || pattern === '') return false;
  return pattern[layer % pattern.length]?.toUpperCase() === 'S';
}
