// What the engine answered to a question about one latent; answers about others do not count.
import type { InquirySlice } from '../../../store/explore/dashboardFacts';
import { useFacts } from '../../storeContext';

const UNASKED = { status: 'unasked' } as const;

export function useAnswer<K extends Exclude<keyof InquirySlice, 'of'>>(
  key: K,
  latentIndex: number,
): InquirySlice[K] | typeof UNASKED {
  return useFacts(({ inquiry, saes }) =>
    inquiry.of?.latentIndex === latentIndex && inquiry.of.saeId === saes.selectedId
      ? inquiry[key]
      : UNASKED,
  );
}
