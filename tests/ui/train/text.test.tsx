// A visitor with a text of their own on the Train screen.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import type { CorpusFacts } from '../../../src/engine/text/api';
import { CORPUS, DEMO_SAE, problem, runOf } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const FORM = { ...FIRST_TRAIN_FORM, hookPoint: 'blocks.1.hook_resid_post' as const };
const BOOK: CorpusFacts = {
  id: 'book.txt~0123456789ab',
  name: 'book.txt',
  isDemo: false,
  documents: 120,
  characters: 600_000,
  tokens: 200_000,
  sample: 'Call me Ishmael.',
  notes: ['2 files of other kinds left out.'],
};
const fieldset = () => within(screen.getByRole('group', { name: 'Text' }));
const fileInput = () =>
  fieldset()
    .getAllByLabelText<HTMLInputElement>('Choose files')
    .find((element) => element.type === 'file') as HTMLInputElement;

type Page = Awaited<ReturnType<typeof openPage>>;

/** The Train screen with its folded fields open: the text is one of them. */
async function openTrain(...[answers]: [Parameters<typeof openPage>[1]?]): Promise<Page> {
  const page = await openPage('#v=1&view=train', answers);
  await page.user.click(screen.getByText(/^Advanced: text, numbers, seed/));
  return page;
}

it('begins with the bundled corpus and says what it is', async () => {
  await openTrain();
  expect(fieldset().getByText(/The bundled corpus, which the demo model wrote/)).toBeShown();
  expect(fieldset().getByText('It stays on this device.')).toBeShown();
  expect(fieldset().getByText(/436,554 tokens/)).toBeShown();
  // 1,000,000 / (0.9 · 436,554)
  expect(fieldset().getByText(/the run reads them 2.55 times over/)).toBeShown();
  expect(fieldset().queryByRole('button', { name: 'Back to the bundled corpus' })).toBeNull();
});

