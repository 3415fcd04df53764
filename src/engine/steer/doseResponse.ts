// One slot at many strengths over one text: the baseline's own tokens are read each time, so that every
// strength is judged on the same context. New texts are generated for surprise only, on request.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { maskClassOf } from '../../core/steer/steerMask';
import { checkSteering, startValues, type Steering } from '../../core/steer/steering';
import type { DosePoint, DoseResponse, SampledSurprise } from '../../core/steer/steeringReport';
import {
  klDivergence,
  logProbOf,
  rankOf,
  readDistribution,
  likeliest,
} from '../../core/generate/tokenChoice';
import type { Distribution } from '../../core/generate/tokenChoice';
import type { DoseRequest } from './api';
import { sampleSurprise } from './doseSurprise';
import { checkRequest, encodePrompt } from '../generate/generationRequest';
import { viewToken } from '../model/tokenView';
import type { EngineHosts } from '../hosts';
import type { PreparedSteering } from './preparedSteering';
import { makeJobSlot, type Job } from '../jobs';
import type { JobId } from '../shared/api';
import { makeTextLanes } from '../generate/textLanes';
import type { VectorHost } from './vectorHost';

type Hosts = Pick<EngineHosts, 'parts' | 'device' | 'modelHost' | 'library' | 'jobs' | 'emit'> & {
  vectors: Pick<VectorHost, 'get'>;
};

export type DoseHost = {
  measure: (request: DoseRequest, jobId?: JobId) => Promise<DoseResponse>;
};

const POINTS = 13;
const LIMIT = 3;
const TOKENS = 64;
const MAX_POINTS = 101;

/** 13 from −3 to 3. */
function defaultValues(): number[] {
  return Array.from({ length: POINTS }, (_, i) => -LIMIT + (2 * LIMIT * i) / (POINTS - 1));
}

export function createDoseHost(hosts: Hosts): DoseHost {
  const slot = makeJobSlot(hosts, {
    kind: 'dose',
    cancelled: 'The dose-response was cancelled.',
  });
  hosts.modelHost.onClosing(slot.end);
  return {
    measure: (request, jobId) => slot.run(jobId, (job) => measure(hosts, request, job)),
  };
}

async function measure(hosts: Hosts, request: DoseRequest, job: Job): Promise<DoseResponse> {
  const { tokenizer, facts } = hosts.modelHost.current();
  const { generation, slotId } = request;
  const { steer } = generation;
  const promptIds = encodePrompt(tokenizer, generation.prompt);
  checkRequest(generation, promptIds.length, facts.sequence_len);
  checkSteering(steer);
  const slot = steer.slots.findIndex(({ id }) => id === slotId);
  if (slot < 0) throw new ConfigError(`No slot is called ${slotId}.`, 'steer');
  const values = checkValues(request.values ?? defaultValues());
  const outside = request.watched.find((tokenId) => !(tokenId >= 0 && tokenId < facts.vocab_size));
  if (outside !== undefined) {
    throw new ConfigError(
      `Token ${outside} is not one of the model's ${facts.vocab_size}.`,
      'watched',
    );
  }
  const room = facts.sequence_len - promptIds.length;
  const wanted = Math.min(request.tokens ?? TOKENS, room);
  job.tell('reading the baseline', 0, values.length, 'steps');
  const said = await sayBaseline(hosts, request, promptIds, wanted, job);
  const text = Int32Array.from([...promptIds, ...said]);
  const { prepareSteering } = await import('./preparedSteering');
  const prepared = await prepareSteering(hosts, steer, {
    lanes: ['steered'],
    maxRows: text.length,
    breathe: hosts.parts.breathe,
  });
  try {
    const asked = { request, steer, slot, values, promptIds, text, prepared, job };
    return {
      slotId,
      prompt: [...promptIds],
      baseline: said.map((tokenId) => viewToken(tokenizer, tokenId)),
      ...(await readPoints(hosts, asked)),
    };
  } finally {
    prepared.dispose();
  }
}

function checkValues(values: readonly number[]): readonly number[] {
  const isFine = values.length >= 1 && values.length <= MAX_POINTS && values.every(Number.isFinite);
  if (isFine) return values;
  throw new ConfigError(`1 to ${MAX_POINTS} strengths are read: ${values.join(', ')}`, 'values');
}

