// The engine's answer to a question about one latent; answers about others are ignored.
import type { InquiryState } from '../../../store/explore/inquiryState';
import { useAppState } from '../../storeContext';

const UNASKED = { status: 'empty' } as const;

export function useAnswer<K extends Exclude<keyof InquiryState, 'of'>>(
  key: K,
  latentIndex: number,
): InquiryState[K] | typeof UNASKED {
  return useAppState(({ explore: { inquiry }, sae }) =>
    inquiry.of?.latentIndex === latentIndex && inquiry.of.saeId === sae.selectedId
      ? inquiry[key]
      : UNASKED,
  );
}
