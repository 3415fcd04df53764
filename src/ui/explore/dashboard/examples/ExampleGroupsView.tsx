// Where a latent fires: groups of examples with shared view controls, which the link stores.
import type { ReactNode } from 'react';
import type { DashboardView } from '../../../../core/share/shareState';
import type { ExampleToken } from '../../../../engine/statistics/api';
import { showsRows } from '../../../../store/model/openRows';
import { selectedSae } from '../../../../store/sae/saeSelectors';
import { Segmented } from '../../../parts/fields/Segmented';
import { PopoverMenu } from '../../../parts/PopoverMenu';
import { useActions, useAppState } from '../../../storeContext';
import type { ShownGroup } from './exampleGroups';
import { ExampleList } from './ExampleList';
import { RowExamples } from './RowExamples';
import { classNames } from '../../../parts/look/classNames';
import wordStyles from '../../../parts/look/words.module.css';
import styles from './ExampleGroupsView.module.css';

const CONTEXTS: readonly { value: DashboardView['context']; label: string }[] = [
  { value: '5', label: '±5' },
  { value: '16', label: '±16' },
  { value: 'full', label: 'Full' },
];
const GROUPINGS: readonly { value: DashboardView['grouping']; label: string }[] = [
  { value: 'interval', label: 'Intervals' },
  { value: 'quantile', label: 'Quantiles' },
];
const SCALES: readonly { value: DashboardView['scale']; label: string }[] = [
  { value: 'feature', label: 'Feature' },
  { value: 'group', label: 'Group' },
  { value: 'row', label: 'Row' },
];
const BREAKS: readonly { value: 'sign' | 'real'; label: string }[] = [
  { value: 'sign', label: '↵' },
  { value: 'real', label: 'Real' },
];

type ExampleGroupsProps = {
  groups: readonly ShownGroup[];
  maxAct: number;
  /** whether intervals can be chosen */
  hasGroups: boolean;
  /** as it was received: nothing of it can be asked about here */
  isShared: boolean;
  onShow: (token: ExampleToken | null) => void;
};

const KINDS: readonly { value: DashboardView['examples']; label: string }[] = [
  { value: 'top', label: 'Strongest' },
  { value: 'range', label: 'Across the range' },
  { value: 'random', label: 'Random' },
];

export function ExampleGroupsView(props: ExampleGroupsProps) {
  const { groups, maxAct, hasGroups, isShared, onShow } = props;
  const view = useAppState((state) => state.explore.dashboardView);
  const areRows = useAppState((state) => !isShared && showsRows(state, selectedSae(state)));
  const actions = useActions();
  const wanted = view.examples === 'range' ? view.grouping : view.examples;
  const shown = groups.filter(({ kind }) => kind === (hasGroups ? wanted : 'top'));
  return (
    <section className={styles.examples} aria-labelledby="examples">
      <div className={styles.head}>
        <h3 id="examples">Where it fires</h3>
        {hasGroups && (
          <Segmented
            label="Examples"
            value={view.examples}
            options={KINDS}
            onChange={(examples) => actions.explore.inquiry.setView({ examples })}
          />
        )}
        <PopoverMenu name="How examples are shown" face="View" className={styles.menu}>
          {() => (
            <>
              <ViewControls view={view} hasGroups={hasGroups} areRows={areRows} />
              {!isShared && <CorpusNote />}
            </>
          )}
        </PopoverMenu>
      </div>
      {shown.map((group) =>
        areRows ? (
          <RowExamples key={group.title} group={group} />
        ) : (
          <ExampleList
            key={group.title}
            group={group}
            view={view}
            maxAct={maxAct}
            isShared={isShared}
            onShow={onShow}
          />
        ),
      )}
    </section>
  );
}

type ViewControlsProps = { view: DashboardView; hasGroups: boolean; areRows: boolean };

/** Rows have neither context nor line breaks, nor a colour. */
function ViewControls({ view, hasGroups, areRows }: ViewControlsProps) {
  const actions = useActions();
  return (
    <div className={styles.controls}>
      {!areRows && (
        <Choice name="Context, in tokens">
          <Segmented
            label="Context"
            value={view.context}
            options={CONTEXTS}
            onChange={(context) => actions.explore.inquiry.setView({ context })}
          />
        </Choice>
      )}
      {hasGroups && (
        <Choice name="The range in">
          <Segmented
            label="Groups"
            value={view.grouping}
            options={GROUPINGS}
            onChange={(grouping) => actions.explore.inquiry.setView({ grouping })}
          />
        </Choice>
      )}
      {!areRows && <TextControls view={view} />}
    </div>
  );
}

function TextControls({ view }: { view: DashboardView }) {
  const actions = useActions();
  return (
    <>
      <Choice name="Full colour at the most of the">
        <Segmented
          label="Full colour at the maximum of"
          value={view.scale}
          options={SCALES}
          onChange={(scale) => actions.explore.inquiry.setView({ scale })}
        />
      </Choice>
      <Choice name="Line breaks">
        <Segmented
          label="Line breaks"
          value={view.realBreaks ? 'real' : 'sign'}
          options={BREAKS}
          onChange={(breaks) => actions.explore.inquiry.setView({ realBreaks: breaks === 'real' })}
        />
      </Choice>
    </>
  );
}

function Choice({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.choice}>
      <span className={classNames(wordStyles.muted, wordStyles.small)} aria-hidden="true">
        {name}
      </span>
      {children}
    </div>
  );
}

function CorpusNote() {
  const corpus = useAppState((state) => selectedSae(state)?.statisticsCorpus);
  const areRows = useAppState((state) => showsRows(state, selectedSae(state)));
  return (
    <p className={classNames(wordStyles.muted, wordStyles.small)}>
      {corpus === undefined || corpus.isDemo
        ? 'From the bundled corpus, which the demo model wrote itself: its statements are not facts.'
        : `From ${areRows ? 'the' : 'the text'} ${corpus.name}.`}
    </p>
  );
}
