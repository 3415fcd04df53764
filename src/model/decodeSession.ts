// Decoding with a KV cache: the cache of one step is the past of the next and stays on the device.
// Knows nothing about sampling, text or how the graph is cut.
import type { NanochatConfig } from '../core/model/nanochat';
import { ModelError, checkContext } from './modelErrors';
import { makeFeeds } from './modelInput';
import type { DecodeSession, Edit, Watcher } from './modelTypes';
import type { CacheSlot } from './nanochatEmit';
import type { Ort, OrtValue } from './ort';
import { disposeValue, readFloats } from './ort';
import type { Lease } from './planCache';
import type { PreparedPlan } from './preparedPlan';
import { gatherLanes } from './laneGather';

export type DecodeRequest = {
  ort: Ort;
  config: NanochatConfig;
  lanes: number;
  edits: readonly Edit[];
  watchers: readonly Watcher[];
  caches: readonly CacheSlot[];
  logits: string;
  plan: Lease<PreparedPlan>;
  /** reorders lanes; created when first needed */
  gather: () => Promise<Lease<PreparedPlan>>;
  /** runs a call unless the device is lost or the runtime disposed */
  attempt: <T>(call: () => Promise<T>) => Promise<T>;
};

function emptyCache({ ort, caches, lanes }: DecodeRequest): Map<string, OrtValue> {
  const zeros = (slot: CacheSlot) => {
    const shape = slot.emptyShape(lanes);
    const size = shape.reduce((product, d) => product * d, 1);
    return ort.makeFloatValue(new Float32Array(size), shape);
  };
  return new Map(caches.map((slot) => [slot.past, zeros(slot)]));
}

/** The session owns its lease and its cache until `dispose`; a failed step leaves both unchanged. */
export function makeDecodeSession(o: DecodeRequest): DecodeSession {
  const { config, edits, watchers, caches, logits } = o;
  let { lanes } = o;
  let past = emptyCache(o);
  let position = 0;
  let state: 'idle' | 'busy' | 'disposed' = 'idle';
  const wanted = [logits, ...caches.map((slot) => slot.present)];

  const free = () => {
    for (const value of past.values()) disposeValue(value);
    past = new Map();
    o.plan.release();
  };

  const advance = async (tokenIds: Int32Array): Promise<Float32Array> => {
    const { feeds, length } = makeFeeds(o.ort, config, tokenIds, lanes, position);
    checkContext(position, length, config.sequence_len);
    const place = { lanes, length, position };
    const all = new Map([...feeds, ...past]);
    const results = await o.plan.value.run(all, wanted, { edits, watchers, place: place });
    for (const value of past.values()) disposeValue(value);
    past = new Map(caches.map((slot) => [slot.past, results.get(slot.present)!]));
    position += length;
    return readFloats(results.get(logits)!);
  };

  const regroup = async (sources: readonly number[]): Promise<void> => {
    const outside = sources.find((lane) => !Number.isInteger(lane) || lane < 0 || lane >= lanes);
    if (outside !== undefined || sources.length === 0) {
      throw new ModelError('failed', `lanes ${sources.join(', ')}: this session has ${lanes}.`);
    }
    const lease = await o.gather();
    try {
      past = await gatherLanes(lease.value, { ort: o.ort, caches, past, sources });
      lanes = sources.length;
    } finally {
      lease.release();
    }
  };

  /** One call at a time; if `dispose` is called meanwhile, this frees afterwards. */
  const exclusive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (state !== 'idle') {
      const why = state === 'busy' ? 'A step is still running' : 'The decode session is closed';
      throw new ModelError(state === 'busy' ? 'failed' : 'disposed', `${why}.`);
    }
    state = 'busy';
    try {
      return await o.attempt(call);
    } finally {
      if ((state as string) === 'disposed') free();
      else state = 'idle';
    }
  };

  return {
    get lanes() {
      return lanes;
    },
    get position() {
      return position;
    },
    step: (tokenIds) => exclusive(() => advance(tokenIds)),
    pickLanes: (sources) => exclusive(() => regroup(sources)),
    dispose: () => {
      if (state === 'idle') free();
      state = 'disposed';
    },
  };
}
