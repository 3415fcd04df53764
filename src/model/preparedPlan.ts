// A plan ready to run: one session per segment, and the run through all of them with edits in between.
// Knows values and their lifetimes, not what a hook or a cache means.
import type { DeviceHandle, Matrix } from '../core/handles';
import { ShapeError } from '../core/errors';
import type { NanochatCheckpoint } from '../core/model/nanochat';
import { outOfMemoryError } from './modelErrors';
import type { Edit, EditPlace, Watcher } from './modelTypes';
import type { Graph, Initialiser } from './onnx/graph';
import type { ValueRecord } from './onnx/protobuf';
import { formatOnnxModel } from './onnx/protobuf';
import type { Ort, OrtSession, OrtValue } from './ort';
import { disposeValue, toMatrix } from './ort';
import type { Segment } from './planSegments';
import { loadInitialisers } from './weights';

/** The first opset with RMSNormalization. */
const OPSET = 23;

export type PrepareRequest = {
  graph: Graph;
  segments: readonly Segment[];
  checkpoint: NanochatCheckpoint;
  ort: Ort;
  device: DeviceHandle | null;
  cpuOutputs: ReadonlySet<string>;
  isPlacementStrict: boolean;
  onProgress: (done: number, total: number) => void;
};

/** Edits and watchers between segments. Hooks of watchers must be among the plan's captures. */
type PlanVisit = {
  edits: readonly Edit[];
  watchers: readonly Watcher[];
  place: EditPlace;
};

export type PreparedPlan = {
  /** Runs every segment. The caller keeps ownership of the feeds. Returns the values
   *  `wanted`, which the caller disposes. */
  run: (
    feeds: ReadonlyMap<string, OrtValue>,
    wanted: readonly string[],
    visit: PlanVisit,
  ) => Promise<Map<string, OrtValue>>;
  release: () => Promise<void>;
};

/** Initialisers that a segment's nodes read, in reading order. */
function initialisersOf(graph: Graph, segment: Segment): Map<string, Initialiser> {
  const found = new Map<string, Initialiser>();
  for (const name of segment.nodes.flatMap((node) => node.inputs)) {
    const initialiser = graph.initialisers.get(name);
    if (initialiser !== undefined) found.set(name, initialiser);
  }
  return found;
}

/** Values that cross a cut are f32 of any shape. */
function crossingValue(name: string): ValueRecord {
  return { name, type: 'float32', shape: null };
}

/** A segment as ONNX, and the weights that lie beside it. */
export type OnnxFiles = {
  model: Uint8Array;
  /** `path` as the model names it */
  externalData: readonly { path: string; data: Uint8Array }[];
};

/** Reads the weights of a segment; `tell` is called after each initialiser. */
export async function formatSegment(
  { graph, checkpoint }: Pick<PrepareRequest, 'graph' | 'checkpoint'>,
  segment: Segment,
  tell: () => void,
): Promise<OnnxFiles> {
  const loaded = await loadInitialisers(initialisersOf(graph, segment), checkpoint, tell);
  const model = formatOnnxModel(
    {
      name: 'segment',
      nodes: segment.nodes,
      inputs: segment.inputs.map((name) => graph.inputs.get(name) ?? crossingValue(name)),
      outputs: segment.outputs.map(crossingValue),
      initialisers: loaded.records,
    },
    OPSET,
  );
  return { model, externalData: loaded.externalData };
}

async function prepareSegment(
  o: PrepareRequest,
  segment: Segment,
  tell: () => void,
): Promise<OrtSession> {
  const files = await formatSegment(o, segment, tell);
  const { device, cpuOutputs, isPlacementStrict } = o;
  const { outputs } = segment;
  return o.ort.createSession({ ...files, device, outputs, cpuOutputs, isPlacementStrict });
}

/** Reads weights and creates the sessions; on failure throws ModelError and releases all of them. */
export async function preparePlan(o: PrepareRequest): Promise<PreparedPlan> {
  const total = o.segments.reduce((sum, one) => sum + initialisersOf(o.graph, one).size, 0);
  let done = 0;
  const tell = () => o.onProgress(++done, total);
  const sessions: OrtSession[] = [];
  const release = async () => {
    await Promise.all(sessions.splice(0).map((session) => session.release()));
  };
  try {
    for (const segment of o.segments) sessions.push(await prepareSegment(o, segment, tell));
  } catch (cause) {
    await release();
    // The browser's error when an array of weights cannot be allocated.
    throw cause instanceof RangeError ? outOfMemoryError('read the weights', cause) : cause;
  }
  return {
    run: (feeds, wanted, visit) => runSegments(o, sessions, feeds, wanted, visit),
    release,
  };
}

async function runSegments(
  { segments, ort }: PrepareRequest,
  sessions: readonly OrtSession[],
  feeds: ReadonlyMap<string, OrtValue>,
  wanted: readonly string[],
  { edits, watchers, place: place }: PlanVisit,
): Promise<Map<string, OrtValue>> {
  /** values produced by the segments: owned here until the end, on every path */
  const own = new Map<string, OrtValue>();
  /** by name, the matrix of an edit that replaces a value for the next segment */
  const replaced = new Map<string, OrtValue>();
  const drop = (name: string) => {
    const value = own.get(name);
    own.delete(name);
    if (value !== undefined) disposeValue(value);
  };
  try {
    for (const [index, segment] of segments.entries()) {
      const find = (name: string) => replaced.get(name) ?? own.get(name) ?? feeds.get(name)!;
      const inputs = new Map(segment.inputs.map((name) => [name, find(name)]));
      const produced = await sessions[index]!.run(inputs);
      for (const [name, value] of produced) own.set(name, value);
      if (segment.edit !== null) {
        const value = own.get(segment.edit)!;
        const edited = await applyEdits(segment.edit, toMatrix(value), edits, place);
        if (edited !== null) replaced.set(segment.edit, ort.makeMatrixValue(edited));
      }
      for (const { hook, see } of watchers) {
        if (produced.has(hook)) see(toMatrix(find(hook)), place);
      }
      const later = segments.slice(index + 1).flatMap((next) => next.inputs);
      for (const name of [...own.keys()]) {
        if (!later.includes(name) && !wanted.includes(name)) drop(name);
      }
    }
    const results = new Map(wanted.map((name) => [name, own.get(name)!]));
    own.clear();
    return results;
  } finally {
    for (const name of [...own.keys()]) drop(name);
  }
}

/** The edits of one hook one after the other; null when all of them changed x in place. */
async function applyEdits(
  hook: string,
  x: Matrix,
  edits: readonly Edit[],
  place: EditPlace,
): Promise<Matrix | null> {
  let current = x;
  for (const edit of edits) {
    if (edit.hook === hook) current = await edit.apply(current, place);
  }
  if (current.rows !== x.rows || current.cols !== x.cols) {
    throw new ShapeError(
      `edit at ${hook}: returned [${current.rows}, ${current.cols}], expected [${x.rows}, ${x.cols}]`,
    );
  }
  return current === x ? null : current;
}
