// An SAE as a line of a picker. Pure.
import type { SaeFacts } from '../../engine/sae/api';

export function saeOption(sae: SaeFacts): { value: string; label: string } {
  // A trained SAE's name contains its hook point, size and run.
  const isPlain = sae.origin === 'trained' || sae.name.includes(sae.origin);
  const origin = isPlain ? '' : ` (${sae.origin})`;
  return { value: sae.saeId, label: sae.name + origin };
}
