// Which tokens a steering edit acts on: each token has one class, or a place. Pure.
import type { MaskClass, SteerMask } from './steering';

/** Of one token of a text, by where it comes from. */
export function maskClassOf(o: {
  isBos: boolean;
  isSpecial: boolean;
  isForced: boolean;
  isPrompt: boolean;
}): MaskClass {
  if (o.isBos) return 'bos';
  if (o.isForced) return 'tool';
  if (o.isSpecial) return 'special';
  return o.isPrompt ? 'prompt' : 'gen';
}

export function isSteered(mask: SteerMask, maskClass: MaskClass, position: number): boolean {
  return mask.kind === 'classes'
    ? mask.classes.includes(maskClass)
    : mask.positions.includes(position);
}
