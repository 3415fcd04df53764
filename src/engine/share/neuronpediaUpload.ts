// Sends upload bodies (saeExport.ts, 'upload') to a Neuronpedia with the user's own key, from a program: a page cannot,
// since its server allows no other site the header of the key. It first says what will leave and asks; it can be
// interrupted and goes on where it was. The key is in the requests' header and nowhere else.
import * as v from 'valibot';
import { ConfigError, FormatError } from '../../core/errors';
import { visibleText } from '../../core/text/visibleText';
import { checkUploadBody, type UploadBody } from '../../formats/sae/neuronpediaUpload';
import { readJson } from '../../formats/archives/json';
import { sha256Hex } from '../../storage/storage';
import { CancelledError } from '../problems';
import { NEW_MODEL_FILE, NEW_SOURCE_SET_FILE } from './saeExport';

export const NEURONPEDIA = 'https://www.neuronpedia.org';

/** A file of the export; read anew each time, so that none lies in memory longer than its request. */
export type UploadFile = { path: string; read: () => Promise<Uint8Array<ArrayBuffer>> };

/** What will leave the machine, for the user to see before it does. */
export type UploadPlan = {
  site: string;
  modelId: string;
  source: string;
  requests: number;
  bytes: number;
  features: number;
  /** pieces of the text of the statistics */
  texts: number;
  explanations: number;
};

/** What was accepted, so that a second start does not send it again: by file, the hash of its bytes. */
export type UploadState = { site: string; sent: Record<string, string> };

export type UploadOptions = {
  files: readonly UploadFile[];
  /** absent: neuronpedia.org */
  site?: string;
  apiKey: string;
  /** nothing is sent */
  isDryRun?: boolean;
  confirm: (plan: UploadPlan) => Promise<boolean>;
  journal: {
    read: () => Promise<UploadState | null>;
    write: (state: UploadState) => Promise<void>;
  };
  onProgress?: (o: { done: number; total: number; waitingMs: number }) => void;
  signal?: AbortSignal;
  /** of the platform; injected, so that a test needs no network and no clock */
  fetch: typeof fetch;
  now: () => number;
  wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
};

export type UploadResult = { plan: UploadPlan; sent: number; alreadyThere: number };

/** The server refused, or could not be reached. What was accepted before is in the journal. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly wayOut: string;

  constructor(message: string, wayOut: string) {
    super(message);
    this.wayOut = wayOut;
  }
}

/** Requests in an hour: its limit for batches is 1,000. */
const MOST_PER_HOUR = 900;
const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 120_000;
/** Tries of one request while the server or the way to it fails. */
const TRIES = 4;
const FIRST_WAIT_MS = 2_000;
/** After 429 without a Retry-After; doubled each time, at most an hour. */
const LIMITED_WAIT_MS = 60_000;
const LIMITED_TRIES = 8;
/** An answer is a sentence. */
const MAX_ANSWER = 64 * 1024;

const NewModel = v.looseObject({ id: v.string(), layers: v.number() });
const NewSourceSet = v.looseObject({ name: v.string(), modelId: v.string() });

/** Answers that mean: it is there already, which is as good. */
const THERE = /^(Model already exists|Source set name already exists for this model\.?)$/;

type Step = { file: UploadFile; route: string; features: number };

