// Places in the model in plain words. Pure.
import { parseHookPoint, type HookPoint, type HookSite } from '../../../core/activations/hookPoint';

const PLACES: Readonly<Record<HookSite, string>> = {
  hook_resid_pre: 'before block',
  hook_attn_out: 'attention of block',
  hook_resid_mid: 'middle of block',
  'ln2.hook_normalized': 'input of the MLP of block',
  hook_mlp_out: 'MLP of block',
  hook_resid_post: 'after block',
};

/** blocks.2.hook_resid_post → after block 2 */
export function hookText(hookPoint: HookPoint): string {
  const { layer, site } = parseHookPoint(hookPoint);
  return `${PLACES[site]} ${layer}`;
}
