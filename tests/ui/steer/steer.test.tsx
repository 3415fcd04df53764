// A visitor on the Steer screen.
import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { addLatent, type Steering } from '../../../src/core/steer/steering';
import type { GeneratedToken } from '../../../src/engine/generate/api';
import { DEMO_SAE, MODEL, type EngineAnswers } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const LINK = '#v=1&view=steer&sae=demo&steer=3:add:1.5max&prompt=Once&seed=7';

const endless = () => new Promise<never>(() => undefined);

/** The dials' scale as the engine would tell it: feature 3 is at most 37. */
const scaled: EngineAnswers = {
  steer: {
    check: ({ slots }: Steering) =>
      Promise.resolve({
        ok: true,
        value: {
          scales: slots.map(({ id }) => ({
            slotId: id,
            hook: DEMO_SAE.hookPoint,
            maxAct: 37,
            medianNorm: 100,
          })),
          warnings: ['slot-1 adds 0.56 times the typical norm of the stream.'],
        },
      }),
  },
};

function token(tokenId: number, over: Partial<GeneratedToken> = {}): GeneratedToken {
  return {
    tokenId,
    text: ` t${tokenId}`,
    isSpecial: false,
    logProb: -1,
    isForced: false,
    values: [],
    choice: null,
    steered: null,
    ...over,
  };
}

function steeredToken(tokenId: number, value: number, kl: number): GeneratedToken {
  return token(tokenId, {
    values: [value],
    choice: {
      logProb: -1,
      rank: 3,
      entropy: 2.25,
      top: [{ tokenId: 8, text: ' likely', logProb: -0.5 }],
    },
    steered: {
      kl,
      surprise: 1.5,
      edits: [
        {
          hook: DEMO_SAE.hookPoint,
          relativeNorm: 0.31,
          meanRelativeNorm: 0.3,
          norm: 12,
          editedRows: 4,
          clippedRows: 1,
        },
      ],
      slots: [{ before: 0, achieved: 21 }],
    },
  });
}

type User = Awaited<ReturnType<typeof openPage>>['user'];

/** Opens a tool of the drawer under the texts. */
const openTool = (user: User, name: string) => user.click(screen.getByRole('button', { name }));

async function stream() {
  const page = await openPage(LINK, { steer: { ...scaled.steer, generate: endless } });
  await page.user.click(screen.getByRole('button', { name: 'Generate' }));
  const generationId = page.api.steer.generate.mock.lastCall?.[0] ?? 0;
  const say = (lane: 'baseline' | 'steered', said: GeneratedToken) =>
    page.hear({ kind: 'token', generationId, lane, token: said });
  return { ...page, generationId, say };
}

it('starts two lanes with what a link says', async () => {
  const { user, api } = await openPage(LINK);
  // In the prompt Enter begins a line.
  await user.click(screen.getByRole('textbox', { name: 'Prompt' }));
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(api.steer.generate.mock.lastCall?.[1]).toEqual({
    prompt: 'Once',
    maxTokens: 64,
    temperature: 0.6,
    topK: 50,
    seed: 7,
    steer: {
      ...addLatent({ saeId: DEMO_SAE.saeId, latentIndex: 3, value: 1.5 }),
      streamLatents: 8,
    },
  });
});

it('sends the slider to the engine while text streams, and says its value in words', async () => {
  const { api, pass, say } = await stream();
  await pass(300);
  const slider = screen.getByRole('slider', { name: 'Strength of slot 1, fires on “word3”' });
  expect(slider.getAttribute('aria-valuetext')).toBe(
    'plus 1.5 times max activation, 56 percent of residual norm',
  );
  expect(screen.getByText(/beyond the useful zone/)).toBeShown();
  expect(screen.getByText(/^Slot 1 adds 0.56 times/)).toBeShown();
  say('steered', steeredToken(1, 1.5, 0.1));
  fireEvent.change(slider, { target: { value: '-0.75' } });
  expect(api.steer.setSlotValue).toHaveBeenLastCalledWith('slot-1', -0.75);
  expect(slider.getAttribute('aria-valuetext')).toBe(
    'minus 0.75 times max activation, 28 percent of residual norm',
  );
  expect(screen.getByText(/read at \+1.5 × max; a rerun reads it at −0.75 × max/)).toBeShown();
});

