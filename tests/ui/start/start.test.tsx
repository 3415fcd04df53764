// A newcomer on Start: what is there at once, a click on a word, a text of one's own, a feature turned up.
import { act, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { FirstReading } from '../../../src/core/explore/firstReading';
import type { EngineApi } from '../../../src/engine/api';
import { DEMO_SAE, problem } from '../../helpers/engine/engineDouble';
import { settled } from '../../helpers/engine/testEnvironment';
import { openPage } from '../page';

const line = (token: string) => ({ before: 'a girl named ', token, after: ' and', act: 20 });
const feature = (latentIndex: number, text: string, lineToken: string) => ({
  latentIndex,
  name: { text, source: 'label' as const, score: null },
  density: 0.01,
  maxAct: 20,
  histogram: [3, 2, 1],
  lines: [line(lineToken)],
});
const FIRST: FirstReading = {
  version: 1,
  modelId: 'demo~1',
  saeId: DEMO_SAE.saeId,
  countedTokens: 1000,
  text: 'Once named Lily.',
  tokens: [
    { text: 'Once', features: [{ latentIndex: 4, act: 5 }] },
    { text: ' named', features: [{ latentIndex: 5, act: 10 }] },
    {
      text: ' Lily',
      features: [
        { latentIndex: 4, act: 21 },
        { latentIndex: 6, act: 20 },
      ],
    },
    { text: '.', features: [] },
  ],
  features: [
    feature(4, 'everywhere', 'x'),
    feature(5, 'after a name', 'named'),
    feature(6, 'names', 'Lily'),
  ],
  steered: null,
};
/** Fires everywhere: least telling, however strong. */
FIRST.features[0]!.density = 0.5;

const never = () => new Promise<never>(() => undefined);
const reading = () => ({ reading: FIRST });
const main = () => within(screen.getByRole('main'));
const cards = () => screen.getAllByRole('article').map((card) => card.getAttribute('aria-label'));
const words = () => within(screen.getByRole('list', { name: 'Words of the text' }));
const SCALE = { slotId: 'start', hook: DEMO_SAE.hookPoint, maxAct: 20, medianNorm: 16 };
const scaled = {
  check: () => Promise.resolve({ ok: true as const, value: { scales: [SCALE], warnings: [] } }),
  generate: never,
};

it('shows a named feature with its texts before any model is there', async () => {
  await openPage('', { model: { open: never }, sae: { list: never } }, reading());
  expect(screen.getByRole('heading', { name: 'At “Lily”' })).toBeShown();
  expect(cards()).toEqual(['Feature 6: names', 'Feature 4: everywhere']);
  expect(screen.getByRole('article', { name: 'Feature 6: names' }).textContent).toContain('Lily');
  expect(screen.queryByText(/int8|precision/)).toBeNull();
});

it('shows what another word wakes, by click and by key, and says it in the link', async () => {
  const { user, pass, world } = await openPage('', {}, reading());
  await user.click(words().getByText('named'));
  expect(cards()).toEqual(['Feature 5: after a name']);
  await pass(300);
  expect(world.hash).toBe('#v=1&view=start&at=1');
  await user.keyboard('{ArrowRight}{Enter}');
  expect(cards()[0]).toBe('Feature 6: names');
  await user.click(words().getByText('.'));
  expect(screen.getByText(/Nothing wakes here/)).toBeShown();
});

it('reads a text of one’s own a moment after the last key, and not the bundled one again', async () => {
  const { user, api, pass } = await openPage('', {}, reading());
  expect(api.explore.activeLatents).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Your own text' }));
  const box = screen.getByRole('textbox', { name: 'Text to read' });
  // What reads is made ready while one types, on the text that is there.
  expect(api.explore.activeLatents.mock.lastCall?.[0]).toMatchObject({ text: FIRST.text });
  await user.clear(box);
  await user.type(box, 'a bc');
  await pass(149);
  expect(api.explore.activeLatents).toHaveBeenCalledOnce();
  await pass(1);
  expect(api.explore.activeLatents).toHaveBeenCalledTimes(2);
  expect(api.explore.activeLatents.mock.lastCall?.[0]).toMatchObject({
    saeIds: [DEMO_SAE.saeId],
    text: 'a bc',
  });
  await user.keyboard('{Enter}');
  expect(screen.queryByRole('textbox', { name: 'Text to read' })).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Your own text' }));
  expect(
    words()
      .getAllByRole('listitem')
      .map((word) => word.textContent),
  ).toEqual(['a', 'bc']);
  await user.click(screen.getByRole('button', { name: /^all \d+ features of this text$/ }));
  expect(screen.getByRole('heading', { name: 'Explore', level: 1 })).toBeShown();
  expect(api.explore.activeLatents.mock.lastCall?.[0]).toMatchObject({
    text: 'a bc',
    purpose: 'search',
  });
});

it('turns a feature up inside the useful zone, shows both texts, and follows the slider', async () => {
  const { user, api, hear, pass, world } = await openPage('', { steer: scaled }, reading());
  await user.click(screen.getByRole('button', { name: /^Turn up feature 6/ }));
  const slider = screen.getByRole<HTMLInputElement>('slider');
  // Half the stream's norm is the end of the useful zone: 0.5 · 16 / 20.
  expect([slider.max, slider.value]).toEqual(['0.4', '0.3']);
  const [generationId = 0, request] = api.steer.generate.mock.lastCall ?? [];
  expect(request).toMatchObject({
    prompt: FIRST.text,
    steer: { lanes: 'both', slots: [{ value: 0.3, unit: 'max', target: { latentIndex: 6 } }] },
  });
  const token = (text: string, tokenId: number) => ({
    tokenId,
    text,
    isSpecial: false,
    logProb: -1,
    isForced: false,
    values: [],
    choice: null,
    steered: null,
  });
  hear(
    { kind: 'token', generationId, lane: 'baseline', token: token(' ran', 1) },
    { kind: 'token', generationId, lane: 'steered', token: token(' Tim', 2) },
  );
  expect(screen.getByRole('group', { name: 'Without' }).textContent).toContain(' ran');
  expect(within(screen.getByRole('group', { name: 'With' })).getByText('Tim').tagName).toBe('EM');
  expect(screen.getByRole('heading', { name: /language model/ })).toBeShown();
  await pass(300);
  expect(world.hash).toBe('#v=1&view=start&steer=6:add:.3max');

  api.steer.generate.mockClear();
  act(() => {
    slider.focus();
  });
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(slider, '0.1');
  act(() => {
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await pass(200);
  expect(api.steer.generate.mock.lastCall?.[1].steer.slots[0]?.value).toBe(0.1);
});

it('opens a link to a word and a feature turned up', async () => {
  const { api } = await openPage(
    '#v=1&view=start&text=a+bc&at=1&steer=6:add:0.1max',
    { steer: scaled },
    reading(),
  );
  expect(words().getByText('bc').getAttribute('aria-current')).toBe('true');
  expect(screen.getByRole<HTMLInputElement>('slider').value).toBe('0.1');
  expect(api.steer.generate.mock.lastCall?.[1].steer.slots[0]?.value).toBe(0.1);
});

it('lets the model write on, and reads what it wrote', async () => {
  const { user, api, hear } = await openPage('', { generate: { run: never } }, reading());
  await user.click(screen.getByRole('button', { name: 'Write on' }));
  const [generationId = 0, request] = api.generate.run.mock.lastCall ?? [];
  expect(request?.prompt).toBe(FIRST.text);
  const written = { tokenId: 9, text: ' She', isSpecial: false, logProb: -1, isForced: false };
  hear({
    kind: 'token',
    generationId,
    lane: 'baseline',
    token: { ...written, values: [], choice: null, steered: null },
  });
  expect(screen.getByText('She')).toBeShown();
});

it('starts a run of one’s own at the place of the chosen SAE, in what is left of the minute', async () => {
  const profile = { why: 'No kernels here.' };
  const value = { captureTokensPerSecond: 5000, stepSeconds: 0.1, runsOn: 'cpu', profile } as const;
  let takes = () => {};
  const measureSpeed = vi.fn<EngineApi['train']['measureSpeed']>(() => {
    takes();
    return Promise.resolve({ ok: true, value });
  });
  const { user, api, world } = await openPage('', { train: { measureSpeed } }, reading());
  takes = () => void (world.now += 10_000);
  await user.click(screen.getByRole('button', { name: 'Train your own · 1 min' }));
  await act(settled);
  expect(screen.getByRole('heading', { name: 'Train', level: 1 })).toBeShown();
  expect(api.train.start.mock.lastCall?.[0]).toMatchObject({
    hookPoint: DEMO_SAE.hookPoint,
    // 34 s are left, and 512 tokens take 0.2024 s.
    tokens: 86_000,
  });
});

it('reads live where nothing is baked, and says why a text could not be read', async () => {
  const find = vi.fn<EngineApi['explore']['activeLatents']>(() =>
    Promise.resolve({ ok: false, problem: problem('No GPU here.', 'Use another browser.') }),
  );
  const { user, pass } = await openPage('', { explore: { activeLatents: find } });
  await user.click(screen.getByRole('button', { name: 'Your own text' }));
  await user.type(screen.getByRole('textbox', { name: 'Text to read' }), 'a bc');
  await pass(250);
  expect(screen.getByRole('alert').textContent).toContain('No GPU here.');
});

it('shows what SAEs a place has, and trains one where there is none', async () => {
  const { user } = await openPage('', {}, reading());
  const block = within(main().getByRole('group', { name: 'Block 0' }));
  await user.click(block.getByRole('button', { name: 'after' }));
  const place = within(screen.getByRole('group', { name: 'after block 0' }));
  expect(place.getByText('no SAE yet')).toBeShown();
  await user.click(place.getByRole('button', { name: 'Train one here' }));
  expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Where' }).value).toBe(
    'blocks.0.hook_resid_post',
  );
});
