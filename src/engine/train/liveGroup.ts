// The runs that are trained together: paused, saved and lost together, stopped each by itself. What the
// page wants of them is kept here until the trainer, between two steps, looks at it.
import { DeviceLostError } from '../../core/errors';
import type { DeviceFault } from '../deviceHost';
import type { Problem } from '../shared/api';
import type { OpenCorpus } from '../text/corpusHost';
import { isLive, type LiveRun } from './liveRun';

export type LiveGroup = {
  readonly groupId: string;
  readonly runs: readonly LiveRun[];
  /** the text they started with, even if another is open now */
  readonly corpus: OpenCorpus;
  live: () => LiveRun[];

  pause: () => void;
  /** After a pause. */
  goOn: () => void;
  /** After a pause: ends without a trace, to go on from the last checkpoint. */
  leave: () => void;
  /** One run, or all. */
  stop: (runId?: string) => void;
  saveSoon: () => void;
  /** What the device did to it. */
  fail: (fault: DeviceFault) => void;

  readonly isPauseWanted: boolean;
  readonly isSaveWanted: boolean;
  readonly isLeft: boolean;
  readonly fault: DeviceFault | null;
  /** whether every run that goes on is to end */
  isStopping: () => boolean;
  /** The wish for a checkpoint is being met. */
  saving: () => void;
  /** Stands still until it is woken: by going on, an end, or a lost device. */
  hold: (warning: Problem | null) => Promise<void>;
};

export function createLiveGroup(o: Pick<LiveGroup, 'groupId' | 'runs' | 'corpus'>): LiveGroup {
  const { runs } = o;
  let isPauseWanted = false;
  let isSaveWanted = false;
  let isLeft = false;
  let fault: DeviceFault | null = null;
  let wake: () => void = () => undefined;
  const live = () => runs.filter(isLive);
  return {
    ...o,
    live,
    pause() {
      isPauseWanted = true;
    },
    goOn() {
      isPauseWanted = false;
      wake();
    },
    leave() {
      isPauseWanted = false;
      isLeft = true;
      wake();
    },
    stop(runId) {
      for (const run of runs) {
        if (runId === undefined || run.facts.runId === runId) run.stop();
      }
      wake();
    },
    saveSoon() {
      isSaveWanted = true;
    },
    fail(told) {
      if (!(told instanceof DeviceLostError)) {
        fault ??= told;
        return;
      }
      fault = told;
      wake();
    },
    get isPauseWanted() {
      return isPauseWanted;
    },
    get isSaveWanted() {
      return isSaveWanted;
    },
    get isLeft() {
      return isLeft;
    },
    get fault() {
      return fault;
    },
    isStopping: () => live().every((run) => run.isStopWanted),
    saving() {
      isSaveWanted = false;
    },
    async hold(warning) {
      const held = live();
      for (const run of held) run.hold(warning);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = () => undefined;
      for (const run of held) run.goOn();
    },
  };
}
