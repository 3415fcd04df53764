// A visitor who talks to a chat model.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { GenerationRequest } from '../../../src/engine/generate/api';
import { MODEL, problem } from '../../helpers/engine/engineDouble';
import { LIBRARY, openPage } from '../page';

const CHAT_MODEL = {
  ...MODEL,
  id: 'd20~0123456789ab',
  stage: {
    isChat: true,
    why: 'Its folder chatsft_checkpoints means that it is fine-tuned to chat.',
  },
};
const said = (tokenId: number, text: string) => ({
  tokenId,
  text,
  isSpecial: false,
  logProb: -0.5,
  isForced: false,
  values: [],
  choice: null,
  steered: null,
});

/** A chat model is open; each reply is spoken by `reply`. */
async function openChat() {
  const page = await openPage(LIBRARY);
  page.hear({ kind: 'model', model: CHAT_MODEL });
  const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Your turn' });
  const reply = (tokenId: number, text: string) => {
    const generationId = page.api.generate.run.mock.lastCall?.[0] ?? 0;
    page.hear(
      { kind: 'token', generationId, lane: 'baseline', token: said(tokenId, text) },
      { kind: 'generated', generationId, reason: 'end', divergence: null, automation: null },
    );
  };
  const request = () => page.api.generate.run.mock.lastCall?.[1] as GenerationRequest;
  // Its own items, not those of the token lists inside them.
  const items = () => {
    const list = screen.getByRole('list', { name: 'Conversation' });
    const inside = within(list).getAllByRole('listitem');
    return inside.filter((item) => item.parentElement === list);
  };
  return { ...page, box, reply, request, items };
}

it('opens a base model for completion and a chat model for chat, says why, and lets one choose', async () => {
  const { user, hear } = await openPage(LIBRARY);
  expect(screen.getByRole('textbox', { name: 'Prompt' })).toBeShown();
  expect(screen.getByText(/mentions chat training. So it opens in completion mode/)).toBeShown();
  await user.click(screen.getByRole('radio', { name: 'Chat' }));
  expect(screen.getByText(/You chose chat: a base model was never taught/)).toBeShown();
  await user.click(screen.getByRole('radio', { name: 'Completion' }));
  hear({ kind: 'model', model: CHAT_MODEL });
  expect(screen.getByText(/fine-tuned to chat. So it opens in chat mode/)).toBeShown();
  expect(screen.getByRole('textbox', { name: 'Your turn' })).toBeShown();
});

it('keeps what was said: the reply goes back as the tokens that it was', async () => {
  const { user, box, reply, request, items } = await openChat();
  await user.click(screen.getByText('System text', { selector: 'summary' }));
  await user.type(screen.getByRole('textbox', { name: 'System text' }), 'Be brief.');
  await user.type(box(), 'Hello{Shift>}{Enter}{/Shift}there{Enter}');
  expect(request().prompt).toEqual({
    system: 'Be brief.',
    turns: [{ role: 'user', text: 'Hello\nthere' }],
  });
  expect(box().value).toBe('');
  reply(12, 'Hi.');
  await user.type(box(), 'And you?{Enter}');
  expect(request().prompt).toMatchObject({
    turns: [
      { role: 'user', text: 'Hello\nthere' },
      { role: 'assistant', tokenIds: [12] },
      { role: 'user', text: 'And you?' },
    ],
  });
  reply(13, 'Fine.');
  expect(items()).toHaveLength(4);
  expect(items()[3]?.textContent).toContain('Fine.');
});

it('sends nothing while a reply is on its way, and stops it', async () => {
  const { user, api, box } = await openChat();
  api.generate.run.mockImplementationOnce(() => new Promise(() => undefined));
  await user.type(box(), 'One{Enter}');
  expect(screen.queryByRole('button', { name: 'Send' })).toBeNull();
  await user.type(box(), 'Two{Enter}');
  expect(api.generate.run).toHaveBeenCalledOnce();
  await user.click(screen.getByRole('button', { name: 'Stop' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.generate.run.mock.lastCall?.[0]);
});

it('says a turn again in other words, and drops what followed', async () => {
  const { user, box, reply, request, items } = await openChat();
  await user.type(box(), 'First{Enter}');
  reply(1, 'a');
  await user.type(box(), 'Second{Enter}');
  reply(2, 'b');
  await user.click(screen.getByRole('button', { name: 'Edit turn 1' }));
  const changed = screen.getByRole('textbox', { name: 'Turn 1, changed' });
  await user.clear(changed);
  await user.type(changed, 'Other{Enter}');
  expect(request().prompt).toMatchObject({ turns: [{ role: 'user', text: 'Other' }] });
  reply(3, 'c');
  expect(items().map((item) => item.textContent)).toEqual([
    expect.stringContaining('Other'),
    expect.stringContaining('c'),
  ]);
});

it('gives a turn back that the model refuses, beside the reason, and keeps the rest', async () => {
  const { user, api, box, reply, items } = await openChat();
  await user.type(box(), 'First{Enter}');
  reply(1, 'a');
  api.generate.run.mockResolvedValueOnce({
    ok: false,
    problem: problem(
      'The conversation has 300 tokens; this model reads at most 256.',
      'Shorten it.',
    ),
  });
  await user.type(box(), 'Long{Enter}');
  expect(screen.getByRole('alert').textContent).toContain('has 300 tokens');
  expect(box().value).toBe('Long');
  expect(items()).toHaveLength(2);
  await user.click(screen.getByRole('button', { name: 'New conversation' }));
  expect(screen.queryByRole('list', { name: 'Conversation' })).toBeNull();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('shows a forced token as put in, without a log-probability', async () => {
  const { user, api, hear, box } = await openChat();
  await user.type(box(), '2/1?{Enter}');
  const generationId = api.generate.run.mock.lastCall?.[0] ?? 0;
  const token = { ...said(9, '2.0'), logProb: null, isForced: true };
  hear({ kind: 'token', generationId, lane: 'baseline', token });
  const item = screen.getByRole('listitem', { name: '“2.0”, put in by the calculator' });
  expect(item.className).toContain('forced');
  expect(item.className).not.toContain('barred');
});

it('begins anew with another model, whose tokens are others', async () => {
  const { user, hear, box, reply } = await openChat();
  await user.type(box(), 'First{Enter}');
  reply(1, 'a');
  hear({ kind: 'model', model: { ...CHAT_MODEL, backend: 'wasm' } });
  expect(screen.getByRole('list', { name: 'Conversation' })).toBeShown();
  hear({ kind: 'model', model: { ...CHAT_MODEL, id: 'd26~ba9876543210' } });
  expect(screen.queryByRole('list', { name: 'Conversation' })).toBeNull();
});
