// Streamed text for screen readers: announced a finished sentence at a time, never token by token.
import { useEffect, useRef } from 'react';
import { joinTokens } from '../../core/text/runningText';
import type { TokenView } from '../../engine/model/api';
import { useActions } from '../storeContext';

export function SentenceReader({ tokens }: { tokens: readonly TokenView[] }) {
  const actions = useActions();
  const read = useRef(0);
  useEffect(() => {
    if (tokens.length < read.current) read.current = 0;
    const end = tokens.findLastIndex((token) => /[.!?\n]\s*$/.test(token.text)) + 1;
    if (end <= read.current) return;
    const sentence = joinTokens(tokens.slice(read.current, end).map(({ text }) => text));
    read.current = end;
    actions.shell.announce(sentence.trim());
  }, [tokens, actions]);
  return null;
}
