// The commands on attribution graphs.
import { makeGraphJson } from '../../core/circuits/graphJson';
import { APP_VERSION } from '../appVersion';
import type { EngineHosts } from '../hosts';
import { makeJobSlot } from '../jobs';
import { outcomes } from '../problems';
import type { JobId } from '../shared/api';
import type { CircuitRequest, CircuitsApi, GraphExport, NodeEffectsRequest } from './api';
import { nodeEffects } from './nodeEffects';
import { traceCircuit } from './traceCircuit';

export function makeCircuitsSlice(hosts: EngineHosts): CircuitsApi {
  const words = { kind: 'circuit', busy: 'Another graph is being made. Cancel it first.' } as const;
  const slot = makeJobSlot(hosts, { ...words, cancelled: 'The graph was cancelled.' });
  hosts.modelHost.onClosing(slot.end);
  return outcomes({
    trace: (request: CircuitRequest, jobId?: JobId) =>
      slot.run(jobId, (job) => traceCircuit(hosts, request, job)),
    effects: (request: NodeEffectsRequest, jobId?: JobId) =>
      slot.run(jobId, (job) => nodeEffects(hosts, request, job)),
    exportJson: (o: GraphExport) => Promise.resolve(exportJson(hosts, o)),
  });
}

function exportJson(
  { parts, modelHost }: EngineHosts,
  { circuit, prune, labels, pinned, supernodes }: GraphExport,
): Blob {
  const { tokenizer } = modelHost.current();
  const createdAt = new Date(parts.wallClock()).toISOString();
  const slug = `nanoscope-${createdAt.replace(/\D/g, '').slice(0, 14)}`;
  const json = makeGraphJson(circuit.graph, {
    slug,
    scan: circuit.modelId,
    version: APP_VERSION,
    createdAt,
    prune,
    options: circuit.options,
    tokenText: (tokenId) => tokenizer.tokenText(tokenId),
    labels,
    pinned,
    supernodes,
  });
  return new Blob([JSON.stringify(json, null, 1)], { type: 'application/json' });
}
