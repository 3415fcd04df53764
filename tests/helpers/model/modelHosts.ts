// An engine's ground in Node, without the engine: device, jobs and the open model, for those that measure below it.
import type { EngineEvent } from '../../../src/engine/api';
import { createDeviceHost } from '../../../src/engine/deviceHost';
import { makeJobs } from '../../../src/engine/jobs';
import { createDownloadHost } from '../../../src/engine/model/downloadHost';
import { createModelHost } from '../../../src/engine/model/modelHost';
import { createModelShelf } from '../../../src/engine/model/modelShelf';
import type { EngineParts } from '../../../src/engine/parts';
import { makeTurns } from '../../../src/engine/turns';

export function makeModelHosts(
  parts: EngineParts,
  emit: (event: EngineEvent) => void = () => undefined,
) {
  const device = createDeviceHost(parts);
  const turns = makeTurns();
  const jobs = makeJobs({ parts, turns, emit });
  const shelf = createModelShelf(parts);
  const downloads = createDownloadHost({ parts, jobs, emit });
  const modelHost = createModelHost({ parts, device, shelf, downloads, jobs, emit });
  return { parts, device, turns, jobs, modelHost, emit };
}
