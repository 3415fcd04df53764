// Another feature in a line of text: its name, its number small behind it. A click opens it.
import type { NameFacts } from '../../../core/statistics/featureName';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import wordStyles from '../look/words.module.css';
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
    <button
      type="button"
      className={controlStyles.linkButton}
      title={`Feature ${latentIndex}: ${text}`}
      onClick={() => onOpen(latentIndex)}
    >
      {text} <span className={classNames(wordStyles.muted, wordStyles.small)}>{latentIndex}</span>
    </button>
  );
}