it('steps the strength with brackets, goes neutral with 0, undoes with Ctrl+Z', async () => {
  const { user } = await openPage(LINK);
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: /^Strength of/ });
  await user.keyboard(']]');
  expect(slider.value).toBe('1.6');
  await user.keyboard('{{');
  expect(slider.value).toBe('1.1');
  await user.keyboard('0');
  expect(slider.getAttribute('aria-valuetext')).toBe('neutral');
  await user.keyboard('{Control>}z{/Control}');
  expect(slider.value).toBe('1.1');
  await user.keyboard('{Control>}{Shift>}Z{/Shift}{/Control}');
  expect(slider.value).toBe('0');
  const box = screen.getByRole('spinbutton', { name: /Strength of .* number/ });
  await user.clear(box);
  await user.type(box, '9');
  expect(slider.value).toBe('3');
});

it('adds slots by index and token, mutes, solos and removes them, eight at most', async () => {
  const { user, api } = await openPage(LINK);
  const search = screen.getByRole('searchbox', { name: /Find a feature/ });
  for (const text of ['word7', '8', '9', '10', '11', '12', '13']) {
    await user.type(search, `${text}{Enter}`);
  }
  const slots = within(screen.getByRole('list', { name: 'Slots' }));
  expect(slots.getAllByRole('group', { name: /^Slot / })).toHaveLength(8);
  expect(screen.getByText('All 8 slots are taken.')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Remove slot 8' }));
  await user.click(screen.getByRole('button', { name: 'Mute slot 1' }));
  await user.click(screen.getByRole('button', { name: 'Solo slot 2' }));
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  const sent = api.steer.generate.mock.lastCall?.[1].steer.slots ?? [];
  expect(sent.map(({ target }) => target)).toContainEqual({
    kind: 'latent',
    saeId: DEMO_SAE.saeId,
    latentIndex: 7,
  });
  expect(sent.map(({ isMuted, isSolo }) => [isMuted, isSolo]).slice(0, 3)).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
  expect(sent).toHaveLength(7);
});

it('finds a feature by its guessed label, which is the name of its slot', async () => {
  const guess = (latentIndex: number, text: string | null) => ({
    latentIndex,
    text,
    score: 0.8,
    fires: 40,
    heldOutFires: 20,
  });
  const { user } = await openPage(LINK, {
    statistics: {
      labelGuesses: () =>
        Promise.resolve(
          Array.from({ length: 20 }, (_, i) => guess(i, i === 11 ? 'animals' : null)),
        ),
    },
  });
  await user.type(screen.getByRole('searchbox', { name: /Find a feature/ }), 'animal{Enter}');
  const slot = within(screen.getByRole('group', { name: 'Slot 2: animals' }));
  expect(slot.getByText('11')).toBeShown();
});

it('shows what a change of mode and unit did to the number', async () => {
  const { user, pass } = await openPage(LINK, scaled);
  await pass(300);
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: /^Strength of/ });
  await user.selectOptions(screen.getByRole('combobox', { name: /^Unit of/ }), 'norm');
  // 1.5 × 37 of 100
  expect(slider.value).toBe('0.56');
  const mode = screen.getByRole('combobox', { name: 'Mode of slot 1' });
  await user.selectOptions(mode, 'scale');
  expect(screen.getByText(/reset to ×1, which is neutral/)).toBeShown();
  expect(slider.getAttribute('aria-valuetext')).toMatch(/^times 1/);
  await user.selectOptions(mode, 'ablate');
  expect(screen.queryByRole('slider', { name: /^Strength of/ })).toBeNull();
  expect(screen.getByText('Ablate has no number.')).toBeShown();
});

