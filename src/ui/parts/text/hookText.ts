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

/** The same where it stands by itself: After block 2 */
export function hookName(hookPoint: HookPoint): string {
  const text = hookText(hookPoint);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As choices of a list, whose papers' name says which of several is meant: After block 2 (blocks.2.hook_resid_post) */
export function hookOptions(hookPoints: readonly HookPoint[]) {
  return hookPoints.map((hook) => ({ value: hook, label: `${hookName(hook)} (${hook})` }));
}
