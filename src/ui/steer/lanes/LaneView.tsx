// One lane of a text: the prompt, then its tokens, marked by what they are in this lane.
import { useCallback } from 'react';
import { counted } from '../../../core/text/counted';
import type { LaneName } from '../../../core/steer/steeringReport';
import type { GeneratedToken } from '../../../engine/generate/api';
import type { TokenView } from '../../../engine/model/api';
import type { GenerationRun } from '../../../store/generate/generationRun';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import { markPrompt } from '../../parts/tokens/generatedMarks';
import { TokenRow } from '../../parts/tokens/TokenRow';
import tokenStyles from '../../parts/tokens/tokens.module.css';
import { markLaneToken, type LaneContext } from './laneMarks';
import styles from './LanesPanel.module.css';
import type { Picked } from './TokenCard';

type LaneViewProps = {
  name: string;
  lane: LaneName;
  run: GenerationRun;
  slots: LaneContext['slots'];
  parting: number | null;
  picked: Picked | null;
  /** absent: its tokens cannot be picked */
  onPick?: (picked: Picked) => void;
};

export function LaneView({ name, lane, run, slots, parting, picked, onPick }: LaneViewProps) {
  const tokens = run.lanes[lane];
  const toMark = useCallback(
    (token: GeneratedToken, index: number) =>
      markLaneToken(token, index, { parting, slots, isDiffOn: false, isOther: () => false }),
    [parting, slots],
  );
  return (
    <div
      className={classNames(styles.lane, lane === 'baseline' ? styles.baseline : styles.steered)}
      role="group"
      aria-label={`${name} lane`}
    >
      <div className={styles.head}>
        <h2>{name}</h2>
        <span className={wordStyles.muted}>{counted(tokens.length, 'token')}</span>
      </div>
      <div className={tokenStyles.textBox}>
        <PromptRow name={name} prompt={run.prompt} />
        <TokenRow
          label={`${name} text`}
          className={classNames(tokenStyles.tokens, tokenStyles.inline)}
          tokens={tokens}
          toMark={toMark}
          picked={picked?.lane === lane ? picked.index : null}
          {...(onPick !== undefined && { onPick: (index: number) => onPick({ lane, index }) })}
        />
      </div>
    </div>
  );
}

function PromptRow({ name, prompt }: { name: string; prompt: readonly TokenView[] }) {
  return (
    <TokenRow
      label={`${name} prompt`}
      className={classNames(tokenStyles.tokens, tokenStyles.inline)}
      tokens={prompt}
      toMark={markPrompt}
    />
  );
}