/** Reads all files, checks them against what the server accepts, and says what they hold. Throws FormatError. */
export async function planUpload(
  files: readonly UploadFile[],
  site = NEURONPEDIA,
): Promise<{ plan: UploadPlan; steps: Step[] }> {
  const named = (name: string) => files.find(({ path }) => path === name);
  const model = v.parse(NewModel, await jsonOf(required(named(NEW_MODEL_FILE), NEW_MODEL_FILE)));
  const set = v.parse(
    NewSourceSet,
    await jsonOf(required(named(NEW_SOURCE_SET_FILE), NEW_SOURCE_SET_FILE)),
  );
  const batches = files
    .filter(({ path }) => /^features-\d+\.json$/.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const plan: UploadPlan = {
    site,
    modelId: model.id,
    source: '',
    requests: batches.length + 2,
    bytes: 0,
    features: 0,
    texts: 0,
    explanations: 0,
  };
  const steps: Step[] = [
    { file: required(named(NEW_MODEL_FILE), NEW_MODEL_FILE), route: '/api/model/new', features: 0 },
    {
      file: required(named(NEW_SOURCE_SET_FILE), NEW_SOURCE_SET_FILE),
      route: '/api/source-set/new',
      features: 0,
    },
  ];
  for (const file of batches) {
    const bytes = await file.read();
    const body = checkUploadBody(parsed(bytes, file.path));
    checkPlace(body, { model, set, plan, path: file.path });
    plan.source = body.source;
    plan.bytes += bytes.byteLength;
    plan.features += body.features.length;
    for (const { activations, explanations } of body.features) {
      plan.texts += activations.length;
      plan.explanations += explanations.length;
    }
    steps.push({ file, route: '/api/feature/upload-batch', features: body.features.length });
  }
  if (batches.length === 0) throw new FormatError('upload: no features-0000.json; export it again');
  return { plan, steps };
}

function checkPlace(
  body: UploadBody,
  o: {
    model: v.InferOutput<typeof NewModel>;
    set: v.InferOutput<typeof NewSourceSet>;
    plan: UploadPlan;
    path: string;
  },
): void {
  const isOfSet = body.source.endsWith(`-${o.set.name}`) && o.set.modelId === o.model.id;
  const isOne = o.plan.source === '' || o.plan.source === body.source;
  if (body.modelId === o.model.id && isOfSet && isOne) return;
  throw new FormatError(
    `${o.path}: it is of ${body.source} of ${body.modelId}, the other files of ${o.plan.source || o.set.name} of ${o.model.id}; use the files of one export`,
  );
}

/** Throws CancelledError where the user says no or the signal is aborted, ConfigError for a key or an address that
 *  cannot be one, FormatError for files that the server would refuse, and UploadError. */
export async function uploadToNeuronpedia(o: UploadOptions): Promise<UploadResult> {
  const site = checkedSite(o.site ?? NEURONPEDIA);
  const { plan, steps } = await planUpload(o.files, site);
  if (o.isDryRun === true) return { plan, sent: 0, alreadyThere: 0 };
  checkKey(o.apiKey);
  if (!(await o.confirm(plan))) throw new CancelledError('Nothing was uploaded.');
  const known = await o.journal.read();
  const state: UploadState = { site, sent: known?.site === site ? { ...known.sent } : {} };
  const pace = makePace(o);
  let [sent, alreadyThere] = [0, 0];
  for (const [done, { file, route }] of steps.entries()) {
    o.signal?.throwIfAborted();
    const tell = (waitingMs: number) => o.onProgress?.({ done, total: steps.length, waitingMs });
    tell(0);
    const bytes = await file.read();
    const hash = await sha256Hex(bytes);
    if (state.sent[file.path] === hash) {
      alreadyThere++;
      continue;
    }
    const wasThere = await post(o, { url: `${site}${route}`, path: file.path, bytes, pace, tell });
    state.sent[file.path] = hash;
    await o.journal.write(state);
    if (wasThere) alreadyThere++;
    else sent++;
  }
  o.onProgress?.({ done: steps.length, total: steps.length, waitingMs: 0 });
  return { plan, sent, alreadyThere };
}

/** Waits until another request is allowed. */
type Pace = (tell: (waitingMs: number) => void) => Promise<void>;

function makePace({ now, wait, signal }: UploadOptions): Pace {
  const times: number[] = [];
  return async (tell) => {
    while (times.length > 0 && (times[0] ?? 0) <= now() - HOUR_MS) times.shift();
    if (times.length >= MOST_PER_HOUR) {
      const waitingMs = (times[0] ?? 0) + HOUR_MS - now();
      tell(waitingMs);
      await wait(waitingMs, signal);
      times.shift();
    }
    times.push(now());
  };
}

type Request = {
  url: string;
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
  pace: Pace;
  tell: (waitingMs: number) => void;
};

/** True where it was there already. */
async function post(o: UploadOptions, request: Request): Promise<boolean> {
  let [failures, limits] = [0, 0];
  for (;;) {
    await request.pace(request.tell);
    const answer = await ask(o, request);
    if (answer.status >= 200 && answer.status < 300) return false;
    if (answer.status === 400 && THERE.test(answer.text)) return true;
    let waitingMs: number;
    if (answer.status === 429 && limits < LIMITED_TRIES) {
      waitingMs = Math.min(HOUR_MS, answer.retryAfterMs ?? LIMITED_WAIT_MS * 2 ** limits++);
      if (answer.retryAfterMs !== null) limits++;
    } else if ((answer.status === 0 || answer.status >= 500) && failures < TRIES - 1) {
      waitingMs = FIRST_WAIT_MS * 2 ** failures++;
    } else {
      throw refusal(request, answer);
    }
    request.tell(waitingMs);
    await o.wait(waitingMs, o.signal);
    o.signal?.throwIfAborted();
  }
}

/** status 0: no answer. */
type Answer = { status: number; text: string; retryAfterMs: number | null };

async function ask(o: UploadOptions, { url, bytes }: Request): Promise<Answer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = o.signal === undefined ? timeout : AbortSignal.any([o.signal, timeout]);
  try {
    const response = await o.fetch(url, {
      method: 'POST',
      headers: { 'x-api-key': o.apiKey, 'Content-Type': 'application/json' },
      body: bytes,
      // The key must not go where the server points.
      redirect: 'error',
      signal,
    });
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    return {
      status: response.status,
      text: sentenceOf(await limitedText(response)),
      retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
    };
  } catch (cause) {
    o.signal?.throwIfAborted();
    const text = cause instanceof Error ? cause.message : String(cause);
    return { status: 0, text, retryAfterMs: null };
  }
}

