// A visitor on the Train screen.
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { StepProfiling } from '../../../src/core/train/stepProfile';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import { DEMO_SAE, DEVICE, MODEL, problem, runOf } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

type User = Awaited<ReturnType<typeof openPage>>['user'];

const openAdvanced = (user: User) => user.click(screen.getByText(/^Advanced: text, numbers, seed/));

const FORM = { ...FIRST_TRAIN_FORM, hookPoint: 'blocks.1.hook_resid_post' as const };

it('shows the problem of a field beside it and refuses to play until it is mended', async () => {
  const { user, pass } = await openPage('#v=1&view=train');
  const k = screen.getByRole('spinbutton', { name: 'k' });
  const play = screen.getByRole<HTMLButtonElement>('button', { name: 'Play' });
  await user.clear(k);
  await user.type(k, '5000');
  await pass(200);
  expect(k.getAttribute('aria-invalid')).toBe('true');
  const message = document.getElementById(k.getAttribute('aria-describedby') ?? '');
  expect(message?.textContent).toBe(
    'k must be a whole number from 1 to 1024: 5000. Change this value.',
  );
  expect(play.disabled).toBe(true);
  await user.clear(k);
  await pass(200);
  expect(screen.getByText('k is empty. Type a number.')).toBeShown();
  await user.type(k, '32');
  await pass(200);
  expect(k.getAttribute('aria-invalid')).toBeNull();
  expect(play.disabled).toBe(false);
});

it('checks the form as soon as a model is open, before anybody types', async () => {
  const { user } = await openPage('#v=1&view=train');
  await openAdvanced(user);
  expect(screen.getByText(/^TopK, Adam: peak rate/)).toBeShown();
});

it('takes a length and a size, and tells time and memory before anything runs', async () => {
  const { user, pass } = await openPage('#v=1&view=train');
  await user.click(screen.getByRole('radio', { name: 'Standard' }));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Size' }), '2,048 features');
  await openAdvanced(user);
  await pass(200);
  expect(screen.getByRole<HTMLInputElement>('spinbutton', { name: 'Tokens' }).value).toBe(
    '10000000',
  );
  const size = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Size' });
  expect(size.selectedOptions[0]?.text).toBe('2,048 features');
  const k = screen.getByRole<HTMLInputElement>('spinbutton', { name: 'k' });
  expect(k.value).toBe('32');
  await user.clear(k);
  await user.type(k, '24');
  await user.selectOptions(size, '1,024 features');
  expect(k.value).toBe('24');
  await user.selectOptions(size, '2,048 features');
  await pass(200);
  // 4,000 tokens a second to read, a step of 0.1 s: 10,000,000 tokens and 4,882 steps.
  await pass(1000);
  expect(screen.getByText('about 50 min')).toBeShown();
  const memory = within(screen.getByRole('group', { name: 'What it takes' }));
  // 24 · 256 · 2,048
  expect(memory.getByText('12.6 MB')).toBeShown();
});

describe('where a step’s time goes', () => {
  const openWith = async (profile: StepProfiling) => {
    const value = {
      captureTokensPerSecond: 4000,
      stepSeconds: 0.1,
      runsOn: 'webgpu',
      profile,
    } as const;
    const { user, pass } = await openPage('#v=1&view=train', {
      train: { measureSpeed: () => Promise.resolve({ ok: true, value }) },
    });
    await user.click(screen.getByText('Where a step’s time goes'));
    expect(screen.getByText('It appears once a step was measured.')).toBeShown();
    await pass(1000);
  };

  it('is told by kernel, with the share of the limits measured here', async () => {
    await openWith({
      kernels: [
        { name: 'sae_encode', ms: 2, work: { flop: 4e9, bytes: 1e8 } },
        { name: 'csc_sort', ms: 0.5, work: null },
      ],
      limits: { flop: 8e12, bytes: 4e11 },
    });
    const table = within(screen.getByRole('table', { name: 'Kernels of one training step' }));
    // 4 GFLOP in 2 ms are 2,000 GFLOP/s, a quarter of the limit; its bytes would take less.
    expect(table.getByRole('row', { name: 'sae_encode 2 2,000 50 25 %' })).toBeShown();
    expect(table.getByRole('row', { name: /^csc_sort 0\.500\s*$/ })).toBeShown();
    expect(screen.getByText(/8,000 GFLOP\/s of multiplying, 400 GB\/s of copying/)).toBeShown();
  });

  it('is not known without timestamps, and says so', async () => {
    await openWith({ why: 'It lacks timestamp-query.' });
    expect(screen.getByText('Not known by kernel: It lacks timestamp-query.')).toBeShown();
  });
});

