// A conversation as token ids, as nanochat trains on it (nanochat.md 4). Text goes through the tokenizer as
// ordinary text: only this file inserts special tokens. Knows no model and no screen.
import { ConfigError } from '../errors';

export type ChatPart = { kind: 'text' | 'python' | 'output'; text: string };

/** The model's own text is kept as the ids it chose: encoding it again could give other ids. */
type AssistantTurn = { role: 'assistant' } & (
  { parts: readonly ChatPart[] } | { tokenIds: readonly number[] }
);
export type Turn = { role: 'user'; text: string } | AssistantTurn;

/** Turns alternate, the user's first. system: joins the first user turn; '' for none. */
export type Conversation = { system: string; turns: readonly Turn[] };

const CHAT_TOKENS = {
  bos: '<|bos|>',
  userStart: '<|user_start|>',
  userEnd: '<|user_end|>',
  assistantStart: '<|assistant_start|>',
  assistantEnd: '<|assistant_end|>',
  pythonStart: '<|python_start|>',
  pythonEnd: '<|python_end|>',
  outputStart: '<|output_start|>',
  outputEnd: '<|output_end|>',
} as const;

export type ChatTokenIds = Readonly<Record<keyof typeof CHAT_TOKENS, number>>;

/** What this file needs of a tokenizer. */
export type ChatTokenizer = {
  encodeOrdinary: (text: string) => number[];
  specialTokenId: (name: string) => number;
};

/** null if the tokenizer lacks one of the chat tokens. */
export function chatTokenIds(tokenizer: ChatTokenizer): ChatTokenIds | null {
  try {
    const ids = Object.entries(CHAT_TOKENS).map(([key, name]) => [
      key,
      tokenizer.specialTokenId(name),
    ]);
    return Object.fromEntries(ids) as ChatTokenIds;
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** The ids of a conversation from <|bos|> to the end of its last turn.
 *  Throws ConfigError if turns do not alternate or the tokenizer has no chat tokens. */
export function renderConversation(
  { system, turns }: Conversation,
  tokenizer: ChatTokenizer,
): number[] {
  const special = chatTokenIds(tokenizer);
  if (special === null) {
    throw new ConfigError(
      `This tokenizer lacks the tokens of a chat (${Object.values(CHAT_TOKENS).join(' ')}): use completion.`,
      'prompt',
    );
  }
  const ids = [special.bos];
  for (const [i, turn] of turns.entries()) {
    const expected = i % 2 === 0 ? 'user' : 'assistant';
    if (turn.role !== expected) {
      throw new ConfigError(`turn ${i + 1} must be the ${expected}'s: ${turn.role}`, 'prompt');
    }
    if (turn.role === 'user') {
      const text = i === 0 && system !== '' ? `${system}\n\n${turn.text}` : turn.text;
      ids.push(special.userStart, ...tokenizer.encodeOrdinary(text), special.userEnd);
    } else {
      ids.push(special.assistantStart, ...assistantIds(turn, special, tokenizer));
      ids.push(special.assistantEnd);
    }
  }
  return ids;
}

/** Like renderConversation, plus the token after which the assistant speaks. The last turn is the user's. */
export function renderForReply(conversation: Conversation, tokenizer: ChatTokenizer): number[] {
  if (conversation.turns.at(-1)?.role !== 'user') {
    throw new ConfigError('A reply needs a user turn before it; write one.', 'prompt');
  }
  const ids = renderConversation(conversation, tokenizer);
  return [...ids, tokenizer.specialTokenId(CHAT_TOKENS.assistantStart)];
}

function assistantIds(
  turn: AssistantTurn,
  special: ChatTokenIds,
  tokenizer: ChatTokenizer,
): readonly number[] {
  if ('tokenIds' in turn) {
    const { tokenIds } = turn;
    const ends: readonly number[] = [special.assistantEnd, special.bos];
    return ends.includes(tokenIds.at(-1) ?? NaN) ? tokenIds.slice(0, -1) : tokenIds;
  }
  return turn.parts.flatMap(({ kind, text }) => {
    const ids = tokenizer.encodeOrdinary(text);
    switch (kind) {
      case 'text':
        return ids;
      case 'python':
        return [special.pythonStart, ...ids, special.pythonEnd];
      case 'output':
        return [special.outputStart, ...ids, special.outputEnd];
      default:
        return kind satisfies never;
    }
  });
}
