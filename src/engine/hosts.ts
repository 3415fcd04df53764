// The hosts that make up an engine, as they are passed to each other.
import type { EngineEvent } from './api';
import type { KeptActivations } from './activations/keptActivations';
import type { CorpusHost } from './text/corpusHost';
import type { DeviceHost } from './deviceHost';
import type { Jobs } from './jobs';
import type { ModelHost } from './model/modelHost';
import type { EngineParts } from './parts';
import type { SaeLibrary } from './sae/saeLibrary';
import type { Turns } from './turns';

export type EngineHosts = {
  parts: EngineParts;
  device: DeviceHost;
  modelHost: ModelHost;
  corpusHost: CorpusHost;
  keptActivations: KeptActivations;
  library: SaeLibrary;
  turns: Turns;
  jobs: Jobs;
  emit: (event: EngineEvent) => void;
};
