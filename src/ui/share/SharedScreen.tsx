// What somebody shared, painted as it came: dashboards or a pair of texts, without the model and the SAE; above it,
// whether it comes out the same here.
import { useMemo } from 'react';
import { featureName } from '../../core/statistics/featureName';
import type { Hideable } from '../../core/share/shareState';
import type { SharedContent, SharedFeature, SharedRun } from '../../core/share/sharedContent';
import { firstDifference } from '../../store/steer/steerRequest';
import { dashboardOf, runOf, sameSae } from '../../store/share/sharingSelectors';
import { Dashboard } from '../explore/dashboard/Dashboard';
import { densitySentence, nameSource } from '../parts/feature/nameText';
import { hookText } from '../parts/text/hookText';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { count, measure } from '../parts/text/numberText';
import tokenStyles from '../parts/tokens/tokens.module.css';
import { LaneView } from '../steer/lanes/LaneView';
import laneStyles from '../steer/lanes/LanesPanel.module.css';
import { writtenValue } from '../steer/slots/strengthText';
import { useActions, useAppState } from '../storeContext';
import { SourcePanel } from './SourcePanel';
import { SharedVerdict } from './SharedVerdict';
import styles from './SharedScreen.module.css';

export function SharedScreen() {
  const received = useAppState((state) => state.share.received);
  const source = useAppState((state) => state.share.source);
  const actions = useActions();
  if (received === null) return source === null ? null : <SourcePanel source={source} />;
  const { content, from } = received;
  const close = (
    <button
      type="button"
      className={controlStyles.button}
      onClick={() => actions.share.received.putAway()}
    >
      Close
    </button>
  );
  switch (content.status) {
    case 'empty':
    case 'loading':
      return <p role="status">Reading what was shared…</p>;
    case 'failed':
      return <ProblemNote problem={content.problem}>{close}</ProblemNote>;
    case 'ready':
      return (
        <div className={styles.screen}>
          <header className={styles.head}>
            <div className={styles.line}>
              <h1 className={styles.title}>
                <span className={styles.label}>As shared</span>{' '}
                <span className={wordStyles.muted}>
                  from {from}, made with nanoscope {content.value.app}
                </span>
              </h1>
              <div className={layoutStyles.buttonRow}>
                <OpenLive content={content.value} />
                {close}
              </div>
            </div>
            <SharedVerdict content={content.value} />
          </header>
          <SharedView content={content.value} hide={[]} />
        </div>
      );
    default:
      return content satisfies never;
  }
}

/** The same on the page itself, where the SAE is here. */
function OpenLive({ content }: { content: SharedContent }) {
  const isHere = useAppState(
    (state) =>
      content.run !== null || (content.sae !== null && sameSae(state, content.sae.saeId) !== null),
  );
  const actions = useActions();
  if (!isHere) return null;
  const [first] = content.features;
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.primary)}
      onClick={() => actions.share.received.openLive(first?.latentIndex ?? null)}
    >
      {content.run === null ? 'Open in Explore' : 'Open in Steer'}
    </button>
  );
}

type SharedViewProps = { content: SharedContent; hide: readonly Hideable[] };

export function SharedView({ content, hide }: SharedViewProps) {
  const { features, run, sae } = content;
  return (
    <>
      {features.map((feature) => (
        <Feature key={feature.latentIndex} feature={feature} hide={hide} />
      ))}
      {run !== null && <Texts run={run} />}
      {sae !== null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          SAE {sae.saeId}, {hookText(sae.hookPoint)}, {count(sae.d_sae)} features; model{' '}
          {content.model ?? 'unknown'}; counted on{' '}
          {sae.corpus ??
            'the bundled text, which the demo model wrote itself: its statements are not facts'}
          .
        </p>
      )}
    </>
  );
}

function Feature({ feature, hide }: { feature: SharedFeature; hide: readonly Hideable[] }) {
  const dashboard = useMemo(() => dashboardOf(feature), [feature]);
  const shared = useMemo(() => ({ hide }), [hide]);
  const { latentIndex, label, note, firesOn } = feature;
  const name = featureName({
    latentIndex,
    label,
    guess: feature.guess ?? undefined,
    firesOn: firesOn.length === 0 && feature.fireCount > 0 ? null : firesOn,
  });
  const source = nameSource(name);
  return (
    <article className={styles.feature} aria-label={`Feature ${latentIndex}: ${name.text}`}>
      <h2 className={styles.name}>
        {name.text} <span className={wordStyles.muted}>{latentIndex}</span>
      </h2>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {source !== '' && `${source.charAt(0).toUpperCase()}${source.slice(1)}. `}
        {densitySentence(feature, feature.tokensSeen)}
        {feature.fireCount > 0 && ` At most ${measure(feature.maxAct)}.`}
      </p>
      {note !== '' && !hide.includes('notes') && <p className={styles.note}>{note}</p>}
      <Dashboard dashboard={dashboard} shared={shared} />
    </article>
  );
}

function Texts({ run }: { run: SharedRun }) {
  const shown = useMemo(() => runOf(run), [run]);
  const { baseline, steered } = shown.lanes;
  const parting = firstDifference(baseline, steered);
  const { slots, lanes } = run.request.steer;
  // Without slots: what each was worth at a token is not carried.
  const common = { run: shown, slots: [], parting, picked: null };
  return (
    <article className={styles.feature} aria-label="Texts">
      <ul className={styles.slots} aria-label="What steers">
        {slots.map(({ id, target, mode, unit, value }) => (
          <li key={id}>
            {target.kind === 'latent'
              ? `feature ${target.latentIndex} of ${target.saeId}`
              : `vector ${target.vectorId}`}
            : {writtenValue(mode, unit, value)}
          </li>
        ))}
      </ul>
      <div className={classNames(laneStyles.lanes, tokenStyles.inStep)}>
        {lanes === 'both' && <LaneView name="Baseline" lane="baseline" {...common} />}
        <LaneView name="Steered" lane="steered" {...common} />
      </div>
    </article>
  );
}