it('opens a chosen file, tells its facts, and goes back', async () => {
  const { user, api } = await openTrain({
    text: {
      open: (source) =>
        Promise.resolve({ ok: true, value: source.kind === 'demo' ? CORPUS : BOOK }),
    },
  });
  await user.upload(fileInput(), new File(['Call me Ishmael.'], 'book.txt'));
  expect(api.text.open.mock.calls[0]?.[0]).toMatchObject({
    kind: 'files',
    field: 'text',
    files: [{ path: 'book.txt' }],
  });
  expect(fieldset().getByText('book.txt')).toBeShown();
  expect(fieldset().getByText(/200,000 tokens/)).toBeShown();
  expect(fieldset().getByText(/the run reads them 5.56 times over/)).toBeShown();
  await user.click(fieldset().getByText('How it begins'));
  expect(fieldset().getByText('Call me Ishmael.')).toBeShown();
  expect(fieldset().getByText('2 files of other kinds left out.')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Back to the bundled corpus' }));
  expect(api.text.open).toHaveBeenLastCalledWith({ kind: 'demo' }, expect.any(Number));
  expect(fieldset().getByText(/436,554 tokens/)).toBeShown();
});

it('shows what is wrong with a file beside it, keeps the text, and reads again with another field', async () => {
  const wrong = problem(
    'a.jsonl: line 1 has no text under "text" (its keys: "body"); choose the key.',
    'Nothing was loaded; what you had is still open.',
  );
  const { user, api } = await openTrain({
    text: {
      open: (source) =>
        Promise.resolve(
          source.kind === 'files' && source.field === 'body'
            ? { ok: true, value: BOOK }
            : { ok: false, problem: wrong },
        ),
    },
  });
  await user.upload(fileInput(), new File(['{"body":"x"}'], 'a.jsonl'));
  expect(fieldset().getByRole('alert').textContent).toContain('(its keys: "body")');
  expect(fieldset().getByText(/436,554 tokens/)).toBeShown();
  const field = fieldset().getByRole('textbox', { name: 'Field' });
  await user.clear(field);
  await user.type(field, 'body');
  await user.click(fieldset().getByRole('button', { name: 'Read again' }));
  expect(api.text.open).toHaveBeenCalledTimes(2);
  expect(fieldset().queryByRole('alert')).toBeNull();
  expect(fieldset().getByText('book.txt')).toBeShown();
});

it('takes pasted text', async () => {
  const { user, api } = await openTrain();
  const use = screen.getByRole<HTMLButtonElement>('button', { name: 'Use this text' });
  expect(use.disabled).toBe(true);
  await user.type(fieldset().getByRole('textbox', { name: 'Or paste' }), 'my own words');
  await user.click(use);
  expect(api.text.open).toHaveBeenCalledWith(
    { kind: 'paste', text: 'my own words' },
    expect.any(Number),
  );
});

it('keeps the text while a run is open', async () => {
  const { hear } = await openTrain();
  hear({ kind: 'run', run: runOf(FORM) });
  expect(fieldset().getByText(/A run is open: stop it/)).toBeShown();
  expect(fieldset().queryByRole('button', { name: 'Use this text' })).toBeNull();
});

it('names the text that a stored run needs', async () => {
  const paused = runOf(FORM, { phase: { kind: 'paused' }, savedStep: 300, corpusId: BOOK.id });
  const { hear } = await openTrain({
    train: { list: () => Promise.resolve([paused]) },
  });
  const resume = screen.getByRole<HTMLButtonElement>('button', { name: 'Resume' });
  expect(resume.disabled).toBe(true);
  expect(screen.getByText(`Needs its text: open ${BOOK.id} again`)).toBeShown();
  hear({ kind: 'corpus', corpus: { ...BOOK, id: 'renamed.txt~0123456789ab' } });
  expect(resume.disabled).toBe(false);
});

it('says of the examples which text they are from', async () => {
  const own = { ...DEMO_SAE, statisticsCorpus: { name: 'book.txt', isDemo: false } };
  const { user, hear, goTo } = await openTrain();
  await goTo('Explore');
  const card = within(await screen.findByRole('article', { name: /^Feature 0:/ }));
  await user.click(card.getByRole('heading').querySelector('button') as HTMLElement);
  expect(
    await screen.findByText(/From the bundled corpus, which the demo model wrote/),
  ).toBeShown();
  hear({ kind: 'saes', saes: [own] });
  expect(screen.queryByText(/From the bundled corpus/)).toBeNull();
  expect(screen.getByText('From the text book.txt.')).toBeShown();
});

it('lets the model write a text, which can be ended and downloaded', async () => {
  const written = { ...BOOK, name: 'self-demo-seed-9', notes: ['Self-generated by demo, seed 9.'] };
  let finish: () => void = () => undefined;
  const { user, api, hear } = await openTrain({
    text: {
      open: () =>
        new Promise((resolve) => {
          finish = () => resolve({ ok: true, value: written });
        }),
    },
  });
  await user.click(fieldset().getByText('Use your own text'));
  expect(fieldset().getByText(/what it says is not true/)).toBeShown();
  const seed = fieldset().getByRole('spinbutton', { name: 'Seed of the text' });
  await user.clear(seed);
  await user.type(seed, '9');
  await user.click(fieldset().getByRole('button', { name: 'Write a text' }));
  const [source, jobId] = api.text.open.mock.lastCall ?? [];
  expect(source).toEqual({
    kind: 'self',
    tokens: 100_000,
    temperature: 0.9,
    topK: 200,
    seed: 9,
  });
  const progress = {
    phase: 'The model writes',
    done: 2000,
    total: 100_000,
    unit: 'tokens' as const,
  };
  hear({ kind: 'progress', jobId: 1, progress: { kind: 'corpus', ...progress } });
  await user.click(fieldset().getByRole('button', { name: 'Stop and keep it' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(jobId);
  finish();
  expect(await fieldset().findByText('self-demo-seed-9')).toBeShown();
  expect(fieldset().getByText('Self-generated by demo, seed 9.')).toBeShown();
  URL.createObjectURL = () => 'blob:test';
  await user.click(fieldset().getByRole('button', { name: 'Download .jsonl' }));
  expect(api.text.export).toHaveBeenCalledOnce();
});
