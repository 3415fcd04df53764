// Another feature by its number and its name, or its top token.
import { chipGlyphs } from '../parts/tokens/tokenText';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';

type LatentLinkProps = {
  latent: { latentIndex: number; topToken: string | null };
  name: string | undefined;
  onOpen: (latentIndex: number) => void;
};

export function LatentLink({ latent: { latentIndex, topToken }, name, onOpen }: LatentLinkProps) {
  return (
    <button type="button" className={controlStyles.linkButton} onClick={() => onOpen(latentIndex)}>
      <span className={wordStyles.visuallyHidden}>Feature</span> {latentIndex}{' '}
      <span className={classNames(wordStyles.mono, wordStyles.muted)}>
        {chipGlyphs(name || (topToken ?? ''))}
      </span>
    </button>
  );
}
