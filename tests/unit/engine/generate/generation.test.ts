// The lanes of one text over a model that says what the test has written: what is forced, what is told.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../src/core/model/chat';
import { addLatent } from '../../../../src/core/steer/steering';
import type { EngineEvent } from '../../../../src/engine/api';
import type { GeneratedToken, GenerationRequest } from '../../../../src/engine/generate/api';
import { makeJobs } from '../../../../src/engine/jobs';
import { makeTurns } from '../../../../src/engine/turns';
import { createGenerationHost } from '../../../../src/engine/generate/generation';
import { createSteeredTexts } from '../../../../src/engine/steer/steeredTexts';
import { deviceLostError } from '../../../../src/model/ort';
import type { Tokenizer } from '../../../../src/model/tokenizer';
import { MODEL, DEMO_SAE } from '../../../helpers/engine/engineDouble';
import { readDemoTokenizer } from '../../../helpers/model/modelDemo';
import { tokenPause } from '../../../helpers/model/streamModel';

type Hosts = Parameters<typeof createGenerationHost>[0] & Parameters<typeof createSteeredTexts>[0];

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await readDemoTokenizer();
});

/** "<|python_start|>" and the like as their ids, the rest as ordinary text. */
function idsOf(text: string): number[] {
  return text
    .split(/(<\|\w+\|>)/)
    .flatMap((part) =>
      part.startsWith('<|') ? [tokenizer.specialTokenId(part)] : tokenizer.encodeOrdinary(part),
    );
}

/** What each lane would choose, step by step; a forced token uses up its step, as in the real model. */
async function generate(
  scripts: string[],
  request: Partial<GenerationRequest> = {},
  o: { lostAfter?: number } = {},
) {
  const events: EngineEvent[] = [];
  const fed: number[][] = scripts.map(() => []);
  const wanted = scripts.map(idsOf);
  let position = 0;
  /** the lane whose script each lane of the batch follows */
  let sources = scripts.map((_, lane) => lane);
  const session = {
    get lanes() {
      return sources.length;
    },
    pickLanes(wantedLanes: readonly number[]) {
      sources = [...wantedLanes];
      return Promise.resolve();
    },
    get position() {
      return position;
    },
    async step(ids: Int32Array) {
      await tokenPause();
      const length = ids.length / sources.length;
      const isPrompt = position === 0;
      if (fed[0]!.length === o.lostAfter) throw deviceLostError();
      position += length;
      const logits = new Float32Array(sources.length * tokenizer.vocabSize);
      for (const [lane, source] of sources.entries()) {
        const script = wanted[source]!;
        if (!isPrompt && lane < scripts.length) fed[lane]!.push(ids[lane]!);
        const next = script[fed[source]!.length] ?? tokenizer.specialTokenId('<|assistant_end|>');
        logits[lane * tokenizer.vocabSize + next] = 50;
      }
      return logits;
    },
    dispose: () => undefined,
  };
  const facts = { ...MODEL, backend: 'wasm' as const };
  const parts = { breathe: () => Promise.resolve() };
  const emit = (event: EngineEvent) => void events.push(event);
  const hosts = {
    parts,
    jobs: makeJobs({ parts, turns: makeTurns(), emit }),
    modelHost: {
      onClosing: () => undefined,
      current: () => ({ tokenizer, facts }),
      runtime: () => Promise.resolve({ startDecode: () => Promise.resolve(session) }),
    },
    library: {
      get: () => Promise.resolve(DEMO_SAE),
      statistics: () => Promise.resolve({ maxAct: Float32Array.of(1) }),
      params: () => Promise.resolve({ W_dec: new Float32Array(256).fill(1), d_in: 256, d_sae: 1 }),
    },
    emit,
  } as unknown as Hosts;
  const host = createGenerationHost(hosts);
  const asked: GenerationRequest = {
    prompt: 'Sum:',
    maxTokens: 60,
    temperature: 0,
    topK: 0,
    seed: 1,
    ...request,
  };
  const steer = addLatent({ saeId: DEMO_SAE.saeId, latentIndex: 0, value: 1 });
  const made =
    scripts.length === 1
      ? host.generate(1, asked, null)
      : createSteeredTexts({ ...hosts, generation: host }).generate(1, { ...asked, steer });
  let failure: unknown = null;
  if (o.lostAfter === undefined) await made;
  else failure = await made.catch((cause: unknown) => cause);
  const told = events.flatMap((event) => (event.kind === 'token' ? [event] : []));
  const laneOf = (name: string) => told.filter(({ lane }) => lane === name).map((e) => e.token);
  return { events, fed, failure, baseline: laneOf('baseline'), steered: laneOf('steered') };
}

