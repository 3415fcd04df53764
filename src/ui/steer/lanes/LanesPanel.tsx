// Two texts in step: baseline and steered, where they diverge, how far the steered one is from the
// unsteered model, and the controls of the stream.
import { useMemo, useState } from 'react';
import type { LaneName } from '../../../core/steer/steeringReport';
import { firstDifference } from '../../../store/steer/steerRequest';
import type { GenerationRun } from '../../../store/generate/generationRun';
import { BAR_LEGEND } from '../../parts/tokens/generatedMarks';
import { Note, ProblemNote } from '../../parts/Messages';
import { ProgressTrack } from '../../parts/ProgressBar';
import { END_WORDS } from '../../parts/fields/sampling';
import { SentenceReader } from '../../parts/SentenceReader';
import { useMedia } from '../../hooks/useMedia';
import { useAppState } from '../../storeContext';
import { AlignedLanes } from './AlignedLanes';
import { DemoPresets } from '../tools/PresetsPanel';
import { KL_LEGEND, type LaneContext } from './laneMarks';
import { LaneView } from './LaneView';
import { Readouts } from './Readouts';
import { StreamControls } from './StreamControls';
import { TokenCard, type Picked } from './TokenCard';
import { classNames } from '../../parts/look/classNames';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';
import styles from './LanesPanel.module.css';

export function LanesPanel() {
  const run = useAppState((state) => state.steer.run);
  return (
    <section className={layoutStyles.panel} aria-label="Texts">
      <StreamControls />
      {run === null ? <NoText /> : <Lanes key={run.generationId} run={run} />}
    </section>
  );
}

function NoText() {
  const isEmpty = useAppState(({ steer }) => steer.setup.slots.length === 0);
  const isAwaited = useAppState(({ steer }) => steer.isAwaited);
  if (isAwaited) return <ProgressTrack label="Opening the preset" fraction={null} />;
  if (!isEmpty) {
    return (
      <div className={layoutStyles.empty}>
        <p>Press Generate. Move the dial while the text streams: the next token obeys.</p>
      </div>
    );
  }
  return (
    <>
      <p className={wordStyles.muted}>Try one of these, or add a feature of your own:</p>
      <DemoPresets />
    </>
  );
}

const NO_SLOTS: LaneContext['slots'] = [];
const LANES: readonly { name: string; lane: LaneName }[] = [
  { name: 'Baseline', lane: 'baseline' },
  { name: 'Steered', lane: 'steered' },
];

function Lanes({ run }: { run: GenerationRun }) {
  const { baseline, steered } = run.lanes;
  const isDiffOn = useAppState((state) => state.steer.isDiffOn);
  const [picked, setPicked] = useState<Picked | null>(null);
  const parting = useMemo(() => firstDifference(baseline, steered), [baseline, steered]);
  const slots = run.request.steer?.slots ?? NO_SLOTS;
  const isBoth = run.request.steer?.lanes !== 'steered';
  const isPhone = useMedia('(max-width: 639px)');
  const shown = LANES.filter(({ lane }) => isBoth || lane === 'steered');
  return (
    <div
      className={styles.body}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || picked === null) return;
        event.preventDefault();
        setPicked(null);
      }}
    >
      <ProblemNote problem={run.problem} />
      {run.reason === 'lost' && (
        <Note>
          <p>The GPU device was lost. The text so far is kept; Rerun generates it again.</p>
        </Note>
      )}
      {run.running && steered.length === 0 && (
        <ProgressTrack label="Reading the prompt" fraction={null} />
      )}
      {isDiffOn && isBoth ? (
        <AlignedLanes run={run} slots={slots} parting={parting} onPick={setPicked} />
      ) : (
        <div className={classNames(styles.lanes, tokenStyles.inStep)}>
          {/* One below the other, the one that obeys the slider is in sight with it. */}
          {(isPhone ? shown.toReversed() : shown).map(({ name, lane }) => (
            <LaneView
              key={lane}
              name={name}
              lane={lane}
              run={run}
              slots={slots}
              parting={parting}
              picked={picked}
              onPick={setPicked}
            />
          ))}
        </div>
      )}
      {picked !== null && <TokenCard run={run} picked={picked} onClose={() => setPicked(null)} />}
      <Readouts tokens={steered} slots={slots} />
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {laneStatus(run, parting, isBoth)}
      </p>
      <SentenceReader tokens={steered} />
    </div>
  );
}

function laneStatus(run: GenerationRun, parting: number | null, isBoth: boolean): string {
  const apart = !isBoth
    ? 'How far predictions moved is told when both texts are written.'
    : parting === null
      ? 'Both lanes agree so far.'
      : `The lanes part at token ${parting + 1}, marked by a red rule.`;
  const end = run.reason === null ? '' : ` Ended: ${END_WORDS[run.reason]}.`;
  return `${apart}${end} ${BAR_LEGEND}${isBoth ? ` ${KL_LEGEND}` : ''}`;
}
