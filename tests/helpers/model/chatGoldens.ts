// What upstream's own code makes of conversations and sums (tests/peers/chat_goldens.py).
import { readFileSync } from 'node:fs';
import type { ChatPart, Turn } from '../../../src/core/model/chat';

type Part = { type: 'text' | 'python' | 'python_output'; text: string };
type Message = { role: 'system' | 'user' | 'assistant'; content: string | Part[] };
type ChatGoldens = {
  conversations: { messages: Message[]; ids: number[]; for_completion: number[] }[];
  sums: [string, string | null][];
};

export function readChatGoldens(): ChatGoldens {
  return JSON.parse(readFileSync('tests/fixtures/chat/goldens.json', 'utf8')) as ChatGoldens;
}

/** Upstream's messages as our turns. */
export function conversationOf(messages: readonly Message[]): { system: string; turns: Turn[] } {
  const [first, ...rest] = messages;
  const isSystem = first?.role === 'system';
  return {
    system: isSystem ? plain(first.content) : '',
    turns: (isSystem ? rest : messages).map(({ role, content }): Turn => {
      if (role === 'user') return { role, text: plain(content) };
      return { role: 'assistant', parts: partsOf(content) };
    }),
  };
}

function partsOf(content: string | Part[]): ChatPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return content.map(({ type, text }) => ({
    kind: type === 'python_output' ? 'output' : type,
    text,
  }));
}

function plain(content: string | Part[]): string {
  if (typeof content !== 'string') throw new Error('upstream has parts in assistant turns only');
  return content;
}
