// Reads one text, or one example, for one latent: its activation on every token, the probability of each
// next token, and the predictions with the latent switched off. The newest question wins; older ones are
// cancelled.
import { ablationEffects } from '../../core/explore/ablationEffect';
import { ConfigError, invariant } from '../../core/errors';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { SparseCode } from '../../core/sae/sae';
import { nextLogProbs } from '../../core/model/sampling';
import type { Tokenizer } from '../../model/tokenizer';
import { createAblation } from './ablation';
import type { Ablation, AblationRequest, LatentReading } from './api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { viewToken } from '../model/tokenView';
import type { EngineHosts } from '../hosts';
import { createLatentEncoders, latentColumn, type LatentEncoder } from './latentEncoder';
import { CancelledError } from '../problems';
import { checkSaeFits } from '../sae/saeFit';

/** Longest text, in UTF-16 code units (interface.md 3, `text`). */
const MAX_CHARACTERS = 500;
/** Longest sequence for a rerun, because the logits of every token are kept. */
const MAX_TOKENS = 256;

export type LatentReader = {
  /** Throws ConfigError for a text too long or an SAE of another model, CancelledError when a newer
   *  question came. */
  read: (o: { saeId: string; latentIndex: number; text: string }) => Promise<LatentReading>;
  ablate: (request: AblationRequest) => Promise<Ablation>;
  /** One entry per token: ln p of the next one, null for the last. Throws like ablate. */
  nextLogProbs: (tokenIds: readonly number[]) => Promise<(number | null)[]>;
};

type Question = { encoder: LatentEncoder; hook: HookPoint };

type Hosts = Pick<EngineHosts, 'device' | 'modelHost' | 'library' | 'turns'>;
/** The code of the text that was read last, so that another latent of it is free. */
type LastRead = { saeId: string; text: string; modelId: string; code: SparseCode; ids: Int32Array };

export function createLatentReader(hosts: Hosts): LatentReader {
  const encoders = createLatentEncoders(hosts);
  hosts.library.onDeleted(({ saeId }) => {
    encoders.forget(saeId);
  });
  const inTurn = makeNewestFirst(hosts);
  let last: LastRead | null = null;

  const open = async (saeId: string, latentIndex: number) => {
    const facts = await hosts.library.get(saeId);
    const { facts: model, tokenizer } = hosts.modelHost.current();
    checkSaeFits(facts, model);
    checkLatentIndex(latentIndex, facts.d_sae);
    return { facts, model, tokenizer };
  };

  return {
    read: ({ saeId, latentIndex, text }) =>
      inTurn('read', async () => {
        if (text.length > MAX_CHARACTERS) {
          throw new ConfigError(
            `The text has ${text.length} characters; at most ${MAX_CHARACTERS} can be read.`,
            'text',
          );
        }
        const { facts, model, tokenizer } = await open(saeId, latentIndex);
        const isKnown =
          last?.saeId === facts.saeId && last.text === text && last.modelId === model.id;
        if (last === null || !isKnown) {
          const ids = withBos(tokenizer, tokenizer.encodeOrdinary(text)).slice(
            0,
            model.sequence_len,
          );
          const encoder = await encoders.of(facts.saeId);
          const code = await encodeTokens(hosts, { encoder, hook: facts.hookPoint }, ids);
          last = { saeId: facts.saeId, text, modelId: model.id, code, ids };
        }
        return readingOf(
          tokenizer,
          last.ids,
          latentColumn(last.code, last.ids.length, latentIndex),
        );
      }),

    ablate: (request) =>
      inTurn('ablate', async () => {
        const { saeId, latentIndex } = request;
        const { facts, model, tokenizer } = await open(saeId, latentIndex);
        const ids = checkTokens(request.tokenIds, tokenizer, model.sequence_len);
        const lead = ids.length - request.tokenIds.length;
        const edited = editedPositions(request.position, ids, lead, tokenizer);
        const encoder = await encoders.of(facts.saeId);
        return ablateTokens(hosts, { encoder, hook: facts.hookPoint, latentIndex, ids, edited });
      }),

    nextLogProbs: (tokenIds) =>
      inTurn('next', async () => {
        const { facts: model, tokenizer } = hosts.modelHost.current();
        const ids = checkTokens(tokenIds, tokenizer, model.sequence_len);
        const runtime = await hosts.modelHost.runtime();
        const found = nextLogProbs(await runtime.logits(ids, 1), ids);
        return found.slice(ids.length - tokenIds.length);
      }),
  };
}

