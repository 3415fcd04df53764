// One feature switched off in one example: where, and what the rerun changed at each token, as colours and
// table.
import { useCallback, useId, type CSSProperties } from 'react';
import type { ExampleToken } from '../../../engine/statistics/api';
import type { Ablation } from '../../../engine/explore/api';
import type { AblationView } from '../../../store/explore/probeState';
import { measure, signedMeasure } from '../../parts/text/numberText';
import { ShowData } from '../../parts/ChartFigure';
import { ProblemNote } from '../../parts/Messages';
import { SelectField } from '../../parts/fields/SelectField';
import { TokenRow } from '../../parts/tokens/TokenRow';
import type { TokenMark } from '../../parts/tokens/tokenMark';
import { useActions } from '../../storeContext';
import { chipGlyphs, spokenToken } from '../../parts/tokens/tokenText';
import { markActivation } from '../dashboard/markActivation';
import { ablationSentence, changedTokens } from './ablationText';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';
import styles from './AblationPanel.module.css';

type AblatedToken = Ablation['tokens'][number];

export function AblationPanel({ view }: { view: AblationView }) {
  const id = useId();
  const actions = useActions();
  const { result, tokens, position, running, problem } = view;
  return (
    <section className={styles.ablation} aria-label="Without this feature" aria-busy={running}>
      <SelectField
        id={`${id}-where`}
        label="Switched off"
        value={position === null ? 'all' : String(position)}
        options={placesOf(result?.tokens ?? tokens, position)}
        onChange={(value) => actions.explore.probe.ablateAt(value === 'all' ? null : Number(value))}
        help="The model runs again with the feature’s part of the residual stream taken away."
      />
      <ProblemNote problem={problem} />
      {result === null && running && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>Running the model twice…</p>
      )}
      {result !== null && <Result result={result} isStale={running} />}
    </section>
  );
}

/** Everywhere, and each token on which it fires; the chosen one remains in the list. */
function placesOf(tokens: readonly ExampleToken[], chosen: number | null) {
  const places = [...tokens.entries()].filter(
    ([at, { act, isSpecial }]) => at === chosen || (act > 0 && !isSpecial),
  );
  return [
    { value: 'all', label: 'At every token' },
    ...places.map(([at, { text, act }]) => ({
      value: String(at),
      label: `Only at token ${at}, ${spokenToken(text)} (${measure(act)})`,
    })),
  ];
}

function Result({ result, isStale }: { result: Ablation; isStale: boolean }) {
  const { tokens, firstChanged } = result;
  const actScale = Math.max(...tokens.map(({ act, isSpecial }) => (isSpecial ? 0 : act)));
  const effectScale = Math.max(
    ...changedTokens(result).map((token) => Math.abs(token.deltaLogProb ?? 0)),
  );
  const toMark = useCallback(
    (token: AblatedToken, i: number) =>
      markEffect(token, {
        actScale,
        effectScale,
        isBefore: firstChanged === null || i < firstChanged,
      }),
    [actScale, effectScale, firstChanged],
  );
  return (
    <>
      <p className={wordStyles.small} role="status">
        {ablationSentence(result)}
      </p>
      <div
        className={classNames(tokenStyles.textBox, tokenStyles.snug, isStale && tokenStyles.stale)}
      >
        <TokenRow label="Effect on each token" tokens={tokens} toMark={toMark} />
      </div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Fill: activation. Line under a token, + or −: how much likelier the next token became. Grey:
        nothing before the first change can differ.
      </p>
      <ShowData
        title="the ablation"
        table={() => ({
          columns: ['token', 'text', 'activation', 'KL, nats', 'Δ log p of the next'],
          rows: tokens.map((token, i) => [
            String(i),
            chipGlyphs(token.text),
            measure(token.act),
            measure(token.kl),
            token.deltaLogProb === null ? '–' : signedMeasure(token.deltaLogProb),
          ]),
        })}
      />
    </>
  );
}

function markEffect(
  token: AblatedToken,
  o: { actScale: number; effectScale: number; isBefore: boolean },
): TokenMark {
  const mark = markActivation(token, o.actScale);
  if (o.isBefore) {
    const name = `${mark.name}, before the first change`;
    return {
      ...mark,
      name,
      className: classNames(mark.className, tokenStyles.unaffected),
      details: mark.details,
    };
  }
  const { kl, deltaLogProb: delta } = token;
  const share = o.effectScale > 0 ? Math.abs(delta ?? 0) / o.effectScale : 0;
  const sign =
    delta === null || share < 0.02 ? null : delta > 0 ? tokenStyles.gains : tokenStyles.loses;
  const effects = [
    `KL ${measure(kl)} nats`,
    ...(delta === null ? [] : [`next token ${signedMeasure(delta)} log p`]),
  ];
  return {
    ...mark,
    className: classNames(
      mark.className,
      token.isEdited && token.act > 0 && tokenStyles.peak,
      sign,
    ),
    style: { ...mark.style, '--e': share.toFixed(3) } as CSSProperties,
    name: [mark.name, ...effects].join(', '),
    details: [...mark.details, ...effects],
  };
}
