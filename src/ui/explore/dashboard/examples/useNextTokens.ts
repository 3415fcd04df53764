// The next-token log-probabilities of a text, requested when one of its tokens is first pointed at.
import { useCallback } from 'react';
import type { ExampleToken } from '../../../../engine/statistics/api';
import type { NextTokens } from '../../../../store/explore/probeState';
import { nextTokensOf } from '../../../../store/explore/exploreSelectors';
import { measure, percent } from '../../../parts/text/numberText';
import { useActions, useAppState } from '../../../storeContext';

/** tokens: the text's own list, which must keep its identity. */
export function useNextTokens(tokens: readonly ExampleToken[]) {
  const next = useAppState((state) => nextTokensOf(state, tokens));
  const actions = useActions();
  const onShow = useCallback(
    (token: ExampleToken | null) => {
      if (token !== null) void actions.explore.probe.readNextTokens(tokens);
    },
    [actions, tokens],
  );
  return { next, onShow };
}

/** The line in a token's tip about the next token; nothing until it is read, or for the last token. */
export function nextTokenDetails(next: NextTokens | null, index: number): string[] {
  if (next === null) return [];
  if (next.problem !== null) return [`next token: ${next.problem.what}`];
  const logProb = next.logProbs?.[index] ?? null;
  if (logProb === null) return [];
  return [`next token: log p ${measure(logProb)} (${percent(Math.exp(logProb))})`];
}
