// The conversation with Neuronpedia's REST routes, against a local server that answers as its code does (interop.md §9).
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../src/engine/problems';
import {
  planUpload,
  UploadError,
  uploadToNeuronpedia,
  type UploadFile,
  type UploadOptions,
  type UploadState,
} from '../../../../src/engine/share/neuronpediaUpload';

const KEY = 'sk-np-0123456789';
type Heard = { url: string; key: string | undefined; body: unknown };
type Reply = { status: number; body: string; headers?: Record<string, string> };
const OK: Reply = { status: 200, body: '{"message":"ok"}' };
const error = (status: number, text: string, headers = {}): Reply => ({
  status,
  body: JSON.stringify({ error: text }),
  headers,
});

let server: Server;
let site: string;
let heard: Heard[];
/** Answers to the next requests; afterwards OK. */
let replies: Reply[];

beforeEach(async () => {
  [heard, replies] = [[], []];
  server = createServer((request, response) => {
    void readAll(request).then((text) => {
      const key = request.headers['x-api-key'];
      heard.push({
        url: request.url ?? '',
        key: typeof key === 'string' ? key : undefined,
        body: JSON.parse(text),
      });
      const { status, body, headers } = replies.shift() ?? OK;
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

const feature = (index: number) => ({
  index,
  density: 0.1,
  topLogits: [{ token: ' a', value: 1 }],
  bottomLogits: [],
  explanations: index === 0 ? [{ text: 'dogs' }] : [],
  activations: [
    {
      tokens: ['The', ' dog'],
      values: [0, 2],
      quantileMin: -1,
      quantileMax: 2,
      quantileFraction: 0,
    },
  ],
});
const fileOf = (path: string, json: object): UploadFile => ({
  path,
  read: () => Promise.resolve(new TextEncoder().encode(JSON.stringify(json))),
});
const batch = (number: number, more: object = {}) =>
  fileOf(`features-000${number}.json`, {
    modelId: 'nanochat-d4',
    source: '1-res-x',
    features: [feature(2 * number), feature(2 * number + 1)],
    ...more,
  });
const files = () => [
  fileOf('README.md', {}),
  batch(1),
  batch(0),
  fileOf('source-set.json', { name: 'res-x', modelId: 'nanochat-d4', description: 'x' }),
  fileOf('model.json', { id: 'nanochat-d4', layers: 4, displayName: 'd4' }),
];

/** Time passes only by waiting. */
function clock() {
  const at = { now: 0, waits: [] as number[] };
  return {
    at,
    now: () => at.now,
    wait: (ms: number) => {
      at.waits.push(ms);
      at.now += ms;
      return Promise.resolve();
    },
  };
}

function upload(more: Partial<UploadOptions> = {}, state: UploadState | null = null) {
  const written: UploadState[] = [];
  const time = clock();
  const result = uploadToNeuronpedia({
    files: files(),
    site,
    apiKey: KEY,
    confirm: () => Promise.resolve(true),
    journal: {
      read: () => Promise.resolve(state),
      write: (now) => {
        written.push(structuredClone(now));
        return Promise.resolve();
      },
    },
    fetch,
    now: time.now,
    wait: time.wait,
    ...more,
  });
  return { result, written, waits: time.at.waits };
}
const failureOf = (result: Promise<unknown>) =>
  result.then(
    () => new Error('went well'),
    (cause: unknown) => cause as Error,
  );

const refusalOf = async (result: Promise<unknown>): Promise<UploadError> => {
  const failure = await failureOf(result);
  if (failure instanceof UploadError) return failure;
  throw failure;
};

describe('uploadToNeuronpedia', () => {
  it('makes model and set, then sends the batches in order, with the key in the header only', async () => {
    const { result, written } = upload();
    expect(await result).toMatchObject({ sent: 4, alreadyThere: 0 });
    expect(heard.map(({ url }) => url)).toEqual([
      '/api/model/new',
      '/api/source-set/new',
      '/api/feature/upload-batch',
      '/api/feature/upload-batch',
    ]);
    expect(heard.every(({ key }) => key === KEY)).toBe(true);
    const sent = heard
      .slice(2)
      .map(({ body }) => (body as { features: { index: number }[] }).features);
    expect(sent.flat().map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(JSON.stringify([heard.map(({ body }) => body), written])).not.toContain(KEY);
  });

  it('says what will leave, and sends nothing in a dry run or without a yes', async () => {
    const dry = await upload({ isDryRun: true, apiKey: '' }).result;
    expect(dry.plan).toMatchObject({
      site,
      modelId: 'nanochat-d4',
      source: '1-res-x',
      requests: 4,
      features: 4,
      texts: 4,
      explanations: 1,
    });
    const asked: unknown[] = [];
    const { result } = upload({
      confirm: (plan) => {
        asked.push(plan);
        return Promise.resolve(false);
      },
    });
    expect(await failureOf(result)).toBeInstanceOf(CancelledError);
    expect(asked).toEqual([dry.plan]);
    expect(heard).toEqual([]);
  });

  it('goes on where it was, and sends again what changed', async () => {
    replies = [OK, OK, OK, error(400, 'features[0].index must be less')];
    const first = upload();
    const failure = await failureOf(first.result);
    expect(failure).toBeInstanceOf(UploadError);
    expect(failure.message).toContain('features-0001.json: 127.0.0.1');
    expect(failure.message).toContain('answered 400: features[0].index must be less');
    heard = [];
    const second = upload({}, first.written.at(-1) ?? null);
    expect(await second.result).toMatchObject({ sent: 1, alreadyThere: 3 });
    expect(heard).toHaveLength(1);
    heard = [];
    const changed = [
      ...files().filter(({ path }) => path !== 'features-0000.json'),
      batch(0, { features: [feature(9)] }),
    ];
    const third = upload({ files: changed }, second.written.at(-1) ?? null);
    expect(await third.result).toMatchObject({ sent: 1, alreadyThere: 3 });
    // Another site knows nothing of it.
    heard = [];
    await upload({}, { site: 'https://elsewhere.org', sent: second.written.at(-1)?.sent ?? {} })
      .result;
    expect(heard).toHaveLength(4);
  });

  it('takes what is there already for done', async () => {
    replies = [
      error(400, 'Model already exists'),
      error(400, 'Source set name already exists for this model.'),
    ];
    expect(await upload().result).toMatchObject({ sent: 2, alreadyThere: 2 });
  });

  it('waits as long as the server says, then longer and longer, and gives up', async () => {
    replies = [error(429, 'Rate limit exceeded', { 'retry-after': '7' }), error(429, 'again')];
    const limited = upload();
    await limited.result;
    expect(limited.waits).toEqual([7000, 120_000]);
    replies = Array.from({ length: 20 }, () => error(429, 'Rate limit exceeded'));
    const { result, waits } = upload();
    const failure = await failureOf(result);
    expect(failure.message).toContain('answered 429: Rate limit exceeded');
    expect(waits).toHaveLength(8);
    expect(waits.every((ms) => ms <= 3_600_000)).toBe(true);
  });

  it('tries again where the server fails, and names what may be the cause where it goes on failing', async () => {
    const fault = error(500, 'Something went wrong on our end. The error has been reported.');
    replies = [fault, fault];
    const mended = upload();
    expect(await mended.result).toMatchObject({ sent: 4 });
    expect(mended.waits).toEqual([2000, 4000]);
    replies = [OK, OK, fault, fault, fault, fault];
    const failure = await refusalOf(upload().result);
    expect(failure.message).toContain('answered 500: Something went wrong on our end');
    expect(failure.wayOut).toContain('belongs to another user');
  });

  it.each([
    [error(401, 'This endpoint requires authorization.'), 'answered 401', 'Check the key'],
    [
      { status: 302, body: '', headers: { location: '/elsewhere' } },
      'could not be reached',
      'connection',
    ],
    [
      { status: 404, body: '<html>\n<h1>Not\u202e here</h1>' },
      '<html> <h1>Not',
      'Change what it names',
    ],
  ])('makes a sentence of every answer: %#', async (reply, sentence, wayOut) => {
    replies = [reply, reply, reply, reply];
    const failure = await refusalOf(upload().result);
    expect(failure.message).toContain(sentence);
    expect(failure.message).not.toContain('\u202e');
    expect(failure.wayOut).toContain(wayOut);
    expect(failure.message + String(failure.stack)).not.toContain(KEY);
  });

  it('reads no more of an answer than a sentence needs', async () => {
    replies = [{ status: 200, body: 'x'.repeat(2_000_000) }];
    expect(await upload().result).toMatchObject({ sent: 4 });
  });

  it('sends no more than 900 requests in an hour', async () => {
    const time = clock();
    const starts: number[] = [];
    const answers = () => {
      starts.push(time.at.now);
      return Promise.resolve(new Response('{}'));
    };
    const many = Array.from({ length: 1000 }, (_, i) => {
      const path = `features-${String(i).padStart(4, '0')}.json`;
      const body = { modelId: 'nanochat-d4', source: '1-res-x', features: [feature(i)] };
      return fileOf(path, body);
    });
    await upload({ files: [...files().slice(3), ...many], fetch: answers, ...time }).result;
    expect(starts).toHaveLength(1002);
    for (const [i, start] of starts.entries()) {
      if (i >= 900) expect(start - (starts[i - 900] ?? 0)).toBeGreaterThanOrEqual(3_600_000);
    }
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const { result } = upload({
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 2) controller.abort(new CancelledError('stopped'));
      },
    });
    expect(await failureOf(result)).toBeInstanceOf(CancelledError);
    expect(heard).toHaveLength(2);
  });

  it.each([
    [{ apiKey: '' }, 'There is no API key'],
    [{ apiKey: 'has a space in it' }, 'without spaces'],
    [{ site: 'http://neuronpedia.org' }, 'must begin with https://'],
    [{ site: 'https://user:x@neuronpedia.org' }, 'must begin with https://'],
    [{ site: 'nowhere' }, 'must begin with https://'],
  ])('refuses what cannot be right before anything leaves: %o', async (more, sentence) => {
    const failure = await failureOf(upload(more).result);
    expect(failure.message).toContain(sentence);
    expect(heard).toEqual([]);
  });
});

describe('planUpload', () => {
  it.each<[string, UploadFile[], string]>([
    ['no features', files().slice(3), 'no features-0000.json'],
    ['no model', files().slice(0, 4), 'no model.json'],
    ['another model', [...files(), batch(2, { modelId: 'other' })], 'of other'],
    ['another layer', [...files(), batch(2, { source: '2-res-x' })], 'of 2-res-x'],
    [
      'an index twice',
      [...files(), batch(2, { features: [feature(7), feature(7)] })],
      'each index once',
    ],
    [
      'a strange key',
      [...files(), batch(2, { features: [{ ...feature(7), x: 1 }] })],
      'features.0.x',
    ],
    [
      'too many features',
      [...files(), batch(2, { features: Array.from({ length: 129 }, (_, i) => feature(i)) })],
      'features: Invalid length',
    ],
  ])('finds %s before the server does', async (_, drop, sentence) => {
    expect((await failureOf(planUpload(drop))).message).toContain(sentence);
  });
});
