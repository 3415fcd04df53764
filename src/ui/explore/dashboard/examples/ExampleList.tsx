// One group of examples: windows of text, coloured by activation.
import { useCallback, useMemo, useState, type CSSProperties } from 'react';
import type { DashboardView } from '../../../../core/share/shareState';
import type { Example, ExampleToken } from '../../../../engine/statistics/api';
import { count, measure, percent } from '../../../parts/text/numberText';
import { TokenRow } from '../../../parts/tokens/TokenRow';
import type { TokenMark } from '../../../parts/tokens/tokenMark';
import { lineGlyphs } from '../../../../core/text/visibleText';
import { proseGlyphs, spokenToken } from '../../../parts/tokens/tokenText';
import { activationFill } from '../../../parts/tokens/activationFill';
import { ExampleTools } from './ExampleTools';
import type { ShownGroup } from './exampleGroups';
import { windowOf } from './exampleWindow';
import { nextTokenDetails, useNextTokens } from './useNextTokens';
import { classNames } from '../../../parts/look/classNames';
import controlStyles from '../../../parts/look/controls.module.css';
import wordStyles from '../../../parts/look/words.module.css';
import styles from './ExampleList.module.css';
import tokenStyles from '../../../parts/tokens/tokens.module.css';

type ExampleListProps = {
  group: ShownGroup;
  view: DashboardView;
  maxAct: number;
  isShared: boolean;
  onShow: (token: ExampleToken | null) => void;
};

/** Shown before somebody asks for all. */
const FIRST = 5;

export function ExampleList({ group, view, maxAct, isShared, onShow }: ExampleListProps) {
  const [isWhole, setWhole] = useState(false);
  const { title, account, kind, examples } = group;
  const shown = isWhole ? examples : examples.slice(0, FIRST);
  return (
    <div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {(kind === 'interval' || kind === 'quantile') && <b>{title}. </b>}
        {account}
      </p>
      <ol className={styles.list} aria-label={title}>
        {shown.map((example, i) => (
          <ExampleRow
            key={i}
            example={example}
            view={view}
            name={kind === 'top' ? `Example ${i + 1}` : `${title}, ${i + 1}`}
            maxAct={maxAct}
            groupMax={group.maxAct}
            isShared={isShared}
            onShow={onShow}
          />
        ))}
      </ol>
      {shown.length < examples.length && (
        <button type="button" className={controlStyles.linkButton} onClick={() => setWhole(true)}>
          Show all {examples.length}
        </button>
      )}
    </div>
  );
}

type ExampleRowProps = {
  example: Example;
  view: DashboardView;
  name: string;
  maxAct: number;
  groupMax: number;
  isShared: boolean;
  onShow: (token: ExampleToken | null) => void;
};

function ExampleRow(props: ExampleRowProps) {
  const { example, view, name, maxAct, groupMax, isShared, onShow } = props;
  const { context, scale, realBreaks } = view;
  const { tokens, start } = useMemo(() => windowOf(example, context), [example, context]);
  const full = { feature: maxAct, group: groupMax, row: rowMax(tokens) }[scale];
  const { peak, firstPosition } = example;
  const { next, onShow: onPoint } = useNextTokens(example.tokens);
  const toMark = useCallback(
    (token: ExampleToken, i: number) =>
      markExample(token, {
        full,
        maxAct,
        realBreaks,
        isPeak: start + i === peak,
        position: firstPosition === null ? null : firstPosition + start + i,
        after: nextTokenDetails(next, start + i),
      }),
    [full, maxAct, realBreaks, start, peak, firstPosition, next],
  );
  function show(token: ExampleToken | null) {
    onShow(token);
    if (!isShared) onPoint(token);
  }
  return (
    <li className={styles.example}>
      <div className={styles.act} title={String(example.act)}>
        {measure(example.act)}
        {example.repeats > 1 && (
          <span title={`Seen ${count(example.repeats)} times`}> ×{example.repeats}</span>
        )}
      </div>
      <TokenRow
        label={name}
        tokens={tokens}
        toMark={toMark}
        onShow={show}
        className={styles.text}
      />
      {!isShared && <ExampleTools example={example} name={name.toLowerCase()} />}
    </li>
  );
}

function rowMax(tokens: readonly ExampleToken[]): number {
  return tokens.reduce((max, { act }) => Math.max(max, act), 0);
}

type MarkOptions = {
  /** activation with full colour */
  full: number;
  maxAct: number;
  isPeak: boolean;
  realBreaks: boolean;
  /** position in its sequence; null if it was not stored */
  position: number | null;
  /** what is known about the next token */
  after: readonly string[];
};

function markExample(token: ExampleToken, o: MarkOptions): TokenMark {
  const fill = activationFill(token.act, o.full);
  const act = measure(token.act);
  return {
    text: o.realBreaks ? proseGlyphs(token.text) : lineGlyphs(token.text),
    className: classNames(
      token.isSpecial && tokenStyles.special,
      fill > 0 && tokenStyles.filled,
      o.isPeak && tokenStyles.peak,
    ),
    style: fill > 0 ? ({ '--u': fill.toFixed(3) } as CSSProperties) : {},
    name: [`${spokenToken(token.text)}, activation ${act}`, ...o.after].join(', '),
    details: [
      `activation ${act}`,
      ...(token.act > 0 && o.maxAct > 0 ? [`${percent(token.act / o.maxAct)} of the maximum`] : []),
      `id ${token.tokenId}${o.position === null ? '' : `, position ${o.position}`}`,
      ...o.after,
    ],
  };
}
