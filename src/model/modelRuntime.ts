// Runs a checkpoint: captures, logits, decoding with edits. Decides which plan a call needs and caches
// plans; other files handle the graph, its cuts and ONNX Runtime.
import { ConfigError } from '../core/errors';
import type { HookPoint } from '../core/activations/hookPoint';
import { MAX_BLOCK_VALUES } from '../core/model/weightPrecision';
import { makeDecodeSession } from './decodeSession';
import { prepareLaneGather } from './laneGather';
import { ModelError, checkContext } from './modelErrors';
import { makeFeeds } from './modelInput';
import type { Capture, Edit, ModelRuntime, ModelRuntimeOptions } from './modelTypes';
import type { NanochatGraph } from './nanochatGraph';
import { makeNanochatGraph } from './nanochatGraph';
import type { Ort } from './ort';
import { deviceLostError, disposeValue, loadOrt, onDeviceLost, readFloats, toMatrix } from './ort';
import type { Lease } from './planCache';
import { makePlanCache } from './planCache';
import { planSegments } from './planSegments';
import type { PreparedPlan } from './preparedPlan';
import { preparePlan } from './preparedPlan';

const MAX_PLANS = 3;
/** Bytes of weights in one session, which JavaScript holds at once while loading. A cut costs about a
 *  millisecond a pass, which is negligible for a model of that size. */
const SEGMENT_WEIGHT_BYTES = 64 * 2 ** 20;
/** No edits and no cache, so the position does not matter. */
const NO_EDITS: readonly Edit[] = [];

type PlanNeed = {
  graph: NanochatGraph;
  kind: 'sequence' | 'decode';
  captures: readonly HookPoint[];
  edits: readonly Edit[];
  outputs: readonly string[];
};

type Core = {
  ort: Ort;
  sequence: NanochatGraph;
  decode: NanochatGraph;
  /** Runs the call unless the device is lost or the runtime disposed; ModelError says which, also if the
   *  loss made the call fail. */
  attempt: <T>(call: () => Promise<T>) => Promise<T>;
  acquire: (need: PlanNeed) => Promise<Lease<PreparedPlan>>;
  acquireGather: () => Promise<Lease<PreparedPlan>>;
  dispose: () => Promise<void>;
};

function makeCore(o: ModelRuntimeOptions, ort: Ort): Core {
  const { config, revision } = o.checkpoint;
  let state: 'alive' | 'lost' | 'disposed' = 'alive';
  if (o.backend === 'webgpu' && o.device !== null) onDeviceLost(o.device, () => (state = 'lost'));
  const free = async (plan: PreparedPlan) => {
    // The content of a lost device is already gone.
    await plan.release().catch((cause: unknown) => {
      if (state !== 'lost') throw cause;
    });
  };
  const plans = makePlanCache<PreparedPlan>(o.maxPlans ?? MAX_PLANS, free);
  // It has no weights, so it must not evict a plan.
  const helpers = makePlanCache<PreparedPlan>(1, free);
  const weights = {
    precision: o.weightPrecision ?? 'f32',
    maxBlockValues: o.cuts?.blockValues ?? MAX_BLOCK_VALUES,
  };
  const sequence = makeNanochatGraph(config, revision, {
    hasCache: false,
    isLastRowOnly: false,
    ...weights,
  });
  const decode = makeNanochatGraph(config, revision, {
    hasCache: true,
    isLastRowOnly: true,
    ...weights,
  });

  const check = () => {
    if (state === 'lost') throw deviceLostError();
    if (state === 'disposed') {
      throw new ModelError('disposed', 'The model was closed. Open it again.');
    }
  };
  const attempt = async <T>(call: () => Promise<T>): Promise<T> => {
    check();
    try {
      return await call();
    } catch (cause) {
      // The run fails before the loss is told.
      if (state === 'alive' && (await o.isDeviceUsable?.()) === false) state = 'lost';
      if ((state as string) !== 'lost') throw cause;
      throw cause instanceof ModelError && cause.problem === 'device-lost'
        ? cause
        : deviceLostError(cause);
    }
  };
  const prepare = async (need: PlanNeed) => {
    const edits = need.edits.map((edit) => edit.hook);
    const maxWeightBytes = o.cuts?.segmentBytes ?? SEGMENT_WEIGHT_BYTES;
    const segments = planSegments(need.graph, { ...need, edits, maxWeightBytes });
    return preparePlan({
      graph: need.graph,
      segments,
      checkpoint: o.checkpoint,
      ort,
      device: o.backend === 'webgpu' ? o.device : null,
      cpuOutputs: new Set([need.graph.logits]),
      isPlacementStrict: o.strictPlacement ?? false,
      onProgress: o.onProgress ?? (() => undefined),
    });
  };
  return {
    ort,
    sequence,
    decode,
    attempt,
    acquire: (need) => {
      const hooks = need.edits.map((edit) => edit.hook);
      const key = JSON.stringify([need.kind, sorted(need.captures), sorted(hooks), need.outputs]);
      return plans.acquire(key, () => prepare(need));
    },
    acquireGather: () =>
      helpers.acquire('lanes', () =>
        prepareLaneGather({
          ort,
          caches: decode.caches,
          checkpoint: o.checkpoint,
          device: o.backend === 'webgpu' ? o.device : null,
        }),
      ),
    dispose: async () => {
      state = 'disposed';
      await helpers.dispose();
      await plans.dispose();
    },
  };
}

