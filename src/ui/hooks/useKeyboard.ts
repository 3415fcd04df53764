// Single-key shortcuts (interface.md 7): outside text fields only, and never over a control's own key.
import { useEffect } from 'react';
import { evaluationBlock } from '../../store/evaluate/evaluationSelectors';
import { activeRun, heldRun, trainingBlock } from '../../store/selectors';
import { steeringBlock } from '../../store/steer/steerSelectors';
import type { AppActions } from '../../store/appStore';
import type { AppFacts } from '../../store/facts';
import { useActions, useReadFacts } from '../storeContext';
import { SHORTCUTS, VIEW_KEYS, type ShortcutName } from './shortcuts';

/** Time for the second key after `g`, ms. */
const PREFIX_MS = 1500;

export function useKeyboard(): void {
  const actions = useActions();
  const readFacts = useReadFacts();
  useEffect(() => {
    let prefixUntil = -Infinity;
    function onKeyDown(event: KeyboardEvent) {
      const facts = readFacts();
      if (!facts.shell.shortcutsOn || facts.shell.helpOpen) return;
      if (event.defaultPrevented || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        if (!isTextField(event.target) && undoOrRedo(event, facts, actions)) event.preventDefault();
        return;
      }
      if (takesKey(event.target, event.key)) return;
      const view = event.timeStamp < prefixUntil ? VIEW_KEYS[event.key] : undefined;
      prefixUntil = event.key === 'g' ? event.timeStamp + PREFIX_MS : -Infinity;
      const name = SHORTCUTS[event.key];
      if (view !== undefined) actions.show(view);
      else if (name === undefined || !obey(name, facts, actions)) return;
      event.preventDefault();
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [actions, readFacts]);
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.matches('textarea, [contenteditable], input:not([type=range], [type=checkbox])')
  );
}

/** Ctrl+Z and Ctrl+Shift+Z on Steer: the slots' own, also while text streams. */
function undoOrRedo(event: KeyboardEvent, facts: AppFacts, actions: AppActions): boolean {
  if (event.key.toLowerCase() !== 'z' || facts.shell.view !== 'steer') return false;
  if (event.shiftKey) actions.redoSteer();
  else actions.undoSteer();
  return true;
}

/** Text fields take every key; other controls take space, and number keys stay theirs. */
function takesKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches('textarea, select, [contenteditable]')) return true;
  if (target.matches('input')) return !target.matches('[type=range]') || key === ' ';
  return key === ' ' && target.closest('button, a, summary, label') !== null;
}

/** false: nothing to do here, so the key stays the browser's. */
function obey(name: ShortcutName, facts: AppFacts, actions: AppActions): boolean {
  const { view } = facts.shell;
  switch (name) {
    case 'next':
    case 'previous':
      if (view !== 'explore') return false;
      actions.walk(name === 'next' ? 1 : -1);
      return true;
    case 'search':
      return press('search', (element) => element.focus());
    case 'steerThis':
      return view === 'explore' && steerOpenLatent(facts, actions);
    case 'copyLink':
      return press('copy-link', (element) => element.click());
    case 'star':
      if (view !== 'explore' || facts.explore.latentIndex === null) return false;
      void actions.toggleStar(facts.explore.latentIndex);
      return true;
    case 'note':
      return view === 'explore' && press('note', (element) => element.focus());
    case 'export':
      return view === 'explore' && press('export', (element) => element.focus());
    case 'playPause':
      return playPause(facts, actions);
    case 'weaker':
    case 'stronger':
    case 'muchWeaker':
    case 'muchStronger':
      if (view !== 'steer') return false;
      actions.nudgeSlot(NUDGES[name]);
      return true;
    case 'neutral':
      if (view !== 'steer') return false;
      actions.neutralSlot();
      return true;
    case 'rerun':
      if (view !== 'steer' || steeringBlock(facts) !== null) return false;
      void actions.steer();
      return true;
    case 'rerunNewSeed':
      if (view !== 'steer' || steeringBlock(facts) !== null) return false;
      void actions.steerNewSeed();
      return true;
    case 'step':
      if (view !== 'steer' || steeringBlock(facts) !== null) return false;
      void actions.stepSteering();
      return true;
    case 'laneDiff':
      if (view !== 'steer') return false;
      actions.toggleSteerDiff();
      return true;
    case 'help':
      actions.setHelpOpen(true);
      return true;
    case 'close':
      if (view !== 'explore' || facts.explore.latentIndex === null) return false;
      actions.selectLatent(null);
      return true;
    default:
      return name satisfies never;
  }
}

const NUDGES = { weaker: -1, stronger: 1, muchWeaker: -10, muchStronger: 10 } as const;

/** Acts on the element marked `data-shortcut`, if the screen has one. */
function press(mark: string, act: (element: HTMLElement) => void): boolean {
  const element = document.querySelector<HTMLElement>(`[data-shortcut="${mark}"]`);
  if (element === null) return false;
  act(element);
  return true;
}

function steerOpenLatent(facts: AppFacts, actions: AppActions): boolean {
  const { selectedId } = facts.saes;
  const { latentIndex } = facts.explore;
  if (selectedId === null || latentIndex === null) return false;
  actions.steerThis(selectedId, latentIndex);
  return true;
}

function playPause(facts: AppFacts, actions: AppActions): boolean {
  switch (facts.shell.view) {
    case 'model':
      if (facts.model.facts === null) return false;
      void (facts.generation.run?.running === true ? actions.stopGeneration() : actions.generate());
      return true;
    case 'steer':
      if (steeringBlock(facts) !== null) return false;
      void playPauseSteering(facts, actions);
      return true;
    case 'train':
      return playPauseTraining(facts, actions);
    case 'evaluate':
      if (!facts.evaluate.busy && evaluationBlock(facts) !== null) return false;
      void (facts.evaluate.busy ? actions.cancelEvaluation() : actions.evaluate());
      return true;
    case 'explore':
      return false;
    default:
      return facts.shell.view satisfies never;
  }
}

function playPauseSteering({ steer }: AppFacts, actions: AppActions): Promise<unknown> {
  if (steer.run?.running !== true) return actions.steer();
  return steer.run.isPaused ? actions.resumeSteering() : actions.pauseSteering();
}

function playPauseTraining(facts: AppFacts, actions: AppActions): boolean {
  if (facts.training.busy) return false;
  if (activeRun(facts) !== null) {
    void actions.pauseTraining();
    return true;
  }
  const held = heldRun(facts);
  if (held === null && trainingBlock(facts) !== null) return false;
  void (held === null ? actions.startTraining() : actions.resumeTraining(held.runId));
  return true;
}
