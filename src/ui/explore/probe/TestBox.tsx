// The user's own text with the open feature: live tokens, their largest activation compared with the
// corpus's.
import { statisticsUnit } from '../../../store/sae/saeSelectors';
import { useCallback, useEffect } from 'react';
import { MAX_SHARED_TEXT } from '../../../core/share/shareState';
import type { ExampleToken } from '../../../engine/statistics/api';
import type { LatentReading } from '../../../engine/explore/api';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { measure, percent } from '../../parts/text/numberText';
import { ProblemNote } from '../../parts/Messages';
import { TokenRow } from '../../parts/tokens/TokenRow';
import { useActions, useAppState } from '../../storeContext';
import { spokenToken } from '../../parts/tokens/tokenText';
import { AblationButton, AblationResult } from './AblationSlot';
import { markActivation } from '../dashboard/markActivation';
import { TEST_BOX_ID } from './testBoxId';
import { nextTokenDetails, useNextTokens } from '../dashboard/examples/useNextTokens';
import { classNames } from '../../parts/look/classNames';
import figureStyles from '../../parts/look/figure.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';

const NONE: readonly ExampleToken[] = [];

/** maxAct: the corpus maximum, 0 for a dead feature. */
export function TestBox({ maxAct }: { maxAct: number }) {
  const text = useAppState((state) => state.explore.text);
  const problem = useAppState((state) => state.explore.probe.problem);
  const block = useAppState(generationBlock);
  const actions = useActions();
  useReading();
  return (
    <div className={figureStyles.figure}>
      <div className={figureStyles.figureHead}>
        <h3>Your text</h3>
        {text !== '' && (
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            {text.length} of {MAX_SHARED_TEXT} characters
          </span>
        )}
      </div>
      <label className={wordStyles.visuallyHidden} htmlFor={TEST_BOX_ID}>
        Test text
      </label>
      <textarea
        id={TEST_BOX_ID}
        className={inputStyles.input}
        rows={2}
        maxLength={MAX_SHARED_TEXT}
        placeholder="Type to see where it fires in your own words. They stay on this device."
        value={text}
        disabled={block !== null}
        onChange={(event) => actions.explore.probe.setText(event.target.value)}
      />
      {block !== null && <p className={wordStyles.reason}>{block}</p>}
      <ProblemNote problem={problem} />
      {text.trim() !== '' && <Reading maxAct={maxAct} />}
    </div>
  );
}

/** Asks again whenever the text, the feature, the SAE or the model changes. */
function useReading(): void {
  const text = useAppState((state) => state.explore.text);
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const saeId = useAppState((state) => state.sae.selectedId);
  const modelId = useAppState((state) => state.model.open?.id ?? null);
  const actions = useActions();
  useEffect(() => actions.explore.probe.readSoon(), [actions, text, latentIndex, saeId, modelId]);
}

function Reading({ maxAct }: { maxAct: number }) {
  const answer = useAppState((state) => state.explore.probe.answer);
  const reading = useAppState((state) => state.explore.probe.reading);
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const saeId = useAppState((state) => state.sae.selectedId);
  const unit = useAppState(statisticsUnit);
  const scale = Math.max(maxAct, answer?.value.maxAct ?? 0);
  const tokens = answer?.value.tokens ?? NONE;
  const { next, onShow } = useNextTokens(tokens);
  const toMark = useCallback(
    (token: ExampleToken, i: number) => {
      const mark = markActivation(token, scale);
      const after = nextTokenDetails(next, i);
      const name = [mark.name, ...after].join(', ');
      return { ...mark, name, details: [...mark.details, `position ${i}`, ...after] };
    },
    [scale, next],
  );
  // Colours of another feature would mislead; an older text of the same feature is only late.
  if (answer?.of.latentIndex !== latentIndex || answer.of.saeId !== saeId) {
    return reading ? (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>Reading…</p>
    ) : null;
  }
  return (
    <>
      <div
        className={classNames(tokenStyles.textBox, tokenStyles.snug, reading && tokenStyles.stale)}
      >
        <TokenRow label={`Test ${unit}s`} tokens={tokens} toMark={toMark} onShow={onShow} />
      </div>
      <p className={wordStyles.small}>{maximumText(answer.value, maxAct, unit)}</p>
      <AblationButton tokens={tokens} name="this text" />
      <AblationResult tokens={tokens} />
    </>
  );
}

function maximumText(
  { tokens, maxAct: here }: LatentReading,
  maxAct: number,
  unit: 'token' | 'row',
): string {
  if (here === 0)
    return `This feature is silent on ${unit === 'row' ? 'these rows' : 'this text'}.`;
  const peak = tokens.find(({ act, isSpecial }) => act === here && !isSpecial);
  const where = peak === undefined ? '' : ` at ${spokenToken(peak.text)}`;
  const first = `Largest activation ${measure(here)}${where}`;
  if (maxAct === 0) return `${first}; it never fired in the statistics.`;
  return `${first}: ${percent(here / maxAct)} of its maximum in the ${unit === 'row' ? 'rows' : 'corpus'}, ${measure(maxAct)}.`;
}
