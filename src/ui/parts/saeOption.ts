// An SAE as a line of a picker, where nothing else says which one it is. Pure.
import { saeName } from '../../core/sae/saeName';
import type { SaeFacts } from '../../engine/sae/api';
import { hookName } from './text/hookText';
import { count } from './text/numberText';

/** After block 2 · 2,048 features · TopK 16, run 3 */
export function saeOption(sae: SaeFacts): { value: string; label: string } {
  const label = `${hookName(sae.hookPoint)} · ${count(sae.d_sae)} features · ${saeName(sae)}`;
  return { value: sae.saeId, label };
}
