// Streams text token by token: one lane, or baseline and steered lane in lockstep over one batch with
// shared noise, so that neutral strength gives the same text. A tool's tokens are forced in each lane by
// itself. One generation at a time.
import { renderForReply } from '../core/chat';
import { ConfigError } from '../core/errors';
import { logProbability, sampleToken, type SamplingRule } from '../core/sampling';
import { makeToolUse } from '../core/toolUse';
import type { DecodeSession } from '../model/modelTypes';
import type { Tokenizer } from '../model/tokenizer';
import type { Steering } from '../core/steering';
import type { GenerationRequest, TokenView } from './api';
import type { EngineHosts } from './hosts';
import { checkSaeFits } from './saeFit';
import { createSteeringEdit, type SteeringEdit } from './steering';

const LANES = ['baseline', 'steered'] as const;
/** Tokens that end a text (nanochat.md 4). */
const END_TOKENS = ['<|bos|>', '<|assistant_end|>'] as const;

type EndReason = 'length' | 'stop' | 'end' | 'context' | 'failed';

export type GenerationHost = {
  generate: (generationId: number, request: GenerationRequest) => Promise<void>;
  stop: () => void;
  /** in multiples of max activation; read once per token */
  setSlotValue: (slotId: string, value: number | null) => void;
};

type Hosts = Pick<EngineHosts, 'parts' | 'device' | 'modelHost' | 'library' | 'emit'>;

/** What one generation shares with the controls of the page. */
type Controls = { isStopWanted: boolean; strength: number };

export function createGenerationHost(hosts: Hosts): GenerationHost {
  let controls: Controls = { isStopWanted: false, strength: 0 };
  let running: Promise<unknown> = Promise.resolve();
  return {
    stop() {
      controls.isStopWanted = true;
    },
    setSlotValue(_slotId, value) {
      controls.strength = value ?? 0;
    },
    async generate(generationId, request) {
      // A new request ends the old one.
      controls.isStopWanted = true;
      const previous = running;
      const mine: Controls = { isStopWanted: false, strength: request.steer?.slots[0]?.value ?? 0 };
      controls = mine;
      const work = previous
        .catch(() => undefined)
        .then(() => generateText(hosts, mine, generationId, request));
      running = work;
      let reason: EndReason = 'failed';
      try {
        reason = await work;
      } finally {
        hosts.emit({ kind: 'generated', generationId, reason, divergence: null, automation: null });
      }
    },
  };
}

async function generateText(
  hosts: Hosts,
  controls: Controls,
  generationId: number,
  request: GenerationRequest,
): Promise<EndReason> {
  const { tokenizer, facts } = hosts.modelHost.current();
  const promptIds = encodePrompt(tokenizer, request.prompt);
  checkRequest(request, promptIds.length, facts.sequence_len);
  const tokens = Array.from(promptIds, (tokenId) => viewToken(tokenizer, tokenId));
  hosts.emit({ kind: 'prompt', generationId, tokens });
  const runtime = await hosts.modelHost.runtime();
  const edit =
    request.steer === null
      ? null
      : await prepareEdit(hosts, controls, request.steer, facts.sequence_len);
  let session: DecodeSession | null = null;
  try {
    session = await runtime.startDecode({
      lanes: edit === null ? 1 : 2,
      edits: edit === null ? [] : [edit],
    });
    return await streamTokens(hosts, controls, { generationId, request, session, promptIds });
  } finally {
    session?.dispose();
    edit?.dispose();
  }
}

async function streamTokens(
  hosts: Hosts,
  controls: Controls,
  o: {
    generationId: number;
    request: GenerationRequest;
    session: DecodeSession;
    promptIds: Int32Array;
  },
): Promise<EndReason> {
  const { tokenizer, facts } = hosts.modelHost.current();
  const { generationId, request, session } = o;
  const endIds = END_TOKENS.map((name) => tokenizer.specialTokenId(name));
  const { temperature, seed } = request;
  const rule: SamplingRule = { temperature, seed, topK: request.topK === 0 ? null : request.topK };
  /** A lane that ended goes on being fed <|bos|>, so that the batch keeps its shape. */
  const isEnded = new Array<boolean>(session.lanes).fill(false);
  const tools = Array.from({ length: session.lanes }, () => makeToolUse(tokenizer));
  let input: Int32Array = repeat(o.promptIds, session.lanes);
  for (let count = 0; count < request.maxTokens; count++) {
    if (controls.isStopWanted) return 'stop';
    if (session.position + input.length / session.lanes > facts.sequence_len) return 'context';
    // The strength that the edit reads in this step: the token below is chosen under it.
    const { strength } = controls;
    const logits = await session.step(input);
    const vocabSize = logits.length / session.lanes;
    const next = new Int32Array(session.lanes).fill(endIds[0] ?? 0);
    for (const [lane, name] of LANES.slice(0, session.lanes).entries()) {
      if (isEnded[lane] === true) continue;
      const row = logits.subarray(lane * vocabSize, (lane + 1) * vocabSize);
      const forced = tools[lane]?.forced() ?? null;
      const tokenId = forced ?? sampleToken(row, rule, session.position);
      tools[lane]?.said(tokenId);
      next[lane] = tokenId;
      isEnded[lane] = endIds.includes(tokenId);
      hosts.emit({
        kind: 'token',
        generationId,
        lane: name,
        token: {
          ...viewToken(tokenizer, tokenId),
          logProb: forced === null ? logProbability(row, tokenId) : null,
          isForced: forced !== null,
          values: name === 'steered' ? [strength] : [],
          choice: null,
          steered: null,
        },
      });
    }
    if (isEnded.every(Boolean)) return 'end';
    input = next;
    await hosts.parts.breathe();
  }
  return 'length';
}

