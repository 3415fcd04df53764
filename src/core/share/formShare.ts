// Keys of a link that fill the forms of Train and Evaluate, and which tool is open on Steer. Pure; every character is hostile. Advanced fields of a recipe
// are not among them: a published SAE carries its whole configuration.
import { decimal, flag, oneOf, short, whole } from './linkValues';

export const DURATIONS = ['minute', 'quick', 'standard', 'thorough'] as const;
export type Duration = (typeof DURATIONS)[number];

export const STEER_TOOLS = ['presets', 'stream', 'dose', 'curves', 'reading', 'vectors'] as const;
export type SteerTool = (typeof STEER_TOOLS)[number];

/** null: not in the link, as the page has it at first. */
export type SharedForms = {
  /** how long a run is, by name; null with `tokens` or `batchSize`: the numbers were typed */
  duration: Duration | null;
  /** tokens of a run; on Evaluate, tokens that are counted */
  tokens: number | null;
  batchSize: number | null;
  /** d_sae / d_in */
  expansionFactor: number | null;
  k: number | null;
  /** seed of the first weights */
  init: number | null;
  seeds: number | null;
  everyLayer: boolean;
  /** Evaluate with every column of its table */
  allNumbers: boolean;
  /** Evaluate's plot by loss recovered instead of explained variance */
  byLoss: boolean;
  /** open in the drawer of Steer */
  tool: SteerTool | null;
};

export const EMPTY_FORMS: SharedForms = {
  duration: null,
  tokens: null,
  batchSize: null,
  expansionFactor: null,
  k: null,
  init: null,
  seeds: null,
  everyLayer: false,
  allNumbers: false,
  byLoss: false,
  tool: null,
};

/** What the form refuses is refused there, with its reason. */
const MAX_COUNT = 4_294_967_295;

export const FORM_READERS: Readonly<
  Record<string, (value: string) => Partial<SharedForms> | null>
> = {
  time: (value) => oneOf(DURATIONS, value, (duration) => ({ duration })),
  tokens: (value) => whole(value, 1, MAX_COUNT, (tokens) => ({ tokens })),
  batch: (value) => whole(value, 1, MAX_COUNT, (batchSize) => ({ batchSize })),
  size: (value) => decimal(value, 0, 1024, (expansionFactor) => ({ expansionFactor })),
  k: (value) => whole(value, 0, MAX_COUNT, (k) => ({ k })),
  init: (value) => whole(value, 0, MAX_COUNT, (init) => ({ init })),
  seeds: (value) => whole(value, 1, 64, (seeds) => ({ seeds })),
  every: (value) => flag(value, (everyLayer) => ({ everyLayer })),
  all: (value) => flag(value, (allNumbers) => ({ allNumbers })),
  by: (value) => (value === 'ce' ? { byLoss: true } : null),
  tool: (value) => oneOf(STEER_TOOLS, value, (tool) => ({ tool })),
};

/** Keys in the order of a link. */
export function formPairs(state: SharedForms): [string, string | number | null][] {
  return [
    ['size', state.expansionFactor === null ? null : short(state.expansionFactor)],
    ['k', state.k],
    ['time', state.duration],
    ['tokens', state.tokens],
    ['batch', state.batchSize],
    ['init', state.init],
    ['seeds', state.seeds],
    ['every', state.everyLayer ? 1 : null],
    ['all', state.allNumbers ? 1 : null],
    ['by', state.byLoss ? 'ce' : null],
    ['tool', state.tool],
  ];
}
