// A feature's name for a component: the same object while nothing that it is made of changes.
import { useMemo } from 'react';
import {
  featureName,
  type FeatureName,
  type NameFacts,
} from '../../../core/statistics/featureName';
import { guessOf, labelOf, latentRowOf } from '../../../store/featureNames';
import { useAppState } from '../../storeContext';

/** firesOn: what the caller knows of it, for an SAE whose rows the page does not have. */
export function useFeatureName(
  saeId: string | null,
  latentIndex: number,
  firesOn?: NameFacts['firesOn'],
): FeatureName {
  const label = useAppState((state) => labelOf(state, saeId, latentIndex));
  const guess = useAppState((state) => guessOf(state, saeId, latentIndex));
  const known = useAppState((state) => latentRowOf(state, saeId, latentIndex)?.firesOn);
  const words = known ?? firesOn;
  return useMemo(
    () => featureName({ latentIndex, label, guess, firesOn: words }),
    [latentIndex, label, guess, words],
  );
}