async function prepareEdit(
  { library, modelHost, device }: Hosts,
  controls: Controls,
  steer: Steering,
  maxLength: number,
): Promise<SteeringEdit> {
  const target = steer.slots[0]?.target;
  if (target?.kind !== 'latent') throw new ConfigError('Steering needs a feature.', 'steer');
  const facts = await library.get(target.saeId);
  const { facts: model } = modelHost.current();
  checkSaeFits(facts, model);
  const statistics = await library.statistics(facts.saeId);
  if (statistics === null) {
    throw new ConfigError(
      `${facts.name} has no statistics yet, so its max activation is unknown. Compute them on Explore first.`,
      'sae',
    );
  }
  const { W_dec, d_in, d_sae } = await library.params(facts.saeId);
  const { latentIndex } = target;
  if (!Number.isInteger(latentIndex) || latentIndex < 0 || latentIndex >= d_sae) {
    throw new ConfigError(
      `feature must be a whole number from 0 to ${d_sae - 1}: ${latentIndex}`,
      'latentIndex',
    );
  }
  const maxAct = statistics.maxAct[latentIndex] ?? 0;
  return createSteeringEdit({
    hook: facts.hookPoint,
    direction: unitVector(W_dec.subarray(latentIndex * d_in, (latentIndex + 1) * d_in)),
    lane: LANES.indexOf('steered'),
    maxLength,
    coefficient: () => controls.strength * maxAct,
    context: model.backend === 'webgpu' ? await device.acquire() : null,
  });
}

function checkRequest(request: GenerationRequest, promptLength: number, sequenceLen: number): void {
  const check = (isFine: boolean, field: keyof GenerationRequest, rule: string) => {
    if (!isFine)
      throw new ConfigError(`${field} must be ${rule}: ${JSON.stringify(request[field])}`, field);
  };
  const { maxTokens, temperature, topK, seed } = request;
  check(Number.isInteger(maxTokens) && maxTokens >= 1, 'maxTokens', 'a whole number from 1');
  check(temperature >= 0 && temperature <= 10, 'temperature', 'from 0 to 10');
  check(Number.isInteger(topK) && topK >= 0, 'topK', 'a whole number from 0 (0: all tokens)');
  check(Number.isInteger(seed) && seed >= 0, 'seed', 'a whole number from 0');
  if (promptLength > sequenceLen) {
    const what = typeof request.prompt === 'string' ? 'prompt' : 'conversation';
    throw new ConfigError(
      `The ${what} has ${promptLength} tokens; this model reads at most ${sequenceLen}.`,
      'prompt',
    );
  }
}

function encodePrompt(tokenizer: Tokenizer, prompt: GenerationRequest['prompt']): Int32Array {
  return Int32Array.from(
    typeof prompt === 'string'
      ? [tokenizer.specialTokenId('<|bos|>'), ...tokenizer.encodeOrdinary(prompt)]
      : renderForReply(prompt, tokenizer),
  );
}

export function viewToken(tokenizer: Tokenizer, tokenId: number): TokenView {
  return {
    tokenId,
    text: tokenizer.tokenText(tokenId),
    isSpecial: tokenizer.isSpecial(tokenId),
  };
}

function repeat(ids: Int32Array, lanes: number): Int32Array {
  const out = new Int32Array(ids.length * lanes);
  for (let lane = 0; lane < lanes; lane++) out.set(ids, lane * ids.length);
  return out;
}

function unitVector(vector: Float32Array): Float32Array {
  let squared = 0;
  for (const value of vector) squared += value * value;
  const scale = squared > 0 ? 1 / Math.sqrt(squared) : 0;
  return vector.map((value) => value * scale);
}
