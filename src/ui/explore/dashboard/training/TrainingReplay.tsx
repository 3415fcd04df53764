// Access to a feature's training: shown if the SAE was trained here, loads its saved steps on request.
import type { LatentDashboard } from '../../../../engine/statistics/api';
import { generationBlock } from '../../../../store/generate/generateSelectors';
import { selectedSae } from '../../../../store/sae/saeSelectors';
import { ProblemNote } from '../../../parts/Messages';
import { LoadingLine } from '../../../parts/load/LoadingLine';
import { lazyPart } from '../../../parts/load/lazyPart';
import { useActions, useAppState } from '../../../storeContext';
import { classNames } from '../../../parts/look/classNames';
import controlStyles from '../../../parts/look/controls.module.css';
import figureStyles from '../../../parts/look/figure.module.css';
import wordStyles from '../../../parts/look/words.module.css';

const Scrubber = lazyPart(
  'The view of the saved steps',
  async () => (await import('./Scrubber')).Scrubber,
  <LoadingLine />,
);

/** Top examples whose bids are replayed. */
const EXAMPLES = 3;

export function TrainingReplay({ dashboard }: { dashboard: LatentDashboard }) {
  const sae = useAppState(selectedSae);
  const replay = useAppState((state) => state.explore.replay);
  const block = useAppState(generationBlock);
  const actions = useActions();
  if (sae?.runId === undefined) return null;
  const { saeId } = sae;
  const { latentIndex } = dashboard.row;
  const isOfThis = replay.saeId === saeId && replay.latentIndex === latentIndex;
  const examples = dashboard.topExamples.slice(0, EXAMPLES);
  function load() {
    const tokenIds = examples.map(({ tokens }) => tokens.map(({ tokenId }) => tokenId));
    void actions.explore.replay.load({ saeId, latentIndex, examples: tokenIds });
  }
  return (
    <section className={figureStyles.figure} aria-label="Through training">
      <div className={figureStyles.figureHead}>
        <h3>Through training</h3>
        {(!isOfThis || replay.problem !== null) && (
          <button
            type="button"
            className={controlStyles.button}
            disabled={block !== null}
            title={block ?? 'Reads the saved steps of the run that trained this SAE'}
            onClick={load}
          >
            Replay
          </button>
        )}
      </div>
      {isOfThis && replay.loading && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>Reading the saved steps…</p>
      )}
      {isOfThis && <ProblemNote problem={replay.problem} />}
      {isOfThis && replay.value !== null && (
        <Scrubber key={latentIndex} replay={replay.value} examples={examples} />
      )}
    </section>
  );
}