it('says why the time could not be measured', async () => {
  const { pass } = await openPage('#v=1&view=train', {
    train: {
      measureSpeed: () =>
        Promise.resolve({ ok: false, problem: problem('The GPU has no room for it.', '') }),
    },
  });
  await pass(1000);
  expect(screen.getByText('not measured')).toBeShown();
  expect(screen.getByText('It could not be measured: The GPU has no room for it.')).toBeShown();
});

it('plays, draws, pauses and offers the SAE at the end', async () => {
  const { user, api, hear } = await openPage('#v=1&view=train');
  await user.click(screen.getByRole('button', { name: 'Play' }));
  expect(api.train.start).toHaveBeenCalledOnce();
  const point = {
    step: 10,
    tokens: 10_240,
    loss: 0.5,
    l0: 16,
    explainedVariance: 0.6,
    deadFraction: 0.02,
    auxLoss: 0,
  };
  hear({ kind: 'points', runId: 'run-1', points: [{ ...point, step: 0, loss: 0.9 }, point] });
  expect(
    screen.getByRole('img', { name: /^Loss over steps 0 to 10: from 0.9 to 0.698/ }),
  ).toBeShown();
  // The bold figure is where the bold line ends: (0.98 · 0.9 + 0.5) / 1.98.
  expect(screen.getByText('0.698')).toBeShown();
  // Every count says of which tokens it is (7.18).
  expect(screen.getByText(/^Dead features, %: silent for 100K tokens/)).toBeShown();
  expect(screen.getByText('not saved yet')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(api.train.pause).toHaveBeenCalledOnce();
  hear({ kind: 'run', run: runOf(FORM, { phase: { kind: 'paused' }, savedStep: 10 }) });
  expect(screen.getByText('saved at step 10')).toBeShown();
  expect(screen.getByRole('button', { name: 'Resume' })).toBeShown();

  const sae = { ...DEMO_SAE, saeId: 'x~1', name: 'l1-run-1', origin: 'trained' as const };
  const what = 'Measuring on held-out text';
  hear({
    kind: 'run',
    run: runOf(FORM, { phase: { kind: 'preparing', what, done: 1, total: 2 } }),
  });
  expect(
    screen.getByRole('heading', { name: 'After block 1 measuring on held-out text' }),
  ).toBeShown();
  expect(api.statistics.compute).not.toHaveBeenCalled();
  hear(
    {
      kind: 'saes',
      saes: [DEMO_SAE, { ...sae, statisticsTokens: 0, explainedVariance: 0.7654 }],
    },
    { kind: 'run', run: runOf(FORM, { phase: { kind: 'done' } }) },
  );
  expect(screen.getByText('0.765')).toBeShown();
  // Its features are on their way before anybody asks.
  expect(api.statistics.compute).toHaveBeenCalledExactlyOnceWith(
    'x~1',
    524_288,
    expect.any(Number),
  );
  await user.click(screen.getByRole('button', { name: 'Explore this SAE' }));
  expect(screen.getByRole('heading', { name: 'Explore' })).toBeShown();
});

it('counts nothing by itself while more is to be trained', async () => {
  const { api, hear } = await openPage('#v=1&view=train');
  const sae = { ...DEMO_SAE, saeId: 'x~1', name: 'l1-run-1', origin: 'trained' as const };
  hear(
    { kind: 'run', run: runOf(FORM) },
    { kind: 'run', run: { ...runOf(FORM), runId: 'run-2', phase: { kind: 'queued' } } },
    { kind: 'saes', saes: [DEMO_SAE, { ...sae, statisticsTokens: 0 }] },
    { kind: 'run', run: runOf(FORM, { phase: { kind: 'done' } }) },
  );
  expect(screen.getByRole('button', { name: 'Explore this SAE' })).toBeShown();
  expect(api.statistics.compute).not.toHaveBeenCalled();
});

it('shows an interrupted run after a reload and resumes it from its checkpoint', async () => {
  const paused = runOf(FORM, { phase: { kind: 'paused' }, step: 300, savedStep: 300 });
  const { user, api, hear } = await openPage('#v=1&view=train', {
    train: { list: () => Promise.resolve([paused]) },
  });
  const going = runOf(FORM, { step: 300, savedStep: 300 });
  api.train.resume.mockResolvedValueOnce({ ok: true, value: going });
  expect(screen.getByText('saved at step 300')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Resume' }));
  expect(api.train.resume).toHaveBeenCalledExactlyOnceWith('run-1');
  hear({ kind: 'run', run: going });
  expect(screen.getByRole('button', { name: 'Pause' })).toBeShown();
  expect(screen.queryByRole('button', { name: 'Resume' })).toBeNull();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('asks once more, in place, before it deletes a run', async () => {
  const done = runOf(FORM, { phase: { kind: 'done' } });
  const { user, api } = await openPage('#v=1&view=train', {
    train: { list: () => Promise.resolve([done]) },
  });
  await user.click(screen.getByRole('button', { name: /^Delete run on/ }));
  expect(api.train.delete).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Keep' }));
  await user.click(screen.getByRole('button', { name: /^Delete run on/ }));
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  expect(api.train.delete).toHaveBeenCalledWith('run-1');
});

it('says what is missing without WebGPU, and trains, writes and explores on the processor', async () => {
  const words = 'No WebGPU: it is missing. Open this page in Chrome or Edge 121+.';
  const { user, hear, goTo } = await openPage('#v=1&view=train');
  const device = { ...DEVICE, problem: words, adapter: null, saeBackend: 'cpu' } as const;
  hear({ kind: 'device', device });
  expect(screen.getAllByText(words)[0]).toBeShown();
  expect(screen.getByText(/everything runs on the processor/)).toBeShown();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Play' }).disabled).toBe(false);
  await goTo('Library');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Generate' }).disabled).toBe(false);
  await goTo('Explore');
  await user.click(await screen.findByRole('button', { name: 'fires on “word0”' }));
  expect(await screen.findByRole('heading', { name: /feature 0$/ })).toBeShown();
});

it('refuses to resume a run of another model and names that model', async () => {
  const foreign = runOf(FORM, { phase: { kind: 'paused' }, modelId: 'theirs~000000000000' });
  await openPage('#v=1&view=train', { train: { list: () => Promise.resolve([foreign]) } });
  expect(screen.getByText('Needs its model, theirs~000000000000')).toBeShown();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Resume' }).disabled).toBe(true);
  expect(MODEL.id).not.toBe('theirs~000000000000');
});

it('trains another architecture: its fields, its default, a change and the way back', async () => {
  const { user, pass, api } = await openPage('#v=1&view=train');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'Matryoshka');
  await pass(200);
  await openAdvanced(user);
  expect(screen.getByText(/^Matryoshka, Adam: peak rate/)).toBeShown();
  await user.click(screen.getByText('Recipe'));
  const widths = screen.getByRole<HTMLInputElement>('textbox', { name: 'Widths' });
  expect(widths.value).toBe('64, 128, 256, 512, 1024');
  await user.clear(widths);
  await user.type(widths, '100, 1024');
  await pass(200);
  expect(screen.getByText('Recipe · 1 changed')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Reset Widths' }));
  await pass(200);
  expect(widths.value).toBe('64, 128, 256, 512, 1024');
  const rate = screen.getByRole('spinbutton', { name: 'Threshold rate' });
  await user.clear(rate);
  await user.type(rate, '7');
  await pass(200);
  expect(rate.getAttribute('aria-invalid')).toBe('true');
  await user.clear(rate);
  await user.type(rate, '0.02');
  await pass(200);
  await user.click(screen.getByRole('button', { name: 'Play' }));
  expect(api.train.start).toHaveBeenCalledWith(
    expect.objectContaining({ architecture: 'matryoshka', advanced: { thresholdRate: 0.02 } }),
  );
});

it('offers the machinery: resampling, the median, averages, more seeds', async () => {
  const { user, pass, api } = await openPage('#v=1&view=train&arch=relu');
  await pass(200);
  expect(screen.queryByRole('spinbutton', { name: 'k' })).toBeNull();
  await openAdvanced(user);
  await user.click(screen.getByText('Recipe'));
  const type = async (name: string, value: string) => {
    const field = screen.getByRole('spinbutton', { name });
    await user.clear(field);
    await user.type(field, value);
    await pass(200);
    return field;
  };
  const every = await type('Resample every', '100');
  expect(every.getAttribute('aria-invalid')).toBe('true');
  const rows = screen.getByRole('combobox', { name: 'Decoder rows' });
  await user.selectOptions(rows, 'norm 1');
  await pass(200);
  expect(every.getAttribute('aria-invalid')).toBeNull();
  await user.selectOptions(
    screen.getByRole('combobox', { name: 'Decoder bias starts at' }),
    'geometric median',
  );
  await type('Weight average', '0.999');
  const before = screen.getByRole('group', { name: 'What it takes' }).textContent;
  await type('Runs of other seeds', '2');
  expect(screen.getByRole('group', { name: 'What it takes' }).textContent).not.toBe(before);
  expect(screen.getByText('Recipe · 5 changed')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Play' }));
  expect(api.train.start).toHaveBeenCalledWith(
    expect.objectContaining({
      architecture: 'relu',
      seeds: 3,
      advanced: {
        resampleInterval: 100,
        decoderNorm: 'unit',
        bDecInit: 'geometricMedian',
        emaDecay: 0.999,
      },
    }),
  );
});

it('opens with the architecture of a link', async () => {
  const { pass } = await openPage('#v=1&view=train&arch=batchtopk');
  await pass(200);
  const select = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Kind' });
  expect(select.value).toBe('batchtopk');
});

it('trains a transcoder where an MLP reads, in one block or in every one', async () => {
  const { user, pass, api, hear } = await openPage('#v=1&view=train');
  const hooks = (['hook_resid_post', 'ln2.hook_normalized'] as const).flatMap((site) =>
    [0, 1].map((layer) => hookPoint(layer, site)),
  );
  hear({ kind: 'model', model: { ...MODEL, hookPoints: hooks } });
  const where = () => screen.getByRole<HTMLSelectElement>('combobox', { name: 'Where' });
  const options = () => [...where().options].map(({ value }) => value);
  await user.selectOptions(where(), hooks[1]!);
  expect(options()).toEqual(hooks.slice(0, 2));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'Transcoder');
  await pass(200);
  expect(options()).toEqual([...hooks.slice(2), 'every block']);
  expect(where().value).toBe(hooks[3]);
  await user.selectOptions(where(), 'The MLP of every block');
  await pass(200);
  await user.click(screen.getByRole('button', { name: 'Play' }));
  expect(api.train.start).toHaveBeenCalledWith(
    expect.objectContaining({ architecture: 'transcoder', everyLayer: true }),
  );
  await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'TopK');
  await pass(200);
  expect(where().value).toBe(hooks[1]);
});
