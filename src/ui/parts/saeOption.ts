// An SAE in words: as a line of a picker, and in short. Pure.
import type { SaeFacts } from '../../engine/sae/api';

export function saeOption(sae: SaeFacts): { value: string; label: string } {
  // A trained SAE's name contains its hook point, size and run.
  const isPlain = sae.origin === 'trained' || sae.name.includes(sae.origin);
  const origin = isPlain ? '' : ` (${sae.origin})`;
  return { value: sae.saeId, label: sae.name + origin };
}

/** The page has one demo, whatever its file is called. */
export function saeName(sae: SaeFacts): string {
  return sae.origin === 'demo' ? 'demo SAE' : sae.name;
}
