// An SAE in words: as a line of a picker, and in short. Pure.
import { isTranscoderPoint } from '../../core/activations/hookPoint';
import type { SaeFacts } from '../../engine/sae/api';

export function saeOption(sae: SaeFacts): { value: string; label: string } {
  // A trained SAE's name contains its hook point, size and run.
  const isPlain = sae.origin === 'trained' || sae.name.includes(sae.origin);
  const origin = isPlain ? '' : ` (${sae.origin})`;
  return { value: sae.saeId, label: sae.name + origin };
}

/** The page has one demo at a place, whatever its file is called. */
export function saeName(sae: SaeFacts): string {
  if (sae.origin !== 'demo') return sae.name;
  return isTranscoderPoint(sae.hookPoint) ? 'demo transcoder' : 'demo SAE';
}
