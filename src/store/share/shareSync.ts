// The bridge between the state and a link: what the hash says of a state, and what a hash makes of it.
// Pure; writing to the address bar is createAppStore's business.
import { isTranscoderPoint } from '../../core/activations/hookPoint';
import type { SaeFacts } from '../../engine/sae/api';
import { EMPTY_SHARE, isReceived, type ShareState } from '../../core/share/shareState';
import type { SharedSlot } from '../../core/share/sharedSteer';
import { selectedSae } from '../sae/saeSelectors';
import { FIRST_DASHBOARD_VIEW } from '../explore/inquiryState';
import { FIRST_EXPLORE, FIRST_SORT, FIRST_THEN } from '../explore/exploreState';
import type { Sort } from '../../core/share/tableShare';
import type { AppState } from '../state';
import type { TurnedUp } from '../steer/turnedUp';
import { evaluateFrom, evaluateShare, trainFrom, trainShare } from './formShare';
import { circuitsFrom, circuitsShare } from './circuitsShare';
import { steerFrom, steerShare } from './steerShare';

/** The smallest link that reopens what is on screen: keys of the current view, defaults left out. */
export function shareOf(state: AppState): ShareState {
  const { received, source } = state.share;
  // As it came: what is seen is not this page's own.
  const link = received?.link ?? source?.link ?? null;
  if (link !== null) return { ...link, theme: null };
  const base: ShareState = {
    ...EMPTY_SHARE,
    view: state.shell.view,
    unknown: state.shell.unknownKeys,
  };
  switch (state.shell.view) {
    case 'start':
      return { ...base, ...startShare(state) };
    case 'evaluate':
      return { ...base, ...evaluateShare(state) };
    case 'circuits':
      return { ...base, ...circuitsShare(state) };
    case 'library':
      return base;
    case 'train':
      return { ...base, ...trainShare(state) };
    case 'explore':
      return { ...base, ...exploreShare(state) };
    case 'steer':
      return { ...base, ...steerShare(state) };
    default:
      return state.shell.view satisfies never;
  }
}

/** The SAE only if it is not the page's own. */
function startShare(state: AppState): Partial<ShareState> {
  const { text, token, turned } = state.start;
  const sae = selectedSae(state);
  return {
    sae: sae === null ? state.sae.wantedRef : isFirstDemo(sae) ? null : sae.saeId,
    text,
    at: token,
    steer: turnedSlots(turned),
  };
}

/** What is there without being asked for. */
function isFirstDemo({ origin, hookPoint }: SaeFacts): boolean {
  return origin === 'demo' && !isTranscoderPoint(hookPoint);
}

/** null as well while its strength is not known. */
function turnedSlots(turned: TurnedUp | null): SharedSlot[] | null {
  if (turned === null || turned.strength === null) return null;
  const { latentIndex, strength: value } = turned;
  const target = { kind: 'latent', latentIndex, saeRef: null } as const;
  return [{ target, hook: null, mode: 'add', unit: 'max', value, isMuted: false }];
}

function exploreShare(state: AppState): Partial<ShareState> {
  const { explore, sae } = state;
  return {
    sae: sae.selectedId ?? sae.wantedRef,
    feature: explore.latentIndex,
    text: explore.text === '' ? null : explore.text,
    q: explore.search.trim() === '' ? null : explore.search.trim(),
    steer: turnedSlots(explore.turned),
    ...tableShare(explore),
    ...dashboardShare(explore.dashboardView),
  };
}

function tableShare(explore: AppState['explore']): Partial<ShareState> {
  const { sort, thenBy, listAs, columns, liveness, filter } = explore;
  const isFirst = isSameSort(sort, FIRST_SORT) && isSameSort(thenBy, FIRST_THEN);
  return {
    sort: isFirst ? null : sort,
    thenBy: isFirst ? null : thenBy,
    listAs: listAs === FIRST_EXPLORE.listAs ? null : listAs,
    columns: columns.length === 0 ? null : columns,
    dead: liveness === 'all' ? null : liveness,
    starred: filter.starredOnly,
    ...filter.ranges,
    xy: filter.area,
    cluster: filter.cluster,
    features: filter.chosen,
    inText: filter.inText,
  };
}