async function limitedText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += decoder.decode(next.value, { stream: true });
      if (text.length > MAX_ANSWER) break;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return text.slice(0, MAX_ANSWER);
}

/** {"error": …, "path": …} of its routes, otherwise the beginning of whatever it said. */
function sentenceOf(text: string): string {
  try {
    const { error, message, path } = JSON.parse(text) as Record<string, unknown>;
    const said = typeof error === 'string' ? error : message;
    if (typeof said === 'string') {
      return shortened(typeof path === 'string' ? `${said} (${path})` : said);
    }
  } catch {
    // Not JSON: a page of whatever stands before the server.
  }
  return shortened(text);
}

function shortened(text: string): string {
  return visibleText(text.replace(/\s+/g, ' ').trim().slice(0, 300));
}

function refusal({ path, url }: Request, { status, text }: Answer): UploadError {
  const { host } = new URL(url);
  const what = `${path}: ${host} answered ${status}${text === '' ? '' : `: ${text}`}`;
  const goOn = 'What was accepted is noted: start the same upload again to go on.';
  if (status === 0) {
    return new UploadError(
      `${path}: ${host} could not be reached: ${text}`,
      `Check the connection. ${goOn}`,
    );
  }
  if (status === 401 || status === 403) {
    return new UploadError(what, 'Check the key: it stands under Settings on the site.');
  }
  if (status === 429) return new UploadError(what, `Wait an hour. ${goOn}`);
  if (status >= 500) {
    return new UploadError(
      what,
      `The server says so, too, where the source set belongs to another user or has no such layer: choose another name for the set, or try again later. ${goOn}`,
    );
  }
  return new UploadError(what, 'Change what it names, export again, and upload that.');
}

/** https, or this machine. Throws ConfigError. */
function checkedSite(site: string): string {
  const url = URL.canParse(site) ? new URL(site) : null;
  const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const isPlain = url !== null && url.username === '' && url.search === '' && url.hash === '';
  if (isPlain && (url.protocol === 'https:' || (isLocal && url.protocol === 'http:'))) {
    return url.origin;
  }
  throw new ConfigError(
    `The address of Neuronpedia must begin with https:// (http:// on this machine only): ${site}`,
    'site',
  );
}

/** Without ever showing it. */
function checkKey(apiKey: string): void {
  if (/^[\x21-\x7e]{8,512}$/.test(apiKey)) return;
  throw new ConfigError(
    apiKey === ''
      ? 'There is no API key: set NEURONPEDIA_API_KEY to yours.'
      : 'NEURONPEDIA_API_KEY is not a key: it must be 8 to 512 letters, digits and signs, without spaces.',
    'apiKey',
  );
}

function required(file: UploadFile | undefined, name: string): UploadFile {
  if (file !== undefined) return file;
  throw new FormatError(`upload: no ${name}; use the folder as it was exported`);
}

async function jsonOf(file: UploadFile): Promise<unknown> {
  return parsed(await file.read(), file.path);
}

function parsed(bytes: Uint8Array, path: string): unknown {
  return readJson(new TextDecoder().decode(bytes), path);
}
