// Features by decoder cosine, best first; a click opens one.
import type { NeighbourLatent } from '../../../engine/statistics/api';
import { measure } from '../../parts/numberText';
import { LatentLink } from '../LatentLink';
import { classNames } from '../../parts/look/classNames';
import relationStyles from './Relations.module.css';
import wordStyles from '../../parts/look/words.module.css';

type NeighbourListProps = {
  label: string;
  neighbours: readonly NeighbourLatent[];
  /** the user's label of a feature, if there is one, instead of its top token */
  names?: Readonly<Record<number, { label: string }>>;
  onOpen: (latentIndex: number) => void;
};

export function NeighbourList({ label, neighbours, names = {}, onOpen }: NeighbourListProps) {
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
          <LatentLink latent={other} name={names[other.latentIndex]?.label} onOpen={onOpen} />
          <span className={relationStyles.value} title={String(other.cosine)}>
            {measure(other.cosine)}
          </span>
        </li>
      ))}
    </ol>
  );
}
