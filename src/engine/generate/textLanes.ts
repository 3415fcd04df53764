// The lanes of one text in lockstep over one batch with shared noise: the next token of each, how the
// unsteered model rates it, where they diverge. Neutral strength gives the same text. A tool's tokens are
// forced in each lane separately. Knows neither the request queue nor the page.
import { elementAt } from '../../core/elementAt';
import { sampleToken, type SamplingRule } from '../../core/model/sampling';
import { maskClassOf } from '../../core/steer/steerMask';
import type { MaskClass } from '../../core/steer/steering';
import type {
  LaneName,
  SteeredReadout,
  TokenChoice,
  TokenLatents,
} from '../../core/steer/steeringReport';
import {
  klDivergence,
  likeliest,
  logProbOf,
  rankOf,
  readDistribution,
  type Distribution,
} from '../../core/generate/tokenChoice';
import { makeToolUse, type ToolUse } from '../../core/generate/toolUse';
import type { DecodeSession } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { SlotValuesInForce, StepReadout, TextEdits } from './textEdits';

/** Tokens that end a text (nanochat.md 4). */
const END_TOKENS = ['<|bos|>', '<|assistant_end|>'] as const;
const SHOWN_CHOICES = 5;

export type LaneToken = {
  lane: LaneName;
  tokenId: number;
  isForced: boolean;
  choice: TokenChoice | null;
  steered: SteeredReadout | null;
};

type TextStep = {
  tokens: LaneToken[];
  /** of the tokens that were read */
  latents: TokenLatents[];
  /** the slots' values */
  values: SlotValuesInForce;
};

export type TextLanes = {
  readonly isEnded: boolean;
  readonly divergence: number | null;
  /** Tokens of the next step's input per lane: the prompt first, one afterwards. */
  readonly inputLength: number;
  /** Reads the last tokens and chooses one more in every unfinished lane. `valuesNow` is called once, as
   *  late as possible: at the model's first edit. */
  step: (valuesNow: () => SlotValuesInForce) => Promise<TextStep>;
};

type TextLanesOptions = {
  session: DecodeSession;
  tokenizer: Tokenizer;
  promptIds: Int32Array;
  rule: SamplingRule;
  /** shown lanes, in the order of the batch */
  names: readonly LaneName[];
  /** tokens given before any is chosen */
  prefix: Partial<Record<LaneName, readonly number[]>>;
  /** of the lane called steered; null: nobody edits */
  edits: Pick<TextEdits, 'prepare' | 'values' | 'read'> | null;
};

type Lane = { name: LaneName; isEnded: boolean; tools: ToolUse; isForced: boolean };

export function makeTextLanes(o: TextLanesOptions): TextLanes {
  const { session, tokenizer, names, edits } = o;
  const endIds = END_TOKENS.map((name) => tokenizer.specialTokenId(name));
  const bosId = elementAt(endIds, 0);
  const lanes: Lane[] = names.map((name) => {
    return { name, isEnded: false, tools: makeToolUse(tokenizer), isForced: false };
  });
  const steeredLane = names.indexOf('steered');
  /** batch index of the unsteered model on the steered text; −1: there is none */
  let shadow = names.indexOf('baseline');
  let divergence: number | null = null;
  let input = repeat(o.promptIds, session.lanes);
  let classes = Array.from(o.promptIds, (tokenId) => classOf(tokenId, { isPrompt: true }));
  let count = 0;

  function classOf(tokenId: number, from: { isPrompt?: boolean; isForced?: boolean }): MaskClass {
    return maskClassOf({
      isBos: tokenId === bosId,
      isSpecial: tokenizer.isSpecial(tokenId),
      isForced: from.isForced === true,
      isPrompt: from.isPrompt === true,
    });
  }

  /** The lane's next token: forced by a tool, given beforehand, or chosen. */
  function speak(lane: Lane, logits: Float32Array): number {
    const forced = lane.tools.forced();
    const given = o.prefix[lane.name]?.[count];
    const tokenId = given ?? forced ?? sampleToken(logits, o.rule, session.position);
    lane.isForced = forced !== null && tokenId === forced;
    lane.tools.said(tokenId);
    lane.isEnded = endIds.includes(tokenId);
    return tokenId;
  }

  function describe(row: Distribution, tokenId: number): TokenChoice {
    const top = likeliest(row, SHOWN_CHOICES).map((choice) => {
      return { ...choice, text: tokenizer.tokenText(choice.tokenId) };
    });
    const logProb = logProbOf(row, tokenId);
    return { logProb, rank: rankOf(row, tokenId), entropy: row.entropy, top };
  }

  /** When the lanes diverge, the unsteered model continues to read the steered text in a lane of its own. */
  async function part(next: readonly number[]): Promise<void> {
    if (names.length < 2 || divergence !== null || next[0] === next[1]) return;
    divergence = count;
    if (elementAt(lanes, steeredLane).isEnded) return;
    await session.pickLanes([0, 1, 0]);
    shadow = 2;
  }

  return {
    get isEnded() {
      return lanes.every((lane) => lane.isEnded);
    },
    get divergence() {
      return divergence;
    },
    get inputLength() {
      return input.length / session.lanes;
    },
    async step(valuesNow) {
      const { position } = session;
      edits?.prepare({ lane: steeredLane, position, classes, values: valuesNow });
      const logits = await session.step(input);
      const read = edits === null ? null : await edits.read();
      const readout = read?.readout ?? null;
      const vocabSize = logits.length / session.lanes;
      const rows = new Map<number, Distribution>();
      const rowOf = (lane: number) => {
        const row =
          rows.get(lane) ??
          readDistribution(logits.subarray(lane * vocabSize, (lane + 1) * vocabSize));
        rows.set(lane, row);
        return row;
      };
      const next = names.map(() => bosId);
      const tokens: LaneToken[] = [];
      for (const [index, lane] of lanes.entries()) {
        if (lane.isEnded) continue;
        const row = rowOf(index);
        const tokenId = speak(lane, row.logits);
        next[index] = tokenId;
        const choice = lane.isForced ? null : describe(row, tokenId);
        const steered =
          lane.name === 'steered' && readout !== null
            ? compare(readout, lane.isForced || shadow < 0 ? null : rowOf(shadow), row, tokenId)
            : null;
        tokens.push({ lane: lane.name, tokenId, isForced: lane.isForced, choice, steered });
      }
      await part(next);
      input = new Int32Array(session.lanes);
      input.set(next);
      if (steeredLane >= 0) {
        const said = elementAt(next, steeredLane);
        if (session.lanes > names.length) input[names.length] = said;
        classes = [classOf(said, { isForced: elementAt(lanes, steeredLane).isForced })];
      }
      count++;
      return { tokens, latents: read?.latents ?? [], values: edits?.values() ?? [] };
    },
  };
}

function compare(
  readout: StepReadout,
  unsteered: Distribution | null,
  own: Distribution,
  tokenId: number,
): SteeredReadout {
  if (unsteered === null) return { kl: null, surprise: null, ...readout };
  return {
    kl: klDivergence(unsteered, own),
    surprise: -logProbOf(unsteered, tokenId),
    ...readout,
  };
}

function repeat(ids: Int32Array, lanes: number): Int32Array {
  const out = new Int32Array(ids.length * lanes);
  for (let lane = 0; lane < lanes; lane++) out.set(ids, lane * ids.length);
  return out;
}
