// The page's one store: a state that events and actions change, and the hash that follows it. It has never
// heard of React or the DOM; clock, address bar and settings are handed in.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { THEMES, isSamePlace, type Theme } from '../core/share/shareState';
import type { EngineApi, EngineEvent } from '../engine/api';
import { makeActions, type AppActions } from './actions';
import { announcementBetween } from './announcements';
import { applyEvents } from './applyEvents';
import type { Capability, StoreContext } from './context';
import type { Environment } from './environment';
import { follow } from './follow';
import { makePageJobs } from './jobs';
import { modelToOpen, rememberOpen } from './lastOpen';
import { watchEngine } from './shell/engineWatch';
import { makeFirstState, type AppState } from './state';

/** Quiet time before the address bar follows, ms (interface.md 3). */
const HASH_PAUSE_MS = 300;

export type AppStore = StoreApi<AppState> & {
  actions: AppActions;
  /** Subscribes to the engine, reads the link, opens the demo. Call once. */
  start: () => Promise<void>;
};

export function createAppStore(api: EngineApi, env: Environment): AppStore {
  const store = createStore<AppState>()(makeFirstState);
  const context = makeContext(api, env, store);
  const actions = makeActions(context);
  store.subscribe((now, before) => {
    follow(actions, now, before);
    rememberOpen(env, now, before);
  });
  followHash(env, store, actions);
  return Object.assign(store, { actions, start: () => start(context, actions) });
}

/** Resolves when the model that a visit begins with is ready to use, or will not be without somebody's doing. */
export function whenOpened(store: StoreApi<AppState>): Promise<void> {
  return until(store, ({ model, progress, shell }) => {
    const isOver = model.open !== null || model.problem !== null || model.waitsForConsent;
    const isWarmingUp = Object.values(progress).some(({ kind }) => kind === 'runtime');
    return (isOver && !isWarmingUp) || shell.engine.kind === 'failed';
  });
}

function until(store: StoreApi<AppState>, isSo: (state: AppState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isSo(store.getState())) {
      resolve();
      return;
    }
    const stop = store.subscribe((now) => {
      if (!isSo(now)) return;
      stop();
      resolve();
    });
  });
}

function makeContext(api: EngineApi, env: Environment, store: StoreApi<AppState>): StoreContext {
  return {
    api,
    env,
    get: store.getState,
    set: (next) => store.setState(next, true),
    patch: (capability: Capability, ...rest: [object] | [part: string, change: object]) =>
      store.setState((now) => ({ [capability]: changed(now[capability], ...rest) })),
    until: (isSo) => until(store, isSo),
    jobs: makePageJobs(api),
  };
}

function changed(before: object, ...rest: [object] | [part: string, change: object]): object {
  if (rest.length === 1) return { ...before, ...rest[0] };
  const [part, change] = rest;
  const parts: Record<string, unknown> = { ...before };
  return { ...before, [part]: Object.assign({}, parts[part], change) };
}

async function start(context: StoreContext, actions: AppActions): Promise<void> {
  const { api, env, patch } = context;
  // Before the address is brought up to date.
  const toOpen = modelToOpen(env);
  patch('shell', {
    theme: readTheme(env),
    shortcutsOn: env.readSetting('shortcuts') !== 'off',
  });
  actions.explore.inquiry.recallEvidence();
  actions.share.embed.begin();
  if (env.readHash().replace('#', '') !== '') readLink(env, actions);
  env.onHashChange(() => readLink(env, actions));
  env.onHidden(() => actions.train.saveSoon());
  watchEngine(context);
  actions.tour.restore();
  const painted = actions.start.loadFirst().then(env.whenIdle);
  try {
    await api.subscribe((events) => hear(context, actions, events));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    patch('shell', { engine: { kind: 'failed', why } });
    return;
  }
  void actions.evaluate.refresh();
  void actions.steer.vectors.refresh();
  void actions.steer.presets.load();
  void actions.train.showInterrupted();
  // In somebody's page, nothing large comes before a click.
  if (context.get().share.embed?.isLive === false) return;
  // What can be read without a model comes first: the model takes the same network and processor.
  void painted.then(() => actions.model.reopen(toOpen));
}

function readTheme(env: Environment): Theme {
  const stored = env.readSetting('theme');
  return THEMES.find((theme) => theme === stored) ?? 'auto';
}

function readLink(env: Environment, actions: AppActions): void {
  const hash = env.readHash();
  // Back to where a visit began, at the plain address.
  actions.share.open(hash.replace('#', '') === '' ? '#view=start' : hash);
  actions.share.receive(hash);
  actions.explore.followSaes();
  actions.steer.followSae();
  void actions.explore.loadDashboard();
  actions.explore.steer.follow();
  actions.start.followLink();
}

/** One batch of events: one change of the state, then what is said of it. */
function hear(context: StoreContext, actions: AppActions, events: EngineEvent[]): void {
  const before = context.get();
  const after = applyEvents(before, events, context.env.now());
  context.set(after);
  if (events.some(({ kind }) => kind === 'model')) actions.model.heardModel();
  for (const event of events) {
    if (event.kind !== 'elsewhere') continue;
    if (event.hasRuns) void actions.train.refresh();
    if (event.hasPresets) void actions.steer.presets.load();
    void actions.statistics.notes.refresh(event.notesOf);
    void actions.statistics.labels.refresh(event.notesOf);
  }
  const message = announcementBetween(before, after);
  if (message !== null) actions.shell.announce(message);
}

/** Writes the hash shortly after the last change that it shows, or when the page is left. Another screen, or a feature
 *  opened or closed, is one step of Back. */
function followHash(env: Environment, store: StoreApi<AppState>, actions: AppActions): void {
  let cancel = () => {};
  let shown = actions.share.write().hash;
  let isWritten = true;
  const write = () => {
    cancel();
    if (!isWritten) env.writeHash(shown, !isSamePlace(env.readHash(), shown));
    isWritten = true;
  };
  env.onHidden(write);
  store.subscribe(() => {
    const hash = actions.share.write().hash;
    if (hash === shown) return;
    shown = hash;
    isWritten = false;
    env.planHash(hash);
    cancel();
    cancel = env.after(HASH_PAUSE_MS, write);
  });
}
