// Single-key shortcuts (interface.md 7): outside text fields only, and never over a control's own key.
import { useEffect } from 'react';
import { evaluationBlock } from '../../store/evaluate/evaluationSelectors';
import { activeRun, heldRun, trainingBlock } from '../../store/train/trainSelectors';
import { steeringBlock } from '../../store/steer/steerSelectors';
import type { AppActions } from '../../store/actions';
import type { AppState } from '../../store/state';
import { useActions, useReadState } from '../storeContext';
import { SHORTCUTS, VIEW_KEYS, type ShortcutName } from './shortcuts';

/** Time for the second key after `g`, ms. */
const PREFIX_MS = 1500;

export function useKeyboard(): void {
  const actions = useActions();
  const readState = useReadState();
  useEffect(() => {
    let prefixUntil = -Infinity;
    function onKeyDown(event: KeyboardEvent) {
      const state = readState();
      if (!state.shell.shortcutsOn) return;
      if (event.defaultPrevented || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        if (!isTextField(event.target) && undoOrRedo(event, state, actions)) event.preventDefault();
        return;
      }
      // A dialog's keys are its own: Escape closes it, not what lies behind.
      if (document.querySelector('dialog[open]') !== null) return;
      if (takesKey(event.target, event.key)) return;
      // An open menu is the browser's to close.
      if (event.key === 'Escape' && document.querySelector('[popover=auto]:popover-open')) return;
      const view = event.timeStamp < prefixUntil ? VIEW_KEYS[event.key] : undefined;
      prefixUntil = event.key === 'g' ? event.timeStamp + PREFIX_MS : -Infinity;
      const name = SHORTCUTS[event.key];
      if (view !== undefined) actions.shell.show(view);
      else if (name === undefined || !obey(name, state, actions)) return;
      event.preventDefault();
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [actions, readState]);
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.matches('textarea, [contenteditable], input:not([type=range], [type=checkbox])')
  );
}

/** Ctrl+Z and Ctrl+Shift+Z: on Steer undo and redo of slots, even while text streams; on Circuits of the arrangement. */
function undoOrRedo(event: KeyboardEvent, state: AppState, actions: AppActions): boolean {
  if (event.key.toLowerCase() !== 'z') return false;
  if (state.shell.view === 'circuits') {
    if (event.shiftKey) actions.circuits.arrange.redo();
    else actions.circuits.arrange.undo();
    return true;
  }
  if (state.shell.view !== 'steer') return false;
  if (event.shiftKey) actions.steer.slots.redo();
  else actions.steer.slots.undo();
  return true;
}

/** Text fields take every key; other controls take space, and number keys stay theirs. */
function takesKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches('textarea, select, [contenteditable]')) return true;
  if (target.matches('input')) return !target.matches('[type=range]') || key === ' ';
  return key === ' ' && target.closest('button, a, summary, label') !== null;
}

/** false: nothing to do here, so the browser handles the key. */
function obey(name: ShortcutName, state: AppState, actions: AppActions): boolean {
  const { view } = state.shell;
  switch (name) {
    case 'next':
    case 'previous':
      if (view !== 'explore') return false;
      actions.explore.walk(name === 'next' ? 1 : -1);
      return true;
    case 'search':
      return press('search', (element) => element.focus());
    case 'steerThis':
      return view === 'explore' && steerOpenLatent(state, actions);
    case 'copyLink':
      return press('copy-link', (element) => element.click());
    case 'star':
      if (view !== 'explore' || state.explore.latentIndex === null) return false;
      void actions.statistics.notes.toggleStar(state.explore.latentIndex);
      return true;
    case 'note':
      return view === 'explore' && press('note', (element) => element.focus());
    case 'export':
      return view === 'explore' && press('export', (element) => element.focus());
    case 'playPause':
      return playPause(state, actions);
    case 'weaker':
    case 'stronger':
    case 'muchWeaker':
    case 'muchStronger':
      if (view !== 'steer') return false;
      actions.steer.slots.nudge(NUDGES[name]);
      return true;
    case 'neutral':
      if (view !== 'steer') return false;
      actions.steer.slots.neutral();
      return true;
    case 'rerun':
      if (view !== 'steer' || steeringBlock(state) !== null) return false;
      void actions.steer.run.start();
      return true;
    case 'rerunNewSeed':
      if (view !== 'steer' || steeringBlock(state) !== null) return false;
      void actions.steer.run.startNewSeed();
      return true;
    case 'step':
      if (view !== 'steer' || steeringBlock(state) !== null) return false;
      void actions.steer.run.step();
      return true;
    case 'laneDiff':
      if (view !== 'steer') return false;
      actions.steer.run.toggleDiff();
      return true;
    case 'help':
      actions.shell.setHelpOpen(true);
      return true;
    case 'close':
      return closeOpened(state, actions);
    default:
      return name satisfies never;
  }
}

