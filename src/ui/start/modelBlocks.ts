// The model as a row of blocks with its hook points in order of flow. Pure.
import {
  HOOK_SITES,
  parseHookPoint,
  type HookPoint,
  type HookSite,
} from '../../core/activations/hookPoint';
import type { ModelFacts } from '../../engine/model/api';

type HookButton = {
  hookPoint: HookPoint;
  label: string;
  /** attention and MLP outputs branch off the residual stream */
  isBranch: boolean;
};

export type BlockView = { layer: number; hooks: HookButton[] };

const LABELS: Readonly<Record<HookSite, string>> = {
  hook_resid_pre: 'before',
  hook_attn_out: 'attention',
  hook_resid_mid: 'middle',
  'ln2.hook_normalized': 'into MLP',
  hook_mlp_out: 'MLP',
  hook_resid_post: 'after',
};

export function blocksOf(model: ModelFacts): BlockView[] {
  const hooks = model.hookPoints.map((hookPoint) => ({ hookPoint, ...parseHookPoint(hookPoint) }));
  return Array.from({ length: model.n_layer }, (_, layer) => ({
    layer,
    hooks: hooks
      .filter((hook) => hook.layer === layer)
      .sort((a, b) => HOOK_SITES.indexOf(a.site) - HOOK_SITES.indexOf(b.site))
      .map(({ hookPoint, site }) => ({
        hookPoint,
        label: LABELS[site],
        isBranch: site.endsWith('_out'),
      })),
  }));
}
