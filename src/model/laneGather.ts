// Rearranges the lanes of a KV cache (repeated, dropped or in another order) on its device. One small
// graph of Gather nodes does it on every backend, independent of the model.
import type { DeviceHandle } from '../core/handles';
import type { NanochatCheckpoint } from '../core/model/nanochat';
import type { CacheSlot } from './nanochatEmit';
import { makeGraphBuilder, type Graph } from './onnx/graph';
import type { Ort, OrtValue } from './ort';
import { disposeValue } from './ort';
import { planSegments } from './planSegments';
import { preparePlan, type PreparedPlan } from './preparedPlan';

const SOURCES = 'lane_sources';

/** Every cache's first axis is the lane. */
function makeGatherGraph(caches: readonly CacheSlot[]): Graph {
  const b = makeGraphBuilder();
  const sources = b.input({ name: SOURCES, type: 'int32', shape: ['lanes'] });
  for (const { past, present } of caches) {
    const value = b.input({ name: past, type: 'float32', shape: null });
    b.op('Gather', [value, sources], { axis: 0 }, present);
  }
  return b.finish();
}

/** The sessions that gather; release them with the runtime. */
export function prepareLaneGather(o: {
  ort: Ort;
  caches: readonly CacheSlot[];
  checkpoint: NanochatCheckpoint;
  device: DeviceHandle | null;
}): Promise<PreparedPlan> {
  const graph = makeGatherGraph(o.caches);
  const outputs = o.caches.map(({ present }) => present);
  return preparePlan({
    graph,
    segments: planSegments(graph, { captures: [], edits: [], outputs }),
    checkpoint: o.checkpoint,
    ort: o.ort,
    device: o.device,
    cpuOutputs: new Set(),
    isPlacementStrict: false,
    onProgress: () => undefined,
  });
}

/** A new cache whose lane i is lane sources[i] of the old one, which is freed. */
export async function gatherLanes(
  plan: PreparedPlan,
  o: {
    ort: Ort;
    caches: readonly CacheSlot[];
    past: ReadonlyMap<string, OrtValue>;
    sources: readonly number[];
  },
): Promise<Map<string, OrtValue>> {
  const { ort, caches, past, sources } = o;
  const feeds = new Map(past);
  feeds.set(SOURCES, ort.makeInt32Value(Int32Array.from(sources), [sources.length]));
  const outputs = caches.map(({ present }) => present);
  const place = { lanes: sources.length, length: 0, position: 0 };
  const results = await plan.run(feeds, outputs, { edits: [], watchers: [], place: place });
  for (const value of past.values()) disposeValue(value);
  return new Map(caches.map((slot) => [slot.past, results.get(slot.present)!]));
}
