// The page's one store: facts that events and actions change, and the hash that follows them. It has
// never heard of React or the DOM; clock, address bar and settings are handed in.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { THEMES, formatShareState, parseShareState, type Theme } from '../core/share/shareState';
import type { EngineApi, EngineEvent } from '../engine/api';
import { announcementBetween } from './announcements';
import { applyEvents } from './applyEvents';
import { makeChatActions } from './generate/chatActions';
import type { StoreContext } from './context';
import { makeCorpusActions } from './text/corpusActions';
import type { Environment } from './environment';
import { makeDashboardActions } from './explore/dashboardActions';
import { makeEvaluateActions } from './evaluate/evaluateActions';
import { makeExploreActions } from './explore/exploreActions';
import { makeFirstFacts, type AppFacts } from './facts';
import { makeComparisonActions } from './explore/comparisonActions';
import { makePageJobs } from './jobs';
import { makeLabelActions } from './statistics/labelActions';
import { makeLiveActions } from './train/liveActions';
import { makeModelActions } from './model/modelActions';
import { makeProbeActions } from './explore/probeActions';
import { bugProblem } from './problems';
import { applyShare, shareOf } from './share/shareSync';
import { makeRemoteActions } from './model/remoteActions';
import { makeReplayActions } from './explore/replayActions';
import { makeShellActions } from './shellActions';
import { makeSteerActions } from './steer/steerActions';
import { makeTableActions } from './explore/tableActions';
import { makeTrainActions } from './train/trainActions';

/** Quiet time before the address bar follows, ms (interface.md 3). */
const HASH_PAUSE_MS = 300;

export type AppActions = ReturnType<typeof makeActions> & {
  /** Listens to the engine, reads the link, opens the demo. Call once. */
  start: () => Promise<void>;
  /** The link to what is on screen now. */
  shareHash: () => string;
};

export type AppStore = { facts: StoreApi<AppFacts>; actions: AppActions };

export function createAppStore(api: EngineApi, env: Environment): AppStore {
  const facts = createStore<AppFacts>()(makeFirstFacts);
  const context = makeContext(api, env, facts);
  const actions = makeActions(context);
  followHash(context, facts, actions);
  return {
    facts,
    actions: {
      ...actions,
      start: () => start(context, actions),
      shareHash: () => formatShareState(shareOf(facts.getState())),
    },
  };
}

function makeContext(api: EngineApi, env: Environment, facts: StoreApi<AppFacts>): StoreContext {
  return {
    api,
    env,
    get: facts.getState,
    set: (next) => facts.setState(next, true),
    patch: (slice, change) => facts.setState((now) => ({ [slice]: { ...now[slice], ...change } })),
    jobs: makePageJobs(api),
  };
}

function makeActions(context: StoreContext) {
  const modelActions = makeModelActions(context);
  return {
    ...makeShellActions(context),
    ...makeChatActions(context),
    ...modelActions,
    ...makeRemoteActions(context, modelActions.openSource),
    ...makeCorpusActions(context),
    ...makeTrainActions(context),
    ...makeExploreActions(context),
    ...makeTableActions(context),
    ...makeDashboardActions(context),
    ...makeProbeActions(context),
    ...makeLabelActions(context),
    ...makeComparisonActions(context),
    ...makeLiveActions(context),
    ...makeReplayActions(context),
    ...makeSteerActions(context),
    ...makeEvaluateActions(context),
  };
}

type InnerActions = ReturnType<typeof makeActions>;

async function start(context: StoreContext, actions: InnerActions): Promise<void> {
  const { api, env, get, patch } = context;
  patch('shell', {
    theme: readTheme(env),
    shortcutsOn: env.readSetting('shortcuts') !== 'off',
  });
  readLink(context, actions);
  env.onHashChange(() => readLink(context, actions));
  env.onHidden(() => actions.saveRunSoon());
  try {
    await api.subscribe((events) => hear(context, actions, events));
  } catch (cause) {
    patch('shell', { banner: bugProblem(cause) });
    return;
  }
  void actions.refreshSaes().then(actions.followSteerSae);
  void actions.refreshEvaluations();
  void actions.refreshVectors();
  void actions.loadPresets();
  void actions.refreshRuns().then(actions.showInterruptedRun);
  if (env.savesData) patch('model', { waitsForConsent: true });
  else if (get().model.facts === null) void actions.openDemo();
}

function readTheme(env: Environment): Theme {
  const stored = env.readSetting('theme');
  return THEMES.find((theme) => theme === stored) ?? 'auto';
}

function readLink(context: StoreContext, actions: InnerActions): void {
  const hash = context.env.readHash();
  if (hash.replace('#', '') === '') return;
  context.set(applyShare(context.get(), parseShareState(hash)));
  actions.followSaes();
  actions.followSteerSae();
  void actions.loadDashboard();
}

/** One batch of events: one change of facts, then what follows from it. */
function hear(context: StoreContext, actions: InnerActions, events: EngineEvent[]): void {
  const before = context.get();
  const after = applyEvents(before, events, context.env.now());
  context.set(after);
  if (after.model.facts?.id !== before.model.facts?.id) actions.followSteerSae();
  const message = announcementBetween(before, after);
  if (message !== null) actions.announce(message);
  if (after.saes.list !== before.saes.list) {
    actions.followSaes();
    actions.followSteerSae();
  }
}

/** Whatever changed the model or the form without asking for a check itself, and a look at the form. */
function needsCheck(now: AppFacts, before: AppFacts): boolean {
  const isOtherModel = now.model.facts?.id !== before.model.facts?.id;
  const isOtherForm =
    now.training.form !== before.training.form && now.training.check.status !== 'checking';
  const isOpened = now.shell.view === 'train' && before.shell.view !== 'train';
  return isOtherModel || isOtherForm || isOpened;
}

/** Whatever a link's search by text, area of the map or cluster waits for. */
function mayHaveTable(now: AppFacts, before: AppFacts): boolean {
  return (
    now.model.facts !== before.model.facts ||
    now.saes.selectedId !== before.saes.selectedId ||
    now.explore.filter !== before.explore.filter ||
    now.shell.view !== before.shell.view
  );
}

/** Writes the hash some time after the last change that it would show, or when the page is being left. */
function followHash(context: StoreContext, facts: StoreApi<AppFacts>, actions: InnerActions): void {
  const { env } = context;
  let cancel = () => {};
  let shown = formatShareState(shareOf(facts.getState()));
  let isWritten = true;
  const write = () => {
    cancel();
    if (!isWritten) env.writeHash(shown);
    isWritten = true;
  };
  env.onHidden(write);
  facts.subscribe((now, before) => {
    if (needsCheck(now, before)) void actions.checkTraining();
    if (mayHaveTable(now, before)) actions.followTable();
    const hash = formatShareState(shareOf(now));
    if (hash === shown) return;
    shown = hash;
    isWritten = false;
    env.planHash(hash);
    cancel();
    cancel = env.after(HASH_PAUSE_MS, write);
  });
}
