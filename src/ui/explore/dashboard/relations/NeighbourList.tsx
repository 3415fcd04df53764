// Features by decoder cosine, best first; a click opens one.
import type { NeighbourLatent } from '../../../../engine/statistics/api';
import { measure } from '../../../parts/text/numberText';
import { FeatureLink } from '../../../parts/feature/FeatureLink';
import { classNames } from '../../../parts/look/classNames';
import relationStyles from './Relations.module.css';
import wordStyles from '../../../parts/look/words.module.css';

type NeighbourListProps = {
  label: string;
  /** the SAE that they are of */
  saeId: string | null;
  neighbours: readonly NeighbourLatent[];
  onOpen: (latentIndex: number) => void;
};

export function NeighbourList({ label, saeId, neighbours, onOpen }: NeighbourListProps) {
  if (neighbours.length === 0) {
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        No direction is closer than 90°.
      </p>
    );
  }
  return (
    <ol className={relationStyles.list} aria-label={label}>
      {neighbours.map((other) => (
        <li key={other.latentIndex}>
          <FeatureLink saeId={saeId} latent={other} onOpen={onOpen} />
          <span className={relationStyles.value} title={String(other.cosine)}>
            {measure(other.cosine)}
          </span>
        </li>
      ))}
    </ol>
  );
}
