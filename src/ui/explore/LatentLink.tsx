// Another feature by its number and its name, or its top token.
import { chipGlyphs } from '../parts/tokens/tokenText';

type LatentLinkProps = {
  latent: { latentIndex: number; topToken: string | null };
  name: string | undefined;
  onOpen: (latentIndex: number) => void;
};

export function LatentLink({ latent: { latentIndex, topToken }, name, onOpen }: LatentLinkProps) {
  return (
    <button type="button" className="link-button" onClick={() => onOpen(latentIndex)}>
      <span className="visually-hidden">Feature</span> {latentIndex}{' '}
      <span className="mono muted">{chipGlyphs(name || (topToken ?? ''))}</span>
    </button>
  );
}