function dashboardShare(view: AppState['explore']['dashboardView']): Partial<ShareState> {
  const first = FIRST_DASHBOARD_VIEW;
  return {
    examples: view.examples === first.examples ? null : view.examples,
    context: view.context === first.context ? null : view.context,
    grouping: view.grouping === first.grouping ? null : view.grouping,
    scale: view.scale === first.scale ? null : view.scale,
    realBreaks: view.realBreaks === first.realBreaks ? null : view.realBreaks,
  };
}

function isSameSort(a: Sort | null, b: Sort): boolean {
  return a?.column === b.column && a.descending === b.descending;
}

/** The state as the link wants it. The SAE is only wished for: it may not be listed yet. */
export function applyShare(state: AppState, share: ShareState): AppState {
  const view = share.view ?? state.shell.view;
  const shell = {
    ...state.shell,
    view,
    theme: share.theme ?? state.shell.theme,
    unknownKeys: share.unknown,
    notice: unknownNotice(share) ?? state.shell.notice,
  };
  // What it brings is shown by itself; the page's own is changed when somebody asks for it.
  if (isReceived(share)) return { ...state, shell };
  return {
    ...state,
    shell,
    train: view === 'train' ? trainFrom(state, share) : state.train,
    start: view === 'start' ? startFrom(state, share) : state.start,
    // Evaluate's is a row of its table, and opens nothing.
    sae: {
      ...state.sae,
      wantedRef: (view === 'evaluate' ? null : share.sae) ?? state.sae.wantedRef,
    },
    circuits: view === 'circuits' ? circuitsFrom(state, share) : state.circuits,
    evaluate: view === 'evaluate' ? evaluateFrom(state, share) : state.evaluate,
    explore: view === 'explore' ? exploreFrom(state, share) : state.explore,
    steer: view === 'steer' ? steerFrom(state, share) : state.steer,
  };
}

function startFrom({ start }: AppState, { text, at, steer }: ShareState): AppState['start'] {
  return { ...start, text, token: at, turned: turnedFrom(start.turned, steer) };
}

/** What was written stays where the link is about the same feature and strength. */
function turnedFrom(now: TurnedUp | null, steer: ShareState['steer']): TurnedUp | null {
  const slot = steer?.[0];
  if (slot?.target.kind !== 'latent') return null;
  const { latentIndex } = slot.target;
  if (now?.latentIndex === latentIndex && now.strength === slot.value) return now;
  return { latentIndex, strength: slot.value, most: null, run: null, problem: null };
}

function exploreFrom(state: AppState, share: ShareState): AppState['explore'] {
  return {
    ...state.explore,
    latentIndex: share.feature,
    turned: turnedFrom(state.explore.turned, share.steer),
    text: share.text ?? '',
    search: share.q ?? '',
    sort: share.sort ?? FIRST_SORT,
    thenBy: share.sort === null ? FIRST_THEN : share.thenBy,
    listAs: share.listAs ?? FIRST_EXPLORE.listAs,
    columns: share.columns ?? FIRST_EXPLORE.columns,
    liveness: share.dead ?? 'all',
    filter: {
      ranges: {
        density: share.density,
        maxact: share.maxact,
        kurt: share.kurt,
        birth: share.birth,
      },
      starredOnly: share.starred,
      chosen: share.features,
      area: share.xy,
      cluster: share.cluster,
      inText: share.inText,
    },
    dashboardView: {
      examples: share.examples ?? FIRST_DASHBOARD_VIEW.examples,
      context: share.context ?? FIRST_DASHBOARD_VIEW.context,
      grouping: share.grouping ?? FIRST_DASHBOARD_VIEW.grouping,
      scale: share.scale ?? FIRST_DASHBOARD_VIEW.scale,
      realBreaks: share.realBreaks ?? FIRST_DASHBOARD_VIEW.realBreaks,
    },
  };
}

function unknownNotice(share: ShareState): string | null {
  if (share.unknown.length === 0) return null;
  const keys = share.unknown.map(([key]) => key.slice(0, 24)).slice(0, 8);
  return `This link has settings that this version does not know; they are kept in the link: ${keys.join(', ')}.`;
}
