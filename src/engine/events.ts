// Collects events for the page and delivers them at most ten times a second, so that a fast engine cannot
// flood the page. A later event replaces an earlier one about the same thing, except tokens and points.
import type { EngineEvent } from './api';

/** Milliseconds between two deliveries: 10 Hz (docs/architecture.md). */
const INTERVAL = 100;

export type EventQueue = {
  emit: (event: EngineEvent) => void;
  subscribe: (listener: (events: EngineEvent[]) => void) => void;
};

export function makeEventQueue(
  schedule: (run: () => void, milliseconds: number) => unknown,
): EventQueue {
  let pending: EngineEvent[] = [];
  let isScheduled = false;
  let deliver: ((events: EngineEvent[]) => void) | null = null;
  const flush = () => {
    isScheduled = false;
    if (deliver === null || pending.length === 0) return;
    const batch = pending;
    pending = [];
    deliver(batch);
  };
  const wake = () => {
    if (isScheduled) return;
    isScheduled = true;
    schedule(flush, INTERVAL);
  };
  return {
    emit(event) {
      const key = replaceKey(event);
      if (key !== null) pending = pending.filter((older) => replaceKey(older) !== key);
      pending.push(event);
      wake();
    },
    subscribe(listener) {
      deliver = listener;
      wake();
    },
  };
}

/** Events with equal keys describe the same thing; null: all are delivered. */
function replaceKey(event: EngineEvent): string | null {
  switch (event.kind) {
    case 'progress':
      return `progress/${event.jobId}`;
    case 'device':
    case 'model':
    case 'needs':
    case 'keptModels':
    case 'keptActivations':
    case 'corpus':
    case 'saes':
    case 'downloads':
    case 'unreadable':
    case 'vectors':
    case 'generationPaused':
      return event.kind;
    case 'evaluation':
      return `evaluation/${event.row.saeId}`;
    case 'run':
      return `run/${event.run.runId}`;
    case 'prompt':
    case 'token':
    case 'tokenLatents':
    case 'dosePoint':
    case 'generated':
    case 'points':
    case 'elsewhere':
    case 'notice':
    case 'problem':
      return null;
    default:
      return event satisfies never;
  }
}