/** The unsteered model's own text after the prompt, with the request's sampling. */
async function sayBaseline(
  hosts: Hosts,
  { generation }: DoseRequest,
  promptIds: Int32Array,
  count: number,
  { signal }: Job,
): Promise<number[]> {
  const { tokenizer } = hosts.modelHost.current();
  const runtime = await hosts.modelHost.runtime();
  const session = await runtime.startDecode({ lanes: 1, edits: [] });
  try {
    const { temperature, seed, topK } = generation;
    const lanes = makeTextLanes({
      session,
      tokenizer,
      promptIds,
      names: ['baseline'],
      prefix: {},
      edits: null,
      rule: { temperature, seed, topK: topK === 0 ? null : topK },
    });
    const said: number[] = [];
    while (said.length < count && !lanes.isEnded) {
      signal.throwIfAborted();
      const { tokens } = await lanes.step(() => []);
      said.push(...tokens.map(({ tokenId }) => tokenId));
      await hosts.parts.breathe();
    }
    return said;
  } finally {
    session.dispose();
  }
}

type Reading = {
  request: DoseRequest;
  steer: Steering;
  slot: number;
  values: readonly number[];
  promptIds: Int32Array;
  /** the prompt, then the baseline's own tokens */
  text: Int32Array;
  prepared: PreparedSteering;
  job: Job;
};

async function readPoints(
  hosts: Hosts,
  o: Reading,
): Promise<Pick<DoseResponse, 'points' | 'ownSurprise'>> {
  const { steer, prepared } = o;
  const read = await makeReader(hosts, o);
  const sample = makeSampler(hosts, o);
  // The same plan with every slot off: the unsteered model, without a second set of weights.
  const off = steer.slots.map(() => null);
  const plain = await read(off);
  if (o.request.withSurprise === true) {
    o.job.tell('texts of the unsteered model', 0, o.values.length, 'steps');
  }
  const ownSurprise = await sample(off);
  const points: DosePoint[] = [];
  for (const value of o.values) {
    const values = startValues(steer.slots);
    values[o.slot] = value;
    const { rows, edits } = await read(values);
    const hook = elementAt(prepared.slots, o.slot).hook;
    const relativeNorm = edits.find((edit) => edit.hook === hook)?.meanRelativeNorm ?? 0;
    const compared = comparePoint(plain.rows, rows, o.request.watched);
    const point = { value, relativeNorm, ...compared, surprise: await sample(values) };
    points.push(point);
    hosts.emit({ kind: 'dosePoint', point, done: points.length, total: o.values.length });
    o.job.tell('strengths', points.length, o.values.length, 'steps');
    await hosts.parts.breathe();
  }
  return { points, ownSurprise };
}

type Values = readonly (number | null)[];

/** Generates texts at the given strengths, if requested. */
function makeSampler(
  hosts: Hosts,
  { request, promptIds, prepared, job }: Reading,
): (values: Values) => Promise<SampledSurprise | null> {
  if (request.withSurprise !== true) return () => Promise.resolve(null);
  const { generation } = request;
  const goOn = async () => {
    await hosts.parts.breathe();
    job.signal.throwIfAborted();
  };
  return (values) => sampleSurprise(hosts, { generation, promptIds, prepared, values, goOn });
}

/** Reads the text at the given strengths: the rows that predict the baseline's tokens. */
async function makeReader(hosts: Hosts, o: Reading) {
  const { text, prepared, promptIds } = o;
  const { tokenizer, facts } = hosts.modelHost.current();
  const runtime = await hosts.modelHost.runtime();
  const bosId = tokenizer.specialTokenId('<|bos|>');
  const classes = Array.from(text, (tokenId, position) =>
    maskClassOf({
      isBos: tokenId === bosId,
      isSpecial: tokenizer.isSpecial(tokenId),
      isForced: false,
      isPrompt: position < promptIds.length,
    }),
  );
  return async (values: Values) => {
    o.job.signal.throwIfAborted();
    prepared.prepare({ lane: 0, position: 0, classes, values: () => values });
    const logits = await runtime.logits(text, 1, prepared.edits);
    const { edits } = (await prepared.read()).readout;
    const rows: Distribution[] = [];
    for (let at = promptIds.length - 1; at + 1 < text.length; at++) {
      const width = facts.vocab_size;
      rows.push(readDistribution(logits.slice(at * width, (at + 1) * width)));
    }
    return { rows, edits };
  };
}

function comparePoint(
  plain: readonly Distribution[],
  steered: readonly Distribution[],
  watched: readonly number[],
): Pick<DosePoint, 'meanKl' | 'top1Agreement' | 'deltaLogProb'> {
  const mean = (of: (p: Distribution, q: Distribution) => number) =>
    plain.reduce((sum, p, i) => sum + of(p, elementAt(steered, i)), 0) / Math.max(1, plain.length);
  return {
    meanKl: mean(klDivergence),
    top1Agreement: mean((p, q) => (rankOf(q, likeliest(p, 1)[0]?.tokenId ?? 0) === 1 ? 1 : 0)),
    deltaLogProb: watched.map((tokenId) =>
      mean((p, q) => logProbOf(q, tokenId) - logProbOf(p, tokenId)),
    ),
  };
}
