// Which tokens a steering edit acts on, by class or by position. Pure.
import type { MaskClass, SteerMask } from './steering';

/** The class of one token of a text, by its origin. */
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
