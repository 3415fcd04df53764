// The Circuits screen's state: the prompt and what is to be explained, the graph, how it is arranged, what was checked.
import { NOTHING_ARRANGED, type Arrangement } from '../../core/circuits/shownGraph';
import { PRUNE_OPTIONS, type PruneOptions } from '../../core/circuits/graphScores';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import type { Circuit, NodeEffect } from '../../engine/circuits/api';
import type { Problem } from '../../engine/shared/api';
import type { Loadable } from '../loadable';

/** The likeliest next tokens; one token; one against another, both as they are written. */
export type CircuitTarget = 'likeliest' | 'token' | 'difference';

/** Another text's graph, and which features of the first one it has, too, wherever in the text. */
export type OtherText = {
  text: string;
  circuit: Circuit;
  shared: number;
  own: number;
  kept: readonly string[];
};

export type CircuitsState = {
  prompt: string;
  target: CircuitTarget;
  /** of 'token' and 'difference' */
  token: string;
  against: string;
  circuit: Loadable<Circuit>;
  /** the text that the graph is of */
  of: string;
  prune: PruneOptions;
  arrangement: Arrangement;
  /** older arrangements, the newest last, and those that were undone */
  past: readonly Arrangement[];
  future: readonly Arrangement[];
  /** id of a shown node */
  selected: string | null;
  /** of a node id: what switching it off did */
  effects: Readonly<Record<string, Loadable<NodeEffect>>>;
  /** guesses of the transcoders, by SAE id; null: none were made */
  guesses: Readonly<Record<string, readonly LabelGuess[] | null>>;
  check: Loadable<EffectCheck>;
  others: Loadable<OtherText[]>;
  /** which of the others is drawn beside the graph */
  beside: number | null;
  /** opening the demo's transcoders failed */
  problem: Problem | null;
  /** a link asked for the graph to be traced as soon as it can be */
  isAwaited: boolean;
};

/** How well predictions order what switching features off does, with attention frozen and free: Spearman's ρ. null:
 *  fewer than three. */
export type ChangeOrder = { frozen: number | null; free: number | null; count: number };

/** Of the top features of the graph, and of other features of like activation. */
export type EffectCheck = { top: ChangeOrder; others: ChangeOrder };

const FIRST_PROMPT = 'Once upon a time, there was a little girl named';

export const FIRST_CIRCUITS: CircuitsState = {
  prompt: FIRST_PROMPT,
  target: 'likeliest',
  token: '',
  against: '',
  circuit: { status: 'empty' },
  of: '',
  prune: PRUNE_OPTIONS,
  arrangement: NOTHING_ARRANGED,
  past: [],
  future: [],
  selected: null,
  effects: {},
  guesses: {},
  check: { status: 'empty' },
  others: { status: 'empty' },
  beside: null,
  problem: null,
  isAwaited: false,
};
