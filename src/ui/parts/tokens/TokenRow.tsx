// A row of tokens: hover or focus shows facts about one, arrow keys move. Knows no activation or
// probability; the caller marks each token. Tokens are memoised, so an append renders only the new one.
import { memo, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { TokenMark } from './tokenMark';
import { TokenTip, type TipPlace } from './TokenTip';
import { runningTokens, type RunningCache, type TextToken } from './runningTokens';
import { classNames } from '../look/classNames';
import tokenStyles from './tokens.module.css';

type TokenRowProps<T> = {
  label: string;
  tokens: readonly T[];
  /** chips, each for itself: bytes of a split character stay bytes */
  isLone?: boolean;
  /** must be the same function between renders, or every token renders again */
  toMark: (token: T, index: number) => TokenMark;
  className?: string | undefined;
  /** called with the hovered, focused or locked token, null if there is none */
  onShow?: (token: T | null) => void;
  /** a click or Enter on a token; absent: tokens cannot be picked */
  onPick?: (index: number) => void;
  /** false: the row says all there is to say; default true */
  hasTip?: boolean;
  /** the token that was picked last */
  picked?: number | null;
};

type Shown = TipPlace & { index: number };

export function TokenRow<T extends TextToken>(props: TokenRowProps<T>) {
  const {
    label,
    tokens,
    isLone = false,
    toMark,
    className = tokenStyles.tokens,
    onShow,
    onPick,
    picked = null,
    hasTip = true,
  } = props;
  const [active, setActive] = useState(0);
  const [shown, setShown] = useState<Shown | null>(null);
  /** a click keeps the card until Esc, another click or leaving the row by key */
  const [isLocked, setLocked] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const [cache] = useState((): RunningCache<T> => new WeakMap());
  const running = useMemo(
    () =>
      isLone ? tokens.map((token) => ({ token, isRest: false })) : runningTokens(tokens, cache),
    [tokens, cache, isLone],
  );

  function focusToken(index: number) {
    const element = list.current?.children[index];
    if (element instanceof HTMLElement) element.focus();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape' && shown !== null) {
      // This Esc closes the card, not the feature under it.
      event.stopPropagation();
      hide();
      return;
    }
    const focused = placeOf(event.target);
    if (event.key === 'Enter' && focused !== null && onPick !== undefined) {
      event.preventDefault();
      onPick(focused.index);
      return;
    }
    if (event.key === 'Enter' && shown !== null) setLocked(!isLocked);
    const target = walkTarget(event.key, active, tokens.length);
    if (target === null) return;
    event.preventDefault();
    focusToken(target);
  }
  function show(target: EventTarget) {
    const place = placeOf(target);
    setShown(place);
    onShow?.(place === null ? null : (tokens[place.index] ?? null));
    return place;
  }
  function hide() {
    setLocked(false);
    setShown(null);
    onShow?.(null);
  }
  function toggleLock(target: EventTarget) {
    const isSame = isLocked && placeOf(target)?.index === shown?.index;
    setLocked(!isSame && show(target) !== null);
  }
  const token = shown === null ? undefined : running[shown.index]?.token;
  return (
    <>
      <div
        ref={list}
        role="list"
        aria-label={label}
        className={className}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const place = show(event.target);
          if (place !== null) setActive(place.index);
        }}
        onBlur={hide}
        onClick={(event) => {
          const place = placeOf(event.target);
          if (place !== null && onPick !== undefined) onPick(place.index);
          else toggleLock(event.target);
        }}
        onPointerOver={(event) => {
          if (!isLocked) show(event.target);
        }}
        onPointerLeave={() => {
          if (!isLocked) hide();
        }}
      >
        {running.map((each, index) => (
          <MemoToken
            key={index}
            token={each.token}
            isRest={each.isRest}
            index={index}
            toMark={toMark as (token: unknown, index: number) => TokenMark}
            tabIndex={index === Math.min(active, tokens.length - 1) ? 0 : -1}
            isPicked={index === picked}
          />
        ))}
      </div>
      {hasTip && shown !== null && token !== undefined && (
        <TokenTip place={shown} mark={toMark(token, shown.index)} />
      )}
    </>
  );
}

type TokenProps = {
  token: unknown;
  isRest: boolean;
  index: number;
  toMark: (token: unknown, index: number) => TokenMark;
  tabIndex: number;
  isPicked: boolean;
};

const MemoToken = memo(function Token(props: TokenProps) {
  const { token, isRest, index, toMark, tabIndex, isPicked } = props;
  const mark = toMark(token, index);
  // A space before a word is outside its mark, so that a mark never starts at the end of a line.
  const word = mark.text.trimStart();
  const lead = word === '' || isRest ? '' : mark.text.slice(0, mark.text.length - word.length);
  const text = word === '' ? mark.text : word;
  return (
    <>
      {lead}
      <span
        role="listitem"
        className={classNames(tokenStyles.token, mark.className, isRest && tokenStyles.rest)}
        style={mark.style}
        tabIndex={tabIndex}
        data-index={index}
        aria-label={isRest ? `rest of ${mark.name}` : mark.name}
        aria-current={isPicked ? true : undefined}
      >
        {isRest ? '' : text}
      </span>
    </>
  );
});

function placeOf(target: EventTarget): Shown | null {
  if (!(target instanceof HTMLElement) || target.dataset['index'] === undefined) return null;
  // The first line's box, because a token may wrap onto a second line.
  const box = target.getClientRects()[0] ?? target.getBoundingClientRect();
  return {
    index: Number(target.dataset['index']),
    left: box.left,
    top: box.top,
    bottom: box.bottom,
  };
}

function walkTarget(key: string, active: number, length: number): number | null {
  if (length === 0) return null;
  switch (key) {
    case 'ArrowRight':
      return Math.min(length - 1, active + 1);
    case 'ArrowLeft':
      return Math.max(0, active - 1);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}