/** Order and repetition of hooks do not matter for a plan. */
function sorted(hooks: readonly HookPoint[]): HookPoint[] {
  return [...new Set(hooks)].sort();
}

async function runCapture(
  o: ModelRuntimeOptions,
  core: Core,
  tokenIds: Int32Array,
  count: number,
  hooks: readonly HookPoint[],
): Promise<Capture> {
  if (hooks.length === 0) throw new ConfigError('capture: no hook point given', 'hook');
  const { config } = o.checkpoint;
  const { feeds, length } = makeFeeds(core.ort, config, tokenIds, count, 0);
  checkContext(0, length, config.sequence_len);
  const need = {
    graph: core.sequence,
    kind: 'sequence',
    captures: hooks,
    edits: NO_EDITS,
  } as const;
  const plan = await core.acquire({ ...need, outputs: [] });
  try {
    const place = { lanes: count, length, position: 0 };
    const values = await plan.value.run(feeds, [...new Set(hooks)], {
      edits: NO_EDITS,
      watchers: [],
      place: place,
    });
    let isHeld = true;
    const release = () => {
      if (isHeld) for (const value of values.values()) disposeValue(value);
      isHeld = false;
    };
    const matrices = hooks.map((hook) => [hook, toMatrix(values.get(hook)!)] as const);
    return { hooks: new Map(matrices), release };
  } finally {
    plan.release();
  }
}

async function runLogits(
  o: ModelRuntimeOptions,
  core: Core,
  tokenIds: Int32Array,
  count: number,
  edits: readonly Edit[],
): Promise<Float32Array> {
  const { config } = o.checkpoint;
  const { feeds, length } = makeFeeds(core.ort, config, tokenIds, count, 0);
  checkContext(0, length, config.sequence_len);
  const { logits } = core.sequence;
  const need = { graph: core.sequence, kind: 'sequence', captures: [], edits } as const;
  const plan = await core.acquire({ ...need, outputs: [logits] });
  try {
    const place = { lanes: count, length, position: 0 };
    const values = await plan.value.run(feeds, [logits], { edits, watchers: [], place: place });
    return readFloats(values.get(logits)!);
  } finally {
    plan.release();
  }
}

/** Loads ONNX Runtime but prepares nothing yet: the first call that needs a plan reads its weights (with
 *  onProgress). To load a model up front, start a decode session and dispose it. Throws ConfigError
 *  without a device on 'webgpu'. */
export async function createModelRuntime(o: ModelRuntimeOptions): Promise<ModelRuntime> {
  if (o.backend === 'webgpu' && o.device === null) {
    throw new ConfigError(
      "backend 'webgpu' needs a GPU device; choose 'wasm' without one",
      'backend',
    );
  }
  const core = makeCore(o, await loadOrt(o));
  return {
    checkpoint: o.checkpoint,
    backend: o.backend,
    provider: core.ort.provider,
    weightPrecision: o.weightPrecision ?? 'f32',
    capture: (tokenIds, count, hooks) =>
      core.attempt(() => runCapture(o, core, tokenIds, count, hooks)),
    logits: (tokenIds, count, edits = NO_EDITS) =>
      core.attempt(() => runLogits(o, core, tokenIds, count, edits)),
    startDecode: async ({ lanes, edits, watchers = [] }) => {
      const { decode: graph, attempt, ort, acquireGather: gather } = core;
      const presents = graph.caches.map((slot) => slot.present);
      const outputs = [graph.logits, ...presents];
      const need = { graph, kind: 'decode', edits, outputs } as const;
      const captures = watchers.map(({ hook }) => hook);
      const plan = await attempt(() => core.acquire({ ...need, captures }));
      const { config } = o.checkpoint;
      const { caches, logits } = graph;
      return makeDecodeSession({
        ort,
        config,
        lanes,
        edits,
        watchers,
        caches,
        logits,
        plan,
        attempt,
        gather,
      });
    },
    dispose: () => core.dispose(),
  };
}
