// What follows from a change of the state, whoever made it: where one capability has to know of another,
// and where a link waited for something. The only place with such rules.
import type { AppActions } from './actions';
import type { AppState } from './state';
import { newlyTrained } from './train/trainSelectors';

export function follow(actions: AppActions, now: AppState, before: AppState): void {
  actions.tour.follow(now, before);
  const isOtherModel = now.model.open?.id !== before.model.open?.id;
  if (isOtherModel) {
    actions.train.form.fitHook();
    void actions.model.tokenizer.read();
    actions.steer.followSae();
  }
  if (now.sae.list !== before.sae.list) {
    actions.sae.selectArrived();
    actions.explore.followSaes();
    actions.steer.followSae();
  }
  if (isOtherModel || now.sae.list !== before.sae.list) {
    actions.explore.followRows();
    actions.share.received.follow();
  }
  // Another screen was asked for.
  const isSameReceived = now.share.received === before.share.received;
  if (now.shell.view !== before.shell.view && isSameReceived) {
    actions.share.received.putAway();
    if (now.share.source !== null && now.share.source === before.share.source)
      actions.share.source.leave();
  }
  if (isShowingShared(before) && !isShowingShared(now)) {
    actions.explore.followSaes();
    void actions.explore.loadDashboard();
    actions.steer.followSae();
  }
  if (now.circuits.isAwaited) actions.circuits.traceAwaited();
  if (now.steer.isAwaited) actions.steer.writeAwaited();
  if (mayRead(now, before)) void actions.start.read();
  if (isOtherModel || needsCheck(now, before)) void actions.train.form.check();
  const isOtherRun = now.train.check !== before.train.check || now.train.runs !== before.train.runs;
  if (isOtherRun || now.device !== before.device) {
    actions.train.form.followSpeed();
  }
  const trained = newlyTrained(now, before);
  if (trained !== null) void actions.statistics.begin(trained);
  if (ownCount(now) > ownCount(before)) void actions.shell.ownStored();
  if (mayHaveTable(now, before)) {
    actions.explore.table.follow();
    actions.explore.map.follow();
  }
}

/** Something that was shared stands in place of a screen. */
function isShowingShared({ share }: AppState): boolean {
  return share.received !== null || share.source !== null;
}

/** Start is looked at, by another model or SAE than before. */
function mayRead(now: AppState, before: AppState): boolean {
  if (now.shell.view !== 'start') return false;
  return (
    now.model.open !== before.model.open ||
    now.sae.selectedId !== before.sae.selectedId ||
    now.shell.view !== before.shell.view
  );
}

/** Whatever changed the form without asking for a check itself, and a look at the form. */
function needsCheck(now: AppState, before: AppState): boolean {
  const isOtherForm = now.train.form !== before.train.form && now.train.check.status !== 'checking';
  const isOpened = now.shell.view === 'train' && before.shell.view !== 'train';
  // A text may be too short for a run.
  return isOtherForm || isOpened || now.text.corpus !== before.text.corpus;
}

/** How many things of the visitor's own the browser keeps: SAEs, models, runs. */
function ownCount({ sae, model, train }: AppState): number {
  const own = (sae.list ?? []).filter(({ origin }) => origin !== 'demo');
  return own.length + model.kept.filter(({ isDemo }) => !isDemo).length + train.runs.length;
}

/** Completes what a link's search by text, map area or cluster was waiting for. */
function mayHaveTable(now: AppState, before: AppState): boolean {
  if (now.shell.view !== 'explore' || now.sae.selectedId === null) return false;
  return (
    now.model.open !== before.model.open ||
    now.sae.selectedId !== before.sae.selectedId ||
    now.explore.filter !== before.explore.filter ||
    now.shell.view !== before.shell.view
  );
}