/** What was opened last on this screen. */
function closeOpened(state: AppState, actions: AppActions): boolean {
  const { shell, explore, steer, train, evaluate, circuits, share } = state;
  if (share.received !== null) actions.share.received.putAway();
  else if (shell.view === 'explore' && explore.latentIndex !== null)
    actions.explore.selectLatent(null);
  else if (shell.view === 'explore' && hasOpenPair(state)) actions.explore.comparison.closePair();
  else if (shell.view === 'train' && train.live.opened !== null) void actions.train.live.open(null);
  else if (shell.view === 'steer' && steer.tool !== null) actions.steer.openTool(null);
  else if (shell.view === 'evaluate' && evaluate.shownId !== null) actions.evaluate.show(null);
  else if (shell.view === 'circuits' && circuits.selected !== null) actions.circuits.select(null);
  else return false;
  return true;
}

function hasOpenPair({ explore }: AppState): boolean {
  return explore.listAs === 'compare' && explore.comparison.open !== null;
}

const NUDGES = { weaker: -1, stronger: 1, muchWeaker: -10, muchStronger: 10 } as const;

/** Acts on the element marked `data-shortcut`, if the screen has one. */
function press(mark: string, act: (element: HTMLElement) => void): boolean {
  const element = document.querySelector<HTMLElement>(`[data-shortcut="${mark}"]`);
  if (element === null) return false;
  act(element);
  return true;
}

function steerOpenLatent(state: AppState, actions: AppActions): boolean {
  const { selectedId } = state.sae;
  const { latentIndex } = state.explore;
  if (selectedId === null || latentIndex === null) return false;
  actions.steer.steerLatent(selectedId, latentIndex);
  return true;
}

function playPause(state: AppState, actions: AppActions): boolean {
  switch (state.shell.view) {
    case 'library':
      if (state.model.open === null) return false;
      void (state.generate.run?.running === true
        ? actions.generate.stop()
        : actions.generate.start());
      return true;
    case 'steer':
      if (steeringBlock(state) !== null) return false;
      void playPauseSteering(state, actions);
      return true;
    case 'train':
      return playPauseTraining(state, actions);
    case 'evaluate':
      if (!state.evaluate.busy && evaluationBlock(state) !== null) return false;
      void (state.evaluate.busy ? actions.evaluate.cancel() : actions.evaluate.start());
      return true;
    case 'start':
    case 'explore':
    case 'circuits':
      return false;
    default:
      return state.shell.view satisfies never;
  }
}

function playPauseSteering({ steer }: AppState, actions: AppActions): Promise<unknown> {
  if (steer.run?.running !== true) return actions.steer.run.start();
  return steer.run.isPaused ? actions.steer.run.resume() : actions.steer.run.pause();
}

function playPauseTraining(state: AppState, actions: AppActions): boolean {
  if (state.train.busy) return false;
  if (activeRun(state) !== null) {
    void actions.train.pause();
    return true;
  }
  const held = heldRun(state);
  if (held === null && trainingBlock(state) !== null) return false;
  void (held === null ? actions.train.start() : actions.train.resume(held.runId));
  return true;
}
