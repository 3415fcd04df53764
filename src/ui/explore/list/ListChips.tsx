// Which features are listed, one press each, with how many there are. What a count was taken on stands in its title.
import { counted } from '../../../core/text/counted';
import { livenessCounts } from '../../../store/explore/latentOrder';
import type { Liveness } from '../../../store/explore/exploreState';
import { selectedSae, statisticsUnit } from '../../../store/sae/saeSelectors';
import { count, percent } from '../../parts/text/numberText';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import styles from './ListChips.module.css';

const NO_ROWS: readonly [] = [];

export function ListChips() {
  const rows = useAppState(({ explore: { rows } }) =>
    rows.status === 'ready' ? rows.value : NO_ROWS,
  );
  const liveness = useAppState((state) => state.explore.liveness);
  const starredOnly = useAppState((state) => state.explore.filter.starredOnly);
  const starred = useAppState(({ statistics: { notes } }) => starCount(notes.byLatent));
  const actions = useActions();
  const counts = livenessCounts(rows);
  const { setLiveness, setStarredOnly } = actions.explore.table;
  const on = useCountedOn();
  const toggle = (wanted: Liveness) => () => setLiveness(liveness === wanted ? 'all' : wanted);
  return (
    <div className={styles.chips} role="group" aria-label="Which features">
      <Chip
        name="all"
        count={counts.all}
        isOn={liveness === 'all' && !starredOnly}
        title="Every feature of this SAE"
        onPress={() => {
          setLiveness('all');
          setStarredOnly(false);
        }}
      />
      <Chip
        name="starred"
        count={starred}
        isOn={starredOnly}
        title="Starred by you, or by whoever made this SAE"
        onPress={() => setStarredOnly(!starredOnly)}
      />
      <Chip
        name="live"
        count={counts.live}
        isOn={liveness === 'live'}
        title={`Fire at least once ${on}`}
        onPress={toggle('live')}
      />
      <Chip
        name="dead"
        count={counts.dead}
        isOn={liveness === 'dead'}
        title={`Fire on none ${on}`}
        onPress={toggle('dead')}
      />
      <Chip
        name="dense"
        count={counts.on}
        isOn={liveness === 'on'}
        title={`Fire on more than 10 % ${on}`}
        onPress={toggle('on')}
      />
      <CountedOn />
    </div>
  );
}

type ChipProps = {
  name: string;
  count: number;
  isOn: boolean;
  title: string;
  onPress: () => void;
};

function Chip({ name, count: features, isOn, title, onPress }: ChipProps) {
  return (
    <button
      type="button"
      className={styles.chip}
      aria-pressed={isOn}
      title={title}
      onClick={onPress}
    >
      {name} <span className={styles.count}>{count(features)}</span>
    </button>
  );
}

/** “counted on 500,352 tokens”; while a pass goes on, how far it is. */
function CountedOn() {
  const sae = useAppState(selectedSae);
  const isCounting = useAppState(
    ({ statistics, sae }) => statistics.counting.saeId === sae.selectedId,
  );
  const unit = useAppState(statisticsUnit);
  if (sae === null || sae.statisticsTokens === 0) return null;
  const { statisticsTokens: tokens, statisticsGoal: goal, statisticsCorpus: corpus } = sae;
  const text = corpus?.isDemo === false ? corpus.name : 'the bundled text';
  return (
    <span
      className={classNames(styles.counted, wordStyles.muted)}
      title={`All numbers here were counted on ${counted(tokens, unit)} of ${text}${sae.hasSharedStatistics === true ? ', by whoever shared this SAE, not on this device' : ''}.`}
    >
      {isCounting ? 'so far ' : ''}
      {sae.hasSharedStatistics === true && !isCounting ? 'as shared, ' : ''}of{' '}
      {counted(tokens, unit)}
      {goal === undefined
        ? ': dead on none, dense on more than 10 %'
        : `, ${percent(tokens / goal)} of the pass`}
    </span>
  );
}

function useCountedOn(): string {
  const tokens = useAppState((state) => selectedSae(state)?.statisticsTokens ?? 0);
  const unit = useAppState(statisticsUnit);
  return `of the ${counted(tokens, unit)} counted`;
}

function starCount(notes: Readonly<Record<number, { isStarred: boolean }>>): number {
  return Object.values(notes).filter(({ isStarred }) => isStarred).length;
}
