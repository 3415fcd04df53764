// Another feature in a line of text: its name, its number small behind it. A click opens it, its card shows on hover.
import type { NameFacts } from '../../../core/statistics/featureName';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import wordStyles from '../look/words.module.css';
import { FeaturePreview } from './FeaturePreview';
import { useFeatureName } from './useFeatureName';

type FeatureLinkProps = {
  saeId: string | null;
  latent: { latentIndex: number; firesOn: NameFacts['firesOn'] };
  onOpen: (latentIndex: number) => void;
};

export function FeatureLink({ saeId, latent, onOpen }: FeatureLinkProps) {
  const { latentIndex, firesOn } = latent;
  const { text } = useFeatureName(saeId, latentIndex, firesOn);
  return (
    <FeaturePreview saeId={saeId} latentIndex={latentIndex} onOpen={() => onOpen(latentIndex)}>
      <button
        type="button"
        className={controlStyles.linkButton}
        onClick={() => onOpen(latentIndex)}
      >
        {text} <span className={classNames(wordStyles.muted, wordStyles.small)}>{latentIndex}</span>
      </button>
    </FeaturePreview>
  );
}