/** One question at a time; a newer one of the same kind cancels those that still wait. */
function makeNewestFirst({ turns }: Hosts) {
  let tail: Promise<unknown> = Promise.resolve();
  const newest = { read: 0, ablate: 0, next: 0 };
  return <T>(kind: keyof typeof newest, work: () => Promise<T>): Promise<T> => {
    const mine = ++newest[kind];
    const result = tail.then(() => {
      if (mine !== newest[kind]) throw new CancelledError('A newer question was asked.');
      return turns.foreground(work);
    });
    tail = result.catch(() => undefined);
    return result;
  };
}

/** The tokens of an example as the model reads them, starting with <|bos|>. */
function checkTokens(
  tokenIds: readonly number[],
  tokenizer: Tokenizer,
  sequenceLength: number,
): Int32Array {
  const { vocabSize } = tokenizer;
  const unknown = tokenIds.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (tokenIds.length === 0) throw new ConfigError('The example has no token to run.', 'text');
  if (unknown !== undefined) {
    throw new ConfigError(
      `token ${unknown} is not one of this model's ${vocabSize}. Open the model that the statistics were computed with.`,
      'text',
    );
  }
  const ids = withBos(tokenizer, tokenIds);
  const longest = Math.min(MAX_TOKENS, sequenceLength);
  if (ids.length <= longest) return ids;
  throw new ConfigError(
    `The example has ${ids.length} tokens; at most ${longest} can be run again.`,
    'text',
  );
}

/** The model only reads text that starts with <|bos|>. */
function withBos(tokenizer: Tokenizer, ids: readonly number[]): Int32Array {
  const bos = tokenizer.specialTokenId('<|bos|>');
  return Int32Array.from(ids[0] === bos ? ids : [bos, ...ids]);
}

/** The code of every token of one text that starts with <|bos|>, rows in its order. */
export async function encodeTokens(
  { modelHost }: Pick<Hosts, 'modelHost'>,
  { encoder, hook }: { encoder: Pick<LatentEncoder, 'encode'>; hook: HookPoint },
  ids: Int32Array,
): Promise<SparseCode> {
  const runtime = await modelHost.runtime();
  const capture = await runtime.capture(ids, 1, [hook]);
  try {
    const activations = capture.hooks.get(hook);
    invariant(activations !== undefined, `${hook} was not captured`);
    return await encoder.encode(activations, Uint32Array.from(ids.keys()));
  } finally {
    capture.release();
  }
}

function readingOf(tokenizer: Tokenizer, ids: Int32Array, acts: Float32Array): LatentReading {
  const tokens = Array.from(ids, (tokenId, i) => ({
    ...viewToken(tokenizer, tokenId),
    act: acts[i] ?? 0,
  }));
  const counted = tokens.filter((token) => !token.isSpecial);
  return { tokens, maxAct: counted.reduce((most, { act }) => Math.max(most, act), 0) };
}

/** Positions at which the latent is switched off: one, or every counted token (interface.md 4: special tokens
 *  are norm sinks and stay untouched). */
function editedPositions(
  position: number | null,
  ids: Int32Array,
  lead: number,
  tokenizer: Tokenizer,
): Uint32Array {
  if (position === null) {
    return Uint32Array.from(ids.keys()).filter((t) => !tokenizer.isSpecial(ids[t] ?? 0));
  }
  if (Number.isInteger(position) && position >= 0 && position + lead < ids.length) {
    return Uint32Array.of(position + lead);
  }
  throw new ConfigError(
    `token must be a whole number from 0 to ${ids.length - lead - 1}: ${position}`,
    'position',
  );
}

/** Both runs are lanes of one batch; only the second is edited. */
async function ablateTokens(
  { modelHost }: Hosts,
  o: Question & { latentIndex: number; ids: Int32Array; edited: Uint32Array },
): Promise<Ablation> {
  const { ids, edited } = o;
  const { tokenizer } = modelHost.current();
  const { length } = ids;
  const rows = Uint32Array.from({ length }, (_, t) => length + t);
  const ablation = await createAblation({ ...o, rows });
  try {
    const runtime = await modelHost.runtime();
    const both = new Int32Array(2 * length);
    both.set(ids);
    both.set(ids, length);
    const logits = await runtime.logits(both, 2, ablation.edits);
    const half = logits.length / 2;
    const runs = { base: logits.subarray(0, half), ablated: logits.subarray(half) };
    const acts = ablation.acts();
    return {
      firstChanged: edited.find((t) => (acts[t] ?? 0) > 0) ?? null,
      tokens: ablationEffects({ ...runs, tokenIds: ids }).map((effect, t) => ({
        ...viewToken(tokenizer, ids[t] ?? 0),
        ...effect,
        act: acts[t] ?? 0,
        isEdited: edited.includes(t),
      })),
    };
  } finally {
    ablation.dispose();
  }
}
