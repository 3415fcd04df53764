// The content of a link: the URL hash as plain data and back (interface.md 3). Pure; it
// does not know the page and treats every character as hostile.
import { cutCharacters } from '../text/cutCharacters';
import type { Range } from '../numeric/crossfilter';
import { ARCHITECTURES, type SaeArchitecture } from '../sae/architecture';
import { parseHookPoint, type HookPoint } from '../activations/hookPoint';
import { MAX_CLUSTERS } from '../explore/latentClusters';
import { EMPTY_FORMS, FORM_READERS, formPairs, type SharedForms } from './formShare';
import { CIRCUIT_READERS, circuitPairs, NO_CIRCUIT, type CircuitShare } from './circuitShare';
import { decimal, decode, encode, flag, known, name, oneOf, short, whole } from './linkValues';
import {
  BRUSHED,
  RANGE_BOUNDS,
  LIST_VIEWS,
  formatArea,
  formatRange,
  formatSort,
  parseArea,
  parseChosen,
  parseColumns,
  parseRange,
  parseSort,
  type Brushed,
  type ExtraColumn,
  type ListView,
  type MapArea,
  type Sort,
} from './tableShare';
import {
  formatAutomation,
  formatMask,
  formatSlots,
  parseAutomation,
  parseMask,
  parseSlots,
  type SharedPoint,
  type SharedSlot,
} from './sharedSteer';
import type { SteerMask } from '../steer/steering';

export const VIEWS = [
  'start',
  'explore',
  'steer',
  'train',
  'evaluate',
  'circuits',
  'library',
] as const;
export type View = (typeof VIEWS)[number];

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const EXAMPLE_KINDS = ['top', 'range', 'random'] as const;
export const CONTEXTS = ['5', '16', 'full'] as const;
export const GROUPINGS = ['interval', 'quantile'] as const;
export const SCALES = ['feature', 'group', 'row'] as const;

/** What an embedded dashboard can go without. */
export const HIDEABLE = [
  'plots',
  'examples',
  'test',
  'neighbours',
  'steer',
  'notes',
  'link',
] as const;
export type Hideable = (typeof HIDEABLE)[number];

/** Which examples of a dashboard are shown and how: the strongest, some from across the range or random ones; tokens
 *  on each side, groups, what a full fill means. */
export type DashboardView = {
  examples: (typeof EXAMPLE_KINDS)[number];
  context: (typeof CONTEXTS)[number];
  grouping: (typeof GROUPINGS)[number];
  scale: (typeof SCALES)[number];
  /** line breaks are shown as such; otherwise as ↵ */
  realBreaks: boolean;
};

/** null: not in the link. Unknown or unreadable keys are kept unchanged. */
export type ShareState = CircuitShare &
  SharedForms & {
    view: View | null;
    model: string | null;
    sae: string | null;
    hook: HookPoint | null;
    architecture: SaeArchitecture | null;
    feature: number | null;
    q: string | null;
    sort: Sort | null;
    /** the column that decides between equals of `sort`; only set together with it */
    thenBy: Sort | null;
    /** how the list of features is shown */
    listAs: ListView | null;
    /** columns of the table that were asked for */
    columns: readonly ExtraColumn[] | null;
    dead: 'live' | 'dead' | 'on' | null;
    starred: boolean;
    density: Range | null;
    maxact: Range | null;
    kurt: Range | null;
    birth: Range | null;
    xy: MapArea | null;
    cluster: number | null;
    features: readonly number[] | null;
    /** the table shows what fires on `text` */
    inText: boolean;
    /** the token of `text` that is looked at */
    at: number | null;
    examples: DashboardView['examples'] | null;
    context: DashboardView['context'] | null;
    grouping: DashboardView['grouping'] | null;
    scale: DashboardView['scale'] | null;
    realBreaks: boolean | null;
    prompt: string | null;
    /** test text; features are also searched by it */
    text: string | null;
    steer: readonly SharedSlot[] | null;
    mask: SteerMask | null;
    clip: boolean | null;
    auto: readonly SharedPoint[] | null;
    lanes: 'both' | 'steered' | null;
    chat: boolean | null;
    temperature: number | null;
    topK: number | null;
    length: number | null;
    seed: number | null;
    theme: Theme | null;
    /** address of a published folder or file */
    source: string | null;
    /** the page stands in another one, with the dashboard only */
    isEmbedded: boolean;
    hide: readonly Hideable[] | null;
    /** embedded, it opens the model by itself */
    runsAtOnce: boolean;
    /** what was seen, packed (formats/share/sharedPacking.ts) */
    payload: string | null;
    unknown: readonly (readonly [key: string, rawValue: string])[];
  };

/** Longest prompt in a link, in characters (interface.md 3). */
export const MAX_SHARED_PROMPT = 1000;
/** Longest test text. */
export const MAX_SHARED_TEXT = 500;
export const MAX_HASH = 8000;
/** Of an address. */
const MAX_SOURCE = 500;
const MAX_INDEX = 1_048_575;