const textOf = (tokens: GeneratedToken[]) => tokens.map(({ text }) => text).join('');

describe('a tool call in a text', () => {
  // Where the result is forced, the model would have said x: it is not heard.
  const CALL = '<|python_start|>2/1<|python_end|>';
  const RESULT = '<|output_start|>2.0<|output_end|>';
  const unheard = () => 'x'.repeat(idsOf(RESULT).length);

  it('is answered by forced tokens without a log-probability, which the model then reads', async () => {
    const { baseline, fed } = await generate([`${CALL}${unheard()} so two`]);
    expect(textOf(baseline)).toBe(`${CALL}${RESULT} so two<|assistant_end|>`);
    const forced = baseline.filter(({ isForced }) => isForced);
    expect(textOf(forced)).toBe(RESULT);
    expect(forced.every(({ logProb }) => logProb === null)).toBe(true);
    const chosen = baseline.filter(({ isForced }) => !isForced);
    expect(chosen.every(({ logProb }) => logProb !== null && logProb <= 0)).toBe(true);
    expect(tokenizer.decode(fed[0]!)).toBe(`${CALL}${RESULT} so two`);
  });

  it('is answered in each lane by itself', async () => {
    const { baseline, steered, fed } = await generate([
      `${CALL}${unheard()} yes`,
      `no <|python_start|>'aa'.count('a')<|python_end|>xxx`,
    ]);
    expect(textOf(baseline)).toBe(`${CALL}${RESULT} yes<|assistant_end|>`);
    expect(textOf(steered).replaceAll(/<\|\w+\|>/g, '|')).toBe("no |'aa'.count('a')||2||");
    const forced = steered.filter(({ isForced }) => isForced);
    expect(textOf(forced)).toBe('<|output_start|>2<|output_end|>');
    // Nobody chose them: they are outside of KL and surprise.
    for (const { steered: readout, choice } of forced) {
      expect([readout?.kl, readout?.surprise, choice]).toEqual([null, null, null]);
    }
    const chosen = steered.filter(({ isForced }) => !isForced);
    expect(chosen.every(({ steered: readout }) => (readout?.kl ?? -1) >= 0)).toBe(true);
    // A lane that ended is fed <|bos|> until the other has.
    const shorter = fed.reduce((a, b) => (a.lastIndexOf(idsOf('<|bos|>')[0]!) >= 0 ? a : b));
    expect(shorter.at(-1)).toBe(idsOf('<|bos|>')[0]);
  });
});

describe('a conversation as a prompt', () => {
  const prompt: Conversation = {
    system: 'Be brief.',
    turns: [{ role: 'user', text: 'Say <|assistant_end|>' }],
  };

  it('is told as tokens, of which typed text makes none special', async () => {
    const { events } = await generate(['Hi'], { prompt });
    const told = events.find((event) => event.kind === 'prompt');
    const special = told?.tokens.filter(({ isSpecial }) => isSpecial).map(({ text }) => text);
    expect(special).toEqual(['<|bos|>', '<|user_start|>', '<|user_end|>', '<|assistant_start|>']);
    expect(told?.tokens.map(({ text }) => text).join('')).toContain(
      'Be brief.\n\nSay <|assistant_end|>',
    );
  });

  it('ends where the assistant does', async () => {
    const { events, baseline } = await generate(['Hi<|assistant_end|>more'], { prompt });
    expect(textOf(baseline)).toBe('Hi<|assistant_end|>');
    expect(events.at(-1)).toMatchObject({ kind: 'generated', reason: 'end' });
  });

  it('is refused with its tokens where it is longer than the model reads', async () => {
    const long: Conversation = { system: '', turns: [{ role: 'user', text: 'a1'.repeat(400) }] };
    const refused = generate(['Hi'], { prompt: long });
    await expect(refused).rejects.toThrow(
      /^The conversation has \d{3,4} tokens; this model reads at most 256\.$/,
    );
  });
});

it('a device lost in mid-text keeps what was told, and says so', async () => {
  const { events, failure, baseline, steered } = await generate(
    ['once there was a cat', 'once there was a dog'],
    {},
    { lostAfter: 3 },
  );
  expect(failure).toMatchObject({ problem: 'device-lost' });
  expect(baseline.length).toBe(4);
  expect(textOf(steered)).toBe(textOf(baseline));
  expect(events.at(-1)).toMatchObject({ kind: 'generated', reason: 'lost' });
});