it('forbids the modes that read a feature at a hook that is not its own, with the reason', async () => {
  const { user } = await openPage(
    '#v=1&view=steer&sae=demo&steer=3@blocks.0.hook_resid_post:add:1max',
  );
  const mode = screen.getByRole('combobox', { name: 'Mode of slot 1' });
  const set = within(mode).getByRole<HTMLOptionElement>('option', { name: /^Set to \(/ });
  expect(set.disabled).toBe(true);
  expect(set.textContent).toMatch(/only known at its own hook/);
  await user.click(screen.getByText('What it is, where it acts'));
  expect(screen.getByRole('button', { name: /Dose and response of slot 1/ })).toBeShown();
});

it('shows both lanes, marks where they part, and tells KL and readouts', async () => {
  const { user, say } = await stream();
  await openTool(user, 'Change over tokens');
  say('baseline', token(1));
  say('steered', steeredToken(1, 1.5, 0.5));
  say('baseline', token(2));
  expect(screen.getByText(/Both lanes agree so far/)).toBeShown();
  say('steered', steeredToken(9, 1.5, 1.5));
  expect(screen.getByText(/The lanes part at token 2/)).toBeShown();
  const lane = within(screen.getByRole('group', { name: 'Steered lane' }));
  const parted = lane.getByRole('listitem', { name: /“·t9”.*KL 1.50 nats.*first difference/ });
  expect(parted.style.getPropertyValue('--kl')).toBe('0.750');
  expect(screen.getByRole('img', { name: /Strength over 2 tokens: constant 1.5/ })).toBeShown();
  const readouts = within(screen.getByLabelText('Readouts of the steered text'));
  expect(readouts.getByText('1 nats')).toBeShown();
  expect(readouts.getByText('31 %')).toBeShown();
  expect(readouts.getByText('2 of 8')).toBeShown();
});

it('locks a token by click or Enter, tells it in full and branches there', async () => {
  const { user, say, api, generationId } = await stream();
  for (const id of [1, 2, 3]) {
    say('baseline', token(id));
    say('steered', steeredToken(id, 1.5, 0.5));
  }
  const lane = within(screen.getByRole('group', { name: 'Steered lane' }));
  lane.getByRole('listitem', { name: /“·t3”/ }).focus();
  await user.keyboard('{Enter}');
  const card = within(screen.getByRole('region', { name: 'Token 3 of the steered lane' }));
  expect(card.getByText('rank 3, entropy 2.25 nats')).toBeShown();
  expect(card.getByText('surprise 1.50 nats')).toBeShown();
  expect(card.getByText(/slot 1: \+1.5 × max, activation 0 → 21/)).toBeShown();
  expect(card.getByRole('row', { name: /likely 60.7 %/ })).toBeShown();
  await user.click(card.getByRole('button', { name: 'Branch here' }));
  expect(api.steer.generate.mock.lastCall?.[1].prefix).toEqual({
    baseline: [1, 2],
    steered: [1, 2],
  });
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(generationId);
});

it('shows lanes token under token with d, differences named', async () => {
  const { user, say } = await stream();
  say('baseline', token(1));
  say('steered', steeredToken(2, 1.5, 0.5));
  await user.keyboard('d');
  const list = within(screen.getByRole('list', { name: 'Lanes token by token' }));
  expect(
    list.getByRole('button', { name: /baseline “·t1”, steered “·t2”, they differ, KL 0.500/ }),
  ).toBeShown();
});

it('pauses, goes on, steps and stops; a lost device keeps the text', async () => {
  const { user, api, hear, say, generationId } = await stream();
  say('steered', steeredToken(1, 1.5, 0.5));
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(api.generate.pause).toHaveBeenCalledOnce();
  hear({ kind: 'generationPaused', generationId, isPaused: true });
  await user.keyboard('.');
  expect(api.generate.step).toHaveBeenCalledOnce();
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  expect(api.generate.resume).toHaveBeenCalledOnce();
  await user.click(screen.getByRole('button', { name: 'Stop' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(generationId);
  hear({ kind: 'generated', generationId, reason: 'lost', divergence: null, automation: null });
  expect(screen.getByText(/The GPU device was lost. The text so far is kept/)).toBeShown();
  expect(screen.getByRole('listitem', { name: /“·t1”/ })).toBeShown();
});

it('keeps the played curve, edits it as numbers and replays it exactly', async () => {
  const { user, api, hear, say, generationId } = await stream();
  await openTool(user, 'Change over tokens');
  say('steered', steeredToken(1, 1.5, 0.5));
  say('steered', steeredToken(2, -2, 0.5));
  const automation = [
    { slotId: 'slot-1', token: 0, value: 1.5 },
    { slotId: 'slot-1', token: 1, value: -2 },
  ];
  hear({ kind: 'generated', generationId, reason: 'length', divergence: null, automation });
  await user.click(screen.getByRole('button', { name: 'Keep what was played' }));
  const curve = screen.getByRole<HTMLInputElement>('textbox', {
    name: 'Curve of fires on “word3”',
  });
  expect(curve.value).toBe('0:1.5, 1:-2');
  await user.clear(curve);
  await user.type(curve, '0:1, 5:off{Enter}');
  expect(screen.getByRole('img', { name: /A curve of 2 points is planned/ })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Replay exactly' }));
  expect(api.steer.generate.mock.lastCall?.[1].steer.automation).toEqual(automation);
  await user.click(screen.getByRole('button', { name: 'Rerun' }));
  expect(api.steer.generate.mock.lastCall?.[1].steer.automation).toEqual([
    { slotId: 'slot-1', token: 0, value: 1 },
    { slotId: 'slot-1', token: 5, value: null },
  ]);
});

it('measures a dose, and a press takes its strength', async () => {
  const point = (value: number) => ({
    value,
    meanKl: value * value,
    top1Agreement: 1 - Math.abs(value) / 3,
    deltaLogProb: [value],
    relativeNorm: Math.abs(value) / 10,
    surprise: null,
  });
  const { user, api } = await openPage(LINK, {
    steer: {
      measureDose: ({ slotId }) => {
        const points = [-3, 0, 3].map(point);
        const rest = { prompt: [], baseline: [], ownSurprise: null };
        return Promise.resolve({ ok: true, value: { slotId, ...rest, points } });
      },
    },
  });
  await openTool(user, 'How strong?');
  await user.click(screen.getByRole('button', { name: 'Measure 13 strengths' }));
  expect(api.steer.measureDose.mock.lastCall?.[0]).toMatchObject({
    slotId: 'slot-1',
    watched: [1],
  });
  expect(
    screen.getByRole('img', { name: /Mean KL, nats at 3 strengths from −3 to 3/ }),
  ).toBeShown();
  expect(screen.getByRole('img', { name: /log-probability of ·up/ })).toBeShown();
  await user.click(screen.getByRole('button', { name: /^Take −3/ }));
  expect(screen.getByRole<HTMLInputElement>('slider', { name: /^Strength of/ }).value).toBe('-3');
});

it('samples texts at each strength when asked, and tells their surprise beside the unsteered', async () => {
  const surprise = (mean: number) => ({ mean, lowest: mean - 0.5, highest: mean + 0.25 });
  const point = (value: number) => ({
    value,
    meanKl: 0,
    top1Agreement: 1,
    deltaLogProb: [],
    relativeNorm: 0,
    surprise: surprise(2.5 + value * value),
  });
  const { user, api } = await openPage(LINK, {
    steer: {
      measureDose: ({ slotId }) => {
        const rest = { prompt: [], baseline: [], ownSurprise: surprise(2.25) };
        return Promise.resolve({ ok: true, value: { slotId, ...rest, points: [0, 1].map(point) } });
      },
    },
  });
  await openTool(user, 'How strong?');
  const box = screen.getByRole<HTMLInputElement>('checkbox', { name: /^Sample 3 texts/ });
  expect(box.checked).toBe(false);
  expect(screen.getByText(/nothing is sampled/)).toBeShown();
  await user.click(box);
  await user.click(screen.getByRole('button', { name: 'Measure 13 strengths' }));
  expect(api.steer.measureDose.mock.lastCall?.[0].withSurprise).toBe(true);
  const name = /^Surprise of 3 texts, nats a token .*highest 3.5 at 1.* model’s own: 2.25\.$/;
  expect(screen.getByRole('img', { name })).toBeShown();
  expect(screen.getByText('unsteered 2.25')).toBeShown();
  await user.click(screen.getByText(/of Surprise of 3 texts/));
  const table = within(screen.getByRole('region', { name: /^Data of Surprise/ }));
  const rows = table
    .getAllByRole('row')
    .map((row) => [...row.children].map(({ textContent }) => textContent).join(' | '));
  expect(rows).toEqual([
    'strength | Surprise of 3 texts, nats a token | lowest text | highest text | ‖Δ‖/‖h‖',
    '0 | 2.50 | 2 | 2.75 | 0 %',
    '+1 | 3.50 | 3 | 3.75 | 0 %',
    'unsteered | 2.25 | 1.75 | 2.50 | 0 %',
  ]);
  expect(screen.getByRole('button', { name: /^Take \+1: .*surprise 3.50 nats/ })).toBeShown();
});

it('streams the strongest features, pins one, freezes, and opens one', async () => {
  const { user, hear, generationId } = await stream();
  const told = (position: number, ...acts: number[]) => ({
    lane: 'steered' as const,
    saeId: DEMO_SAE.saeId,
    hook: DEMO_SAE.hookPoint,
    position,
    latents: acts.map((act, i) => ({ latentIndex: i + position, act })),
  });
  await openTool(user, 'Active features');
  hear({ kind: 'tokenLatents', generationId, tokens: [told(4, 20, 10)] });
  const panel = within(screen.getByRole('region', { name: 'Feature stream' }));
  await user.click(panel.getByRole('button', { name: 'Pin feature 4' }));
  hear({ kind: 'tokenLatents', generationId, tokens: [told(9, 5)] });
  const rows = panel.getAllByRole('listitem').map((row) => row.textContent);
  expect(rows[0]).toMatch(/^4.*peak 20/);
  expect(rows[1]).toMatch(/^9/);
  await user.click(panel.getByRole('button', { name: 'Freeze' }));
  hear({ kind: 'tokenLatents', generationId, tokens: [told(12, 5)] });
  expect(panel.queryByRole('button', { name: 'Open feature 12' })).toBeNull();
  await user.click(panel.getByRole('button', { name: 'Open feature 9' }));
  expect(await screen.findByRole('heading', { name: /feature 9$/ })).toBeShown();
});

it('reads the active features of any text, sorted, without changing the model', async () => {
  const { user, api, hear } = await openPage(LINK, { steer: { generate: endless } });
  await openTool(user, 'Read a text');
  await user.type(screen.getByRole('textbox', { name: 'Text to read' }), 'a cat');
  await user.click(screen.getByRole('button', { name: 'Read its features' }));
  const [generationId = 0, request] = api.steer.generate.mock.lastCall ?? [];
  expect(request?.steer.slots.every(({ isMuted }) => isMuted)).toBe(true);
  const prompt = [
    { tokenId: 0, text: '<|bos|>', isSpecial: true },
    { tokenId: 5, text: ' cat', isSpecial: false },
  ];
  const { saeId, hookPoint: hook } = DEMO_SAE;
  const latents = [
    { latentIndex: 2, act: 3 },
    { latentIndex: 6, act: 9 },
  ];
  hear(
    { kind: 'prompt', generationId, tokens: prompt },
    {
      kind: 'tokenLatents',
      generationId,
      tokens: [{ lane: 'steered', saeId, hook, position: 1, latents }],
    },
  );
  await user.click(screen.getByRole('listitem', { name: /“·cat”/ }));
  const rows = within(screen.getByRole('list', { name: /^Active features/ }));
  expect(rows.getAllByRole('listitem').map((row) => row.textContent[0])).toEqual(['6', '2']);
});

it('keeps own presets, renames, opens and deletes them', async () => {
  const { user, api, stored } = await openPage(LINK);
  await openTool(user, 'Presets');
  await user.type(screen.getByRole('textbox', { name: 'Keep what is set up now' }), 'Mine');
  await user.click(screen.getByRole('button', { name: 'Save preset' }));
  await user.click(screen.getByRole('button', { name: 'Rename Mine' }));
  await user.clear(screen.getByRole('textbox', { name: 'New name of Mine' }));
  await user.type(screen.getByRole('textbox', { name: 'New name of Mine' }), 'Ours{Enter}');
  expect(stored.get('steer-presets')).toMatchObject([
    { name: 'Ours', hash: expect.stringContaining('steer=3:add:1.5max') as string },
  ]);
  await user.click(screen.getByRole('button', { name: 'Remove slot 1' }));
  expect(screen.queryByRole('group', { name: /^Slot 1/ })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Ours' }));
  expect(screen.getByRole('group', { name: 'Slot 1: fires on “word3”' })).toBeShown();
  // A preset writes at once, and makes room for its text.
  expect(api.steer.generate).toHaveBeenCalledOnce();
  await openTool(user, 'Presets');
  await user.click(screen.getByRole('button', { name: 'Delete Ours' }));
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  expect(stored.get('steer-presets')).toEqual([]);
});

it('makes a vector of two prompts and steers with it', async () => {
  const vector = {
    vectorId: 'v-0a1b2c3d',
    name: 'joy',
    hook: DEMO_SAE.hookPoint,
    d_in: MODEL.n_embd,
    norm: 3,
    origin: 'prompts' as const,
  };
  const { user, api } = await openPage(LINK, {
    steer: {
      makeVector: () => Promise.resolve({ ok: true, value: vector }),
      listVectors: () => Promise.resolve([vector]),
    },
  });
  await openTool(user, 'Own vectors');
  await user.type(screen.getByRole('textbox', { name: 'Name' }), 'joy');
  await user.type(screen.getByRole('textbox', { name: 'Towards' }), 'glad');
  await user.type(screen.getByRole('textbox', { name: 'Away from' }), 'sad');
  await user.click(screen.getByRole('button', { name: 'Make the vector' }));
  expect(api.steer.makeVector.mock.lastCall?.[0]).toMatchObject({
    kind: 'prompts',
    name: 'joy',
    positive: 'glad',
    negative: 'sad',
  });
  await user.click(screen.getByRole('button', { name: 'Steer with joy' }));
  const unit = screen.getByRole<HTMLSelectElement>('combobox', { name: /^Unit of slot 2/ });
  expect(unit.value).toBe('norm');
  expect(within(unit).getByRole<HTMLOptionElement>('option', { name: /no max/ }).disabled).toBe(
    true,
  );
});

it('talks to a chat checkpoint, and answers the lane that was chosen', async () => {
  const chat = { ...MODEL, stage: { isChat: true, why: 'Its folder says so.' } };
  const { user, api, hear } = await openPage(LINK, {
    steer: { generate: endless },
    model: { open: () => Promise.resolve({ ok: true, value: chat }) },
  });
  hear({ kind: 'model', model: chat });
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  const [generationId = 0, request] = api.steer.generate.mock.lastCall ?? [];
  expect(request?.prompt).toEqual({ system: '', turns: [{ role: 'user', text: 'Once' }] });
  hear(
    { kind: 'token', generationId, lane: 'steered', token: steeredToken(4, 1.5, 0.1) },
    { kind: 'generated', generationId, reason: 'end', divergence: null, automation: null },
  );
  await user.click(screen.getByRole('button', { name: 'Answer the steered reply' }));
  await user.type(screen.getByRole('textbox', { name: 'Your turn' }), 'More');
  await user.click(screen.getByRole('button', { name: 'Generate' }));
  expect(api.steer.generate.mock.lastCall?.[1].prompt).toEqual({
    system: '',
    turns: [
      { role: 'user', text: 'Once' },
      { role: 'assistant', tokenIds: [4] },
      { role: 'user', text: 'More' },
    ],
  });
});

it('says why nothing can be steered without statistics', async () => {
  await openPage(LINK, {
    sae: { list: () => Promise.resolve([{ ...DEMO_SAE, statisticsTokens: 0 }]) },
  });
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Generate' }).disabled).toBe(true);
  expect(screen.getByText(/compute them on Explore/)).toBeShown();
});

it('adds a slot from a latent on Explore with s, at once its max', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=6');
  await screen.findByRole('heading', { name: /feature 6$/ });
  await user.keyboard('s');
  expect(screen.getByRole('group', { name: 'Slot 1: fires on “word6”' })).toBeShown();
  expect(screen.getByRole<HTMLInputElement>('slider', { name: /^Strength of/ }).value).toBe('1');
});

it('opens a strength inside the useful zone, once the stream is measured', async () => {
  // Its statistics say 34, of a stream of 40: one times the maximum would be beyond half of it.
  const check = ({ slots }: Steering) => {
    const scales = slots.map(({ id }) => {
      return { slotId: id, hook: DEMO_SAE.hookPoint, maxAct: 37, medianNorm: 40 };
    });
    return Promise.resolve({ ok: true as const, value: { scales, warnings: [] } });
  };
  const { user, pass } = await openPage('#v=1&view=explore&sae=demo&feature=6', {
    steer: { check },
  });
  await screen.findByRole('heading', { name: /feature 6$/ });
  await user.keyboard('s');
  await pass(300);
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: /^Strength of/ });
  expect(slider.value).toBe('0.55');
  expect(screen.queryByText(/beyond the useful zone/)).toBeNull();
  // A strength that was chosen stays, whatever is measured later.
  fireEvent.change(slider, { target: { value: '2' } });
  await pass(300);
  expect(slider.value).toBe('2');
});

it('says that a hidden tab was throttled, of that text only', async () => {
  const { hear, generationId, user } = await stream();
  expect(screen.queryByText(/throttled by the browser/)).toBeNull();
  const seen = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  act(() => void document.dispatchEvent(new Event('visibilitychange')));
  seen.mockRestore();
  expect(screen.getByText(/throttled by the browser/).getAttribute('role')).toBe('status');
  hear({ kind: 'generated', generationId, reason: 'length', divergence: null, automation: null });
  await user.click(screen.getByRole('button', { name: 'Rerun' }));
  expect(screen.queryByText(/throttled by the browser/)).toBeNull();
});

it('every slider has a name of its own and speaks its value', async () => {
  const link = LINK.replace('steer=3:add:1.5max', 'steer=3:add:1.5max,5:scale:2,6:cap:1raw');
  await openPage(link, scaled);
  const sliders = screen.getAllByRole('slider');
  const names = sliders.map((slider) => slider.getAttribute('aria-label') ?? '');
  expect(names).toHaveLength(3);
  expect(new Set(names).size).toBe(3);
  for (const [i, name] of names.entries())
    expect(name).toMatch(new RegExp(`^Strength of slot ${i + 1}, `));
  for (const slider of sliders) expect(slider.getAttribute('aria-valuetext')).toMatch(/[a-z]{4}/);
});