export const EMPTY_SHARE: ShareState = {
  ...EMPTY_FORMS,
  view: null,
  model: null,
  sae: null,
  hook: null,
  architecture: null,
  feature: null,
  q: null,
  sort: null,
  thenBy: null,
  listAs: null,
  columns: null,
  dead: null,
  starred: false,
  density: null,
  maxact: null,
  kurt: null,
  birth: null,
  xy: null,
  cluster: null,
  features: null,
  inText: false,
  at: null,
  examples: null,
  context: null,
  grouping: null,
  scale: null,
  realBreaks: null,
  prompt: null,
  text: null,
  steer: null,
  mask: null,
  clip: null,
  auto: null,
  lanes: null,
  chat: null,
  temperature: null,
  topK: null,
  length: null,
  seed: null,
  ...NO_CIRCUIT,
  theme: null,
  source: null,
  isEmbedded: false,
  hide: null,
  runsAtOnce: false,
  payload: null,
  unknown: [],
};

type Patch = Partial<ShareState>;

/** One reader per key: it returns a patch, or null if the value is invalid. */
const READERS: Readonly<Record<string, (value: string) => Patch | null>> = {
  v: (value) => (value === '1' ? {} : null),
  view: readView,
  model: (value) => name(value, (model) => ({ model })),
  sae: (value) => name(value, (sae) => ({ sae })),
  hook: readHook,
  arch: readArchitecture,
  ...FORM_READERS,
  feature: (value) => whole(value, 0, MAX_INDEX, (feature) => ({ feature })),
  q: (value) => name(value, (q) => ({ q })),
  sort: (value) => parseSort(value),
  as: (value) => oneOf(LIST_VIEWS, value, (listAs) => ({ listAs })),
  cols: (value) => known(parseColumns(value), (columns) => ({ columns })),
  dead: readLiveness,
  starred: (value) => flag(value, (starred) => ({ starred })),
  density: (value) => range('density', value),
  maxact: (value) => range('maxact', value),
  kurt: (value) => range('kurt', value),
  birth: (value) => range('birth', value),
  xy: (value) => known(parseArea(value), (xy) => ({ xy })),
  cluster: (value) => whole(value, 1, MAX_CLUSTERS, (cluster) => ({ cluster })),
  features: (value) => known(parseChosen(value, MAX_INDEX), (features) => ({ features })),
  at: (value) => whole(value, 0, MAX_INDEX, (at) => ({ at })),
  intext: (value) => flag(value, (inText) => ({ inText })),
  ex: (value) => oneOf(EXAMPLE_KINDS, value, (examples) => ({ examples })),
  ctx: (value) => oneOf(CONTEXTS, value, (context) => ({ context })),
  group: (value) => oneOf(GROUPINGS, value, (grouping) => ({ grouping })),
  scale: (value) => oneOf(SCALES, value, (scale) => ({ scale })),
  breaks: (value) => (value === '0' || value === '1' ? { realBreaks: value === '1' } : null),
  prompt: (value) => ({ prompt: cutCharacters(value, MAX_SHARED_PROMPT) }),
  text: (value) => ({ text: cutCharacters(value, MAX_SHARED_TEXT) }),
  steer: (value) => known(parseSlots(value), (steer) => ({ steer })),
  mask: (value) => known(parseMask(value), (mask) => ({ mask })),
  clip: (value) => flag(value, (clip) => ({ clip })),
  auto: (value) => known(parseAutomation(value), (auto) => ({ auto })),
  lanes: (value) => flag(value, (isBoth) => ({ lanes: isBoth ? 'both' : 'steered' }), '2', '1'),
  chat: (value) => flag(value, (chat) => ({ chat })),
  temp: (value) => decimal(value, 0, 5, (temperature) => ({ temperature })),
  topk: (value) => whole(value, 0, MAX_INDEX, (topK) => ({ topK })),
  len: (value) => whole(value, 1, 65_536, (length) => ({ length })),
  seed: (value) => whole(value, 0, 0xffffffff, (seed) => ({ seed })),
  ...CIRCUIT_READERS,
  theme: readTheme,
  src: (value) => (value === '' || value.length > MAX_SOURCE ? null : { source: value }),
  embed: (value) => flag(value, (isEmbedded) => ({ isEmbedded })),
  hide: (value) => known(parseHidden(value), (hide) => ({ hide })),
  run: (value) => flag(value, (runsAtOnce) => ({ runsAtOnce })),
  p: (value) => (/^[\w-]+$/.test(value) ? { payload: value } : null),
};

