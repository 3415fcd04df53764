// Other latents of the SAE: close in decoder direction, or firing together.
import { statisticsUnit } from '../../../../store/sae/saeSelectors';
import { counted } from '../../../../core/text/counted';
import type {
  LatentDetails,
  NeighbourLatent,
  PartnerLatent,
} from '../../../../engine/statistics/api';
import { generationBlock } from '../../../../store/generate/generateSelectors';
import { count, measure, percent } from '../../../parts/text/numberText';
import { Term } from '../../../parts/text/Term';
import { ProblemNote } from '../../../parts/Messages';
import { useActions, useAppState } from '../../../storeContext';
import { FeatureLink } from '../../../parts/feature/FeatureLink';
import { NeighbourList } from './NeighbourList';
import { SecondNeighbours } from '../../compare/SecondNeighbours';
import { useAnswer } from '../useAnswer';
import { classNames } from '../../../parts/look/classNames';
import controlStyles from '../../../parts/look/controls.module.css';
import featureStyles from '../../../parts/look/feature.module.css';
import figureStyles from '../../../parts/look/figure.module.css';
import wordStyles from '../../../parts/look/words.module.css';
import styles from './Relations.module.css';

export function Relations({
  latentIndex,
  details,
}: {
  latentIndex: number;
  details: LatentDetails;
}) {
  return (
    <div className={featureStyles.pair}>
      <Neighbours latentIndex={latentIndex} neighbours={details.neighbours} />
      <CoActivation latentIndex={latentIndex} details={details} />
    </div>
  );
}

type NeighboursProps = { latentIndex: number; neighbours: readonly NeighbourLatent[] };

function Neighbours({ latentIndex, neighbours }: NeighboursProps) {
  const saeId = useAppState((state) => state.sae.selectedId);
  const actions = useActions();
  return (
    <div className={figureStyles.figure}>
      <div className={figureStyles.figureHead}>
        <h3>
          <Term of="Neighbours">Decoder neighbours</Term>
        </h3>
        <span className={classNames(wordStyles.muted, wordStyles.small)}>cosine</span>
      </div>
      <NeighbourList
        label="Decoder neighbours"
        neighbours={neighbours}
        saeId={saeId}
        onOpen={actions.explore.selectLatent}
      />
      <SecondNeighbours latentIndex={latentIndex} />
    </div>
  );
}

type CoActivationProps = { latentIndex: number; details: LatentDetails };

function CoActivation({ latentIndex, details }: CoActivationProps) {
  const answer = useAnswer('partners', latentIndex);
  const block = useAppState(generationBlock);
  const actions = useActions();
  const isAsking = answer.status === 'loading';
  const exact = answer.status === 'ready' ? answer.value : null;
  const { partners, partnerTokens } = exact ?? details;
  const unit = useAppState(statisticsUnit);
  return (
    <div className={figureStyles.figure}>
      <div className={figureStyles.figureHead}>
        <h3>
          <Term of="Fires together">Fires together with</Term>
        </h3>
        <span className={classNames(wordStyles.muted, wordStyles.small)}>φ · how often</span>
      </div>
      {partners.length === 0 && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          With no other feature more often than by chance.
        </p>
      )}
      <PartnerList partners={partners} />
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {exact === null
          ? `Counted on ${count(partnerTokens)} sampled ${unit}s. `
          : `Counted on all of ${count(partnerTokens)} ${unit}s.`}
        {exact === null && (
          <button
            type="button"
            className={classNames(controlStyles.linkButton, wordStyles.small)}
            disabled={!isAsking && block !== null}
            title={
              block ??
              (unit === 'row' ? 'Reads all rows again' : 'Runs the model over the corpus again')
            }
            onClick={() =>
              void (isAsking ? actions.statistics.cancel() : actions.explore.inquiry.askPartners())
            }
          >
            {isAsking ? 'Counting… Cancel' : `Count every ${unit}`}
          </button>
        )}
      </p>
      {answer.status === 'failed' && <ProblemNote problem={answer.problem} />}
    </div>
  );
}

function PartnerList({ partners }: { partners: readonly PartnerLatent[] }) {
  const saeId = useAppState((state) => state.sae.selectedId);
  const actions = useActions();
  const unit = useAppState(statisticsUnit);
  return (
    <ol className={styles.list} aria-label="Fires together with">
      {partners.map((other) => (
        <li key={other.latentIndex}>
          <FeatureLink saeId={saeId} latent={other} onOpen={actions.explore.selectLatent} />
          <span className={styles.value} title={`φ ${other.phi}, P ${other.conditional}`}>
            {measure(other.phi)}{' '}
            <span className={wordStyles.muted}>
              · {percent(other.conditional)}
              {other.together !== null && ` of fires, ${counted(other.together, unit)}`}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
