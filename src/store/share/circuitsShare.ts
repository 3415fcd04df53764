// The Circuits screen in a link: what its state says there, and what a link makes of it. Pure.
import { PRUNE_OPTIONS } from '../../core/circuits/graphScores';
import { parseNode } from '../../core/share/circuitShare';
import type { ShareState } from '../../core/share/shareState';
import { FIRST_CIRCUITS, type CircuitsState } from '../circuits/circuitsState';
import type { AppState } from '../state';

export function circuitsShare({ circuits, model }: AppState): Partial<ShareState> {
  const { target, prune, arrangement, selected } = circuits;
  const isFirst =
    prune.nodeShare === PRUNE_OPTIONS.nodeShare && prune.edgeShare === PRUNE_OPTIONS.edgeShare;
  const list = <T>(items: readonly T[]) => (items.length === 0 ? null : items);
  // What was typed and not traced yet is nobody's graph.
  if (circuits.of === '') return {};
  return {
    model: model.open?.id ?? null,
    prompt: circuits.of,
    target: target === 'likeliest' || circuits.token === '' ? null : circuits.token,
    against: target === 'difference' && circuits.against !== '' ? circuits.against : null,
    prune: isFirst ? null : prune,
    node: selected === null ? null : parseNode(selected),
    pinned: list(arrangement.pinned),
    hidden: list(arrangement.hidden),
    groups: list(arrangement.groups),
  };
}

/** A link with a text is a graph to be traced; the one that is shown stays where the link is about the same. */
export function circuitsFrom({ circuits }: AppState, share: ShareState): CircuitsState {
  const { prompt, target: token, against } = share;
  if (prompt === null) return circuits;
  const asked: CircuitsState = {
    ...circuits,
    prompt,
    target: token === null ? 'likeliest' : against === null ? 'token' : 'difference',
    token: token ?? '',
    against: against ?? '',
    prune: share.prune ?? PRUNE_OPTIONS,
    selected: share.node,
    arrangement: {
      pinned: share.pinned ?? [],
      hidden: share.hidden ?? [],
      groups: share.groups ?? [],
    },
  };
  const isSame =
    circuits.of === prompt &&
    circuits.target === asked.target &&
    circuits.token === asked.token &&
    circuits.against === asked.against;
  if (isSame) return asked;
  const { circuit, effects, check, others, past, future } = FIRST_CIRCUITS;
  // The arrangement belongs to that text already.
  return { ...asked, of: prompt, circuit, effects, check, others, past, future, isAwaited: true };
}
