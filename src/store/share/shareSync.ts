// The bridge between facts and a link: what the hash says of a state, and what a hash makes of it.
// Pure; writing to the address bar is createAppStore's business.
import { EMPTY_SHARE, type ShareState } from '../../core/share/shareState';
import type { SaeFacts } from '../../engine/sae/api';
import { FIRST_DASHBOARD_VIEW } from '../explore/dashboardFacts';
import { FIRST_SORT, type AppFacts } from '../facts';
import { steerFrom, steerShare } from './steerShare';

/** The smallest link that reopens what is on screen: keys of the current view, defaults left out. */
export function shareOf(facts: AppFacts): ShareState {
  const base: ShareState = {
    ...EMPTY_SHARE,
    view: facts.shell.view,
    unknown: facts.shell.unknownKeys,
  };
  switch (facts.shell.view) {
    case 'model':
    case 'evaluate':
      return base;
    case 'train':
      return { ...base, ...trainShare(facts) };
    case 'explore':
      return { ...base, ...exploreShare(facts) };
    case 'steer':
      return { ...base, ...steerShare(facts) };
    default:
      return facts.shell.view satisfies never;
  }
}

function trainShare({ training }: AppFacts): Partial<ShareState> {
  const { hookPoint, architecture = 'topk' } = training.form;
  return { hook: hookPoint, architecture: architecture === 'topk' ? null : architecture };
}

function exploreShare(facts: AppFacts): Partial<ShareState> {
  const { explore, saes } = facts;
  return {
    sae: saes.selectedId ?? saes.wantedRef,
    feature: explore.latentIndex,
    text: explore.text === '' ? null : explore.text,
    q: explore.search.trim() === '' ? null : explore.search.trim(),
    ...tableShare(explore),
    ...dashboardShare(explore.dashboardView),
  };
}

function tableShare({ sort, thenBy, liveness, filter }: AppFacts['explore']): Partial<ShareState> {
  return {
    sort: sameSort(sort) && thenBy === null ? null : sort,
    thenBy,
    dead: liveness === 'all' ? null : liveness,
    starred: filter.starredOnly,
    ...filter.ranges,
    xy: filter.area,
    cluster: filter.cluster,
    features: filter.chosen,
    inText: filter.inText,
  };
}

function dashboardShare(view: AppFacts['explore']['dashboardView']): Partial<ShareState> {
  const first = FIRST_DASHBOARD_VIEW;
  return {
    context: view.context === first.context ? null : view.context,
    grouping: view.grouping === first.grouping ? null : view.grouping,
    scale: view.scale === first.scale ? null : view.scale,
    realBreaks: view.realBreaks === first.realBreaks ? null : view.realBreaks,
  };
}

function sameSort(sort: AppFacts['explore']['sort']): boolean {
  return sort.column === FIRST_SORT.column && sort.descending === FIRST_SORT.descending;
}

/** Facts as the link wants them. The SAE is only wished for: it may not be listed yet. */
export function applyShare(facts: AppFacts, share: ShareState): AppFacts {
  const view = share.view ?? facts.shell.view;
  return {
    ...facts,
    shell: {
      ...facts.shell,
      view,
      theme: share.theme ?? facts.shell.theme,
      unknownKeys: share.unknown,
      notice: unknownNotice(share) ?? facts.shell.notice,
    },
    training: {
      ...facts.training,
      form: {
        ...facts.training.form,
        hookPoint: share.hook ?? facts.training.form.hookPoint,
        ...architectureFrom(share),
      },
    },
    saes: { ...facts.saes, wantedRef: share.sae ?? facts.saes.wantedRef },
    explore: view === 'explore' ? exploreFrom(facts, share) : facts.explore,
    steer: view === 'steer' ? steerFrom(facts, share) : facts.steer,
  };
}

/** One that cannot be trained here yet is left out. */
function architectureFrom({ architecture }: ShareState) {
  if (architecture === null) return {};
  return { architecture, advanced: {} };
}

function exploreFrom(facts: AppFacts, share: ShareState): AppFacts['explore'] {
  return {
    ...facts.explore,
    latentIndex: share.feature,
    text: share.text ?? '',
    search: share.q ?? '',
    sort: share.sort ?? FIRST_SORT,
    thenBy: share.thenBy,
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
  return `This link also says things this version does not know, kept in the link: ${keys.join(', ')}.`;
}

/** Exact id, its `name~id12` parts, or `demo` for the first demo SAE. */
export function findSae(saes: readonly SaeFacts[], ref: string): SaeFacts | null {
  return (
    saes.find((sae) => sae.saeId === ref) ??
    saes.find((sae) => sae.saeId.split('~').includes(ref)) ??
    (ref === 'demo' ? saes.find((sae) => sae.origin === 'demo') : undefined) ??
    null
  );
}
