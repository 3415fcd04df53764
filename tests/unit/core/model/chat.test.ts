import { beforeAll, describe, expect, it } from 'vitest';
import {
  renderConversation,
  renderForReply,
  type ChatTokenizer,
  type Conversation,
} from '../../../../src/core/model/chat';
import { ConfigError } from '../../../../src/core/errors';
import { makeToolUse, type ToolUse } from '../../../../src/core/generate/toolUse';
import type { Tokenizer } from '../../../../src/model/tokenizer';
import { conversationOf, readChatGoldens } from '../../../helpers/model/chatGoldens';
import { readDemoTokenizer } from '../../../helpers/model/modelDemo';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await readDemoTokenizer();
});
const hello: Conversation = { system: '', turns: [{ role: 'user', text: 'Hello.' }] };

describe('a conversation', () => {
  it.each(readChatGoldens().conversations)('$messages is rendered as upstream does', (golden) => {
    const { system, turns } = conversationOf(golden.messages);
    expect(renderConversation({ system, turns }, tokenizer)).toEqual(golden.ids);
    expect(renderForReply({ system, turns: turns.slice(0, -1) }, tokenizer)).toEqual(
      golden.for_completion,
    );
  });

  it('keeps the ids that the model chose, with one end', () => {
    const end = tokenizer.specialTokenId('<|assistant_end|>');
    const [a, b] = [tokenizer.encodeOrdinary(' t'), tokenizer.encodeOrdinary('he')];
    const render = (tokenIds: number[]) =>
      renderConversation(
        { system: '', turns: [...hello.turns, { role: 'assistant', tokenIds }] },
        tokenizer,
      );
    const ids = [...a, ...b];
    expect(render(ids)).toEqual(render([...ids, end]));
    expect(render([...ids, tokenizer.specialTokenId('<|bos|>')])).toEqual(render(ids));
    // Encoded anew, " the" is one token.
    expect(render(ids)).not.toEqual(render(tokenizer.encodeOrdinary(' the')));
  });

  it('refuses turns that do not alternate, and a tokenizer without its tokens', () => {
    const twice = { system: '', turns: [...hello.turns, ...hello.turns] };
    expect(() => renderConversation(twice, tokenizer)).toThrow("turn 2 must be the assistant's");
    expect(() => renderForReply({ system: 'x', turns: [] }, tokenizer)).toThrow(ConfigError);
    const plain: ChatTokenizer = {
      encodeOrdinary: tokenizer.encodeOrdinary,
      specialTokenId: (name) => {
        if (name === '<|bos|>') return 0;
        throw new RangeError(name);
      },
    };
    expect(() => renderConversation(hello, plain)).toThrow('lacks the tokens of a chat');
  });
});

describe('a tool call', () => {
  const say = (tool: ToolUse, text: string, isCall = true) => {
    if (isCall) tool.said(tokenizer.specialTokenId('<|python_start|>'));
    for (const id of tokenizer.encodeOrdinary(text)) tool.said(id);
    tool.said(tokenizer.specialTokenId('<|python_end|>'));
  };
  const drain = (tool: ToolUse) => {
    const ids: number[] = [];
    for (let id = tool.forced(); id !== null; id = tool.forced()) {
      ids.push(id);
      tool.said(id);
    }
    return tokenizer.decode(ids);
  };

  it('forces its result, between its tokens, once', () => {
    const tool = makeToolUse(tokenizer);
    expect(tool.forced()).toBeNull();
    say(tool, '12*(3+4)');
    expect(drain(tool)).toBe('<|output_start|>84<|output_end|>');
    expect(tool.forced()).toBeNull();
    say(tool, "'strawberry'.count('r')");
    expect(drain(tool)).toBe('<|output_start|>3<|output_end|>');
  });

  it('forces nothing without a result, without an expression, or without its beginning', () => {
    for (const [text, isCall] of [
      ['1/0', true],
      ['', true],
      ['1+1', false],
    ] as const) {
      const tool = makeToolUse(tokenizer);
      say(tool, text, isCall);
      expect(tool.forced(), text).toBeNull();
    }
  });

  it('starts anew at every <|python_start|>', () => {
    const tool = makeToolUse(tokenizer);
    tool.said(tokenizer.specialTokenId('<|python_start|>'));
    for (const id of tokenizer.encodeOrdinary('999+')) tool.said(id);
    say(tool, '1+1');
    expect(drain(tool)).toBe('<|output_start|>2<|output_end|>');
  });
});
