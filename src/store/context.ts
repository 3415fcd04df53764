// What every group of actions is handed. Types only.
import type { EngineApi } from '../engine/api';
import type { Environment } from './environment';
import type { AppFacts } from './facts';
import type { PageJobs } from './jobs';

type ObjectSlice = Exclude<keyof AppFacts, 'device'>;

export type StoreContext = {
  api: EngineApi;
  env: Environment;
  get: () => AppFacts;
  set: (facts: AppFacts) => void;
  /** Changes some fields of one slice. */
  patch: <K extends ObjectSlice>(slice: K, change: Partial<AppFacts[K]>) => void;
  jobs: PageJobs;
};