/** Reads `#v=1&view=…`, and `#/view` as people type it. Never throws: what it cannot read goes to `unknown`. */
export function parseShareState(hash: string): ShareState {
  const body = hash
    .replace(/^#/, '')
    .replace(/^\/(?=\w)/, 'view=')
    .slice(0, MAX_HASH);
  let state = EMPTY_SHARE;
  const unknown: [string, string][] = [];
  for (const pair of body.split('&').filter((part) => part !== '')) {
    const cut = pair.indexOf('=');
    const key = cut < 0 ? pair : pair.slice(0, cut);
    const rawValue = cut < 0 ? '' : pair.slice(cut + 1);
    const value = decode(rawValue);
    const read = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
    const patch = value === null || read === undefined ? null : read(value);
    if (patch === null) unknown.push([key, rawValue]);
    else state = { ...state, ...patch };
  }
  return { ...state, unknown };
}

/** Whether two hashes are one place for Back and Forward: the same screen, on Explore with a feature open or without. */
export function isSamePlace(a: string, b: string): boolean {
  const [one, other] = [parseShareState(a), parseShareState(b)];
  return (
    (one.view ?? 'start') === (other.view ?? 'start') &&
    isFeatureOpen(one) === isFeatureOpen(other) &&
    isReceived(one) === isReceived(other)
  );
}

function isFeatureOpen({ view, feature }: ShareState): boolean {
  return view === 'explore' && feature !== null;
}

/** Whether the link brings something to show, and not only where to look. */
export function isReceived({ payload, source }: Pick<ShareState, 'payload' | 'source'>): boolean {
  return payload !== null || source !== null;
}

/** The hash with its `#`, of any length; null fields are left out, unknown ones are appended unchanged. */
export function formatShareState(state: ShareState): string {
  const pairs: [string, string | number | null][] = [
    ['v', 1],
    ['view', state.view === 'explore' && state.feature !== null ? 'feature' : state.view],
    ['model', state.model],
    ['sae', state.sae],
    ['hook', state.hook],
    ['arch', state.architecture],
    ...formPairs(state),
    ['feature', state.feature],
    ['q', state.q],
    ['sort', state.sort === null ? null : formatSort(state.sort, state.thenBy)],
    ['as', state.listAs],
    ['cols', state.columns?.join(',') ?? null],
    ['dead', state.dead === null ? null : LIVENESS[state.dead]],
    ['starred', state.starred ? 1 : null],
    ...BRUSHED.map((key): [string, string | null] => [key, state[key] && formatRange(state[key])]),
    ['xy', state.xy && formatArea(state.xy)],
    ['cluster', state.cluster],
    ['features', state.features?.join(',') ?? null],
    ['intext', state.inText ? 1 : null],
    ['at', state.at],
    ['ex', state.examples],
    ['ctx', state.context],
    ['group', state.grouping],
    ['scale', state.scale],
    ['breaks', state.realBreaks === null ? null : Number(state.realBreaks)],
    ['steer', state.steer && formatSlots(state.steer)],
    ['mask', state.mask && formatMask(state.mask)],
    ['clip', state.clip === null ? null : Number(state.clip)],
    ['auto', state.auto && formatAutomation(state.auto)],
    ['lanes', state.lanes === null ? null : state.lanes === 'both' ? 2 : 1],
    ['chat', state.chat === null ? null : Number(state.chat)],
    ['text', state.text === null ? null : cutCharacters(state.text, MAX_SHARED_TEXT)],
    ['prompt', state.prompt === null ? null : cutCharacters(state.prompt, MAX_SHARED_PROMPT)],
    ['temp', state.temperature === null ? null : short(state.temperature)],
    ['topk', state.topK],
    ['len', state.length],
    ['seed', state.seed],
    ...circuitPairs(state),
    ['theme', state.theme],
    ['src', state.source],
    ['embed', state.isEmbedded ? 1 : null],
    ['hide', state.hide?.join(',') ?? null],
    ['run', state.runsAtOnce ? 1 : null],
    ['p', state.payload],
  ];
  const known = pairs.flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${encode(String(value))}`],
  );
  const kept = state.unknown.map(([key, rawValue]) => `${key}=${rawValue}`);
  return `#${[...known, ...kept].join('&')}`;
}

/** In a link the dashboard is a view of its own; here it is Explore with a latent open. The first edition had a
 *  screen called Model. */
const OTHER_VIEWS: Readonly<Record<string, View | undefined>> = {
  feature: 'explore',
  model: 'library',
};

function readView(value: string): Patch | null {
  const view = OTHER_VIEWS[value] ?? VIEWS.find((name) => name === value);
  return view === undefined ? null : { view };
}

function readTheme(value: string): Patch | null {
  const theme = THEMES.find((name) => name === value);
  return theme === undefined ? null : { theme };
}

/** `plots,notes`: in one order, without repeats. */
function parseHidden(text: string): Hideable[] | null {
  const names = text.split(',');
  const found = HIDEABLE.filter((part) => names.includes(part));
  return found.length === new Set(names).size ? found : null;
}

function readHook(value: string): Patch | null {
  try {
    parseHookPoint(value);
  } catch {
    return null;
  }
  return { hook: value as HookPoint };
}

function readArchitecture(value: string): Patch | null {
  const architecture = ARCHITECTURES.find((name) => name === value);
  return architecture === undefined ? null : { architecture };
}

const LIVENESS = { live: '0', dead: '1', on: 'on' } as const;

function readLiveness(value: string): Patch | null {
  const dead = (['live', 'dead', 'on'] as const).find((name) => LIVENESS[name] === value);
  return dead === undefined ? null : { dead };
}

function range(key: Brushed, value: string): Patch | null {
  return known(parseRange(value, RANGE_BOUNDS[key]), (read) => ({ [key]: read }));
}
