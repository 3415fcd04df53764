// What every group of actions receives. Types only.
import type { EngineApi } from '../engine/api';
import type { Environment } from './environment';
import type { PageJobs } from './jobs';
import type { AppState } from './state';

export type Capability = Exclude<keyof AppState, 'device'>;

export type StoreContext = {
  api: EngineApi;
  env: Environment;
  get: () => AppState;
  set: (state: AppState) => void;
  patch: Patch;
  /** Resolves once the state is so: for what an event is to tell after a command was answered. */
  until: (isSo: (state: AppState) => boolean) => Promise<void>;
  jobs: PageJobs;
};

type Patch = {
  /** Changes some fields of one capability's state. */
  <K extends Capability>(capability: K, change: Partial<AppState[K]>): void;
  /** The same one level deeper: of one of its parts. */
  <K extends Capability, P extends keyof AppState[K]>(
    capability: K,
    part: P,
    change: Partial<AppState[K][P]>,
  ): void;
};
