// A feature's name on Start: as everywhere, and as it ships while the page knows nothing else.
import type { FeatureName } from '../../core/statistics/featureName';
import { bakedFeature } from '../../store/start/startSelectors';
import { useFeatureName } from '../parts/feature/useFeatureName';
import { useAppState } from '../storeContext';

export function useStartName(saeId: string, latentIndex: number): FeatureName {
  const name = useFeatureName(saeId, latentIndex);
  const baked = useAppState((state) => bakedFeature(state, saeId, latentIndex)?.name ?? null);
  const isPlain = name.source === 'none' || name.source === 'tokens';
  return isPlain && baked !== null ? baked : name;
}
