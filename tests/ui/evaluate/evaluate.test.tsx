// A visitor on the Evaluate screen.
import { act, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { EvaluationRow } from '../../../src/engine/evaluate/api';
import {
  DEMO_SAE,
  DEVICE,
  MODEL,
  problem,
  type EngineAnswers,
} from '../../helpers/engine/engineDouble';
import { evaluationOf } from '../../helpers/evaluationCase';
import { openPage } from '../page';

const MINE = { ...DEMO_SAE, saeId: 'mine~0123456789ab', name: 'mine', origin: 'trained' as const };
const listSaes = () => Promise.resolve([DEMO_SAE, MINE]);
const HASH = '#v=1&view=evaluate';
const idle = (sae: typeof DEMO_SAE, l0 = 31.5, ev = 0.79): EvaluationRow => ({
  saeId: sae.saeId,
  state: { kind: 'idle' },
  evaluation: evaluationOf(sae, { l0, explainedVariance: ev }),
});
const rowOf = (name: string) =>
  within(screen.getByRole('rowheader', { name: new RegExp(`\\b${name}\\b`) }).closest('tr')!);

async function open(over: EngineAnswers = {}) {
  const page = await openPage(HASH, { sae: { list: listSaes }, ...over });
  page.hear({ kind: 'model', model: MODEL });
  return page;
}

it('shows nothing measured yet, and evaluates all SAEs at the reference budget', async () => {
  const { user, api } = await open();
  expect(screen.getByText(/Nothing measured yet/)).toBeShown();
  expect(screen.queryByRole('button', { name: 'JSON' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Evaluate all 2 SAEs' }));
  expect(api.evaluate.run).toHaveBeenCalledExactlyOnceWith(
    [DEMO_SAE.saeId, MINE.saeId],
    {
      tokens: 131_072,
      probing: null,
    },
    expect.any(Number),
  );
});

it('evaluates only what is ticked, at the budget chosen, with probing', async () => {
  const { user, api } = await open();
  await user.click(screen.getByRole('checkbox', { name: 'Evaluate mine' }));
  await user.selectOptions(screen.getByLabelText('Held-out tokens'), '8192');
  await user.selectOptions(screen.getByLabelText(/k-sparse probing/), 'demo');
  await user.click(screen.getByRole('button', { name: 'Evaluate 1 of 2 SAEs' }));
  expect(api.evaluate.run).toHaveBeenCalledExactlyOnceWith(
    [DEMO_SAE.saeId],
    {
      tokens: 8192,
      probing: { kind: 'demo' },
    },
    expect.any(Number),
  );
  await user.click(screen.getByRole('checkbox', { name: 'Evaluate demo SAE' }));
  expect(screen.getByText('Tick at least one SAE.')).toBeShown();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Evaluate 0/ }).disabled).toBe(
    true,
  );
});

it('takes a labelled file with its keys', async () => {
  const { user, api } = await open();
  await user.selectOptions(screen.getByLabelText(/k-sparse probing/), 'file');
  expect(screen.getByText('Choose the labelled file, or another probing.')).toBeShown();
  await user.upload(screen.getByLabelText('Labelled file'), new File(['{}'], 'mine.jsonl'));
  await user.clear(screen.getByLabelText('Text key'));
  await user.type(screen.getByLabelText('Text key'), 'body');
  await user.click(screen.getByRole('button', { name: /^Evaluate .*SAE/ }));
  expect(api.evaluate.run.mock.calls[0]?.[1].probing).toMatchObject({
    kind: 'file',
    file: { path: 'mine.jsonl' },
    textField: 'body',
    labelField: 'label',
  });
});

it('fills rows as numbers arrive, says what waits, and cancels', async () => {
  let finish: (outcome: Outcome<null>) => void = () => undefined;
  const { user, api, hear } = await open({
    evaluate: { run: () => new Promise((resolve) => (finish = resolve)) },
  });
  await user.click(screen.getByRole('button', { name: 'Evaluate all 2 SAEs' }));
  hear(
    { kind: 'evaluation', row: { ...idle(DEMO_SAE), state: { kind: 'running' } } },
    {
      kind: 'evaluation',
      row: { saeId: MINE.saeId, state: { kind: 'queued' }, evaluation: null },
    },
    {
      kind: 'progress',
      jobId: 1,
      progress: {
        kind: 'evaluation',
        phase: 'Measuring demo SAE',
        done: 8100,
        total: 131_072,
        unit: 'tokens',
      },
    },
  );
  expect(rowOf('demo SAE').getByText('measuring…')).toBeShown();
  expect(rowOf('demo SAE').getByText('31.5')).toBeShown();
  expect(rowOf('demo SAE').getByText('93.6 %')).toBeShown();
  expect(rowOf('mine').getByText('waits')).toBeShown();
  expect(screen.getByText('8,100 of 131,072 tokens')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.evaluate.run.mock.lastCall?.[2]);
  const partial = evaluationOf(DEMO_SAE, {}, { isComplete: false });
  hear({
    kind: 'evaluation',
    row: { saeId: DEMO_SAE.saeId, state: { kind: 'idle' }, evaluation: partial },
  });
  expect(rowOf('demo SAE').getByText('partial: ended early')).toBeShown();
  finish({ ok: true, value: null });
});

it('flags a row that failed with its reason and offers another try', async () => {
  const { user, api, hear } = await open();
  const failure = problem('mine reads width 512.', 'Open the model it was trained on.');
  hear({
    kind: 'evaluation',
    row: { saeId: MINE.saeId, state: { kind: 'failed', problem: failure }, evaluation: null },
  });
  expect(rowOf('mine').getByText(/mine reads width 512/)).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Retry mine' }));
  expect(api.evaluate.run.mock.calls[0]?.[0]).toEqual([MINE.saeId]);
});

it('shows stored results after a reload, their plot, and one in full', async () => {
  const { user } = await open({
    evaluate: { list: () => Promise.resolve([idle(DEMO_SAE), idle(MINE, 8, 0.6)]) },
  });
  const heads = () =>
    screen.getAllByRole('columnheader').map((head) => head.querySelector('button')?.textContent);
  expect(heads().slice(1)).toEqual(['Explained variance', 'L0', 'CE recovered', 'Dead']);
  expect(rowOf('demo SAE').queryByText('2026-11-24 08:04')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'All numbers' }));
  expect(heads()).toContain('KL');
  expect(rowOf('demo SAE').getByText('2026-11-24 08:04')).toBeShown();
  expect(screen.getByRole('img', { name: /^Explained variance by L0, 2 SAEs\./ })).toBeShown();
  await user.click(screen.getByRole('radio', { name: 'CE recovered' }));
  expect(screen.getByRole('img', { name: /^CE recovered by L0/ })).toBeShown();
  await user.click(rowOf('demo SAE').getByRole('button', { name: 'demo SAE' }));
  const detail = within(screen.getByRole('region', { name: 'demo SAE in full' }));
  expect(detail.getByText(/all it has \(131,072 were asked for\)/)).toBeShown();
  const legacy = detail.getByText('EV (legacy)').closest('dt');
  expect(legacy?.nextElementSibling?.textContent).toBe('0.765');
  expect(detail.getByRole('img', { name: /19 features fired, 1 never did/ })).toBeShown();
  expect(detail.getByRole('rowheader', { name: 'story' })).toBeShown();
  // What lies on top goes first.
  act(() => detail.getByRole('button', { name: 'Dead' }).focus());
  await user.keyboard('{Escape}');
  expect(screen.getByRole('region', { name: 'demo SAE in full' })).toBeShown();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('region', { name: 'demo SAE in full' })).toBeNull();
  await user.click(rowOf('demo SAE').getByRole('button', { name: 'demo SAE' }));
  const again = within(screen.getByRole('region', { name: 'demo SAE in full' }));
  await user.click(again.getByRole('button', { name: 'Explore this SAE' }));
  expect(screen.getByRole('heading', { name: 'Explore' })).toBeShown();
});

it('explains a column to whoever points at its head or comes to it by keyboard', async () => {
  const { user } = await open({ evaluate: { list: () => Promise.resolve([idle(DEMO_SAE)]) } });
  const dead = screen.getByRole('button', { name: 'Dead' });
  const meaning = document.getElementById(dead.getAttribute('aria-describedby') ?? '');
  const isOpen = () => meaning !== null && getComputedStyle(meaning).display !== 'none';
  expect(meaning?.textContent).toBe(
    'Features that fired on none of these tokens, as a share of all. Less is better.',
  );
  expect(isOpen()).toBe(false);
  await user.hover(dead);
  expect(isOpen()).toBe(true);
  await user.unhover(dead);
  expect(isOpen()).toBe(false);
  act(() => dead.focus());
  expect(isOpen()).toBe(true);
  await user.keyboard('{Escape}');
  expect(isOpen()).toBe(false);
});

it('downloads the report as a page and as JSON', async () => {
  const { user } = await open({ evaluate: { list: () => Promise.resolve([idle(DEMO_SAE)]) } });
  const saved: Blob[] = [];
  URL.createObjectURL = vi.fn((blob: Blob) => {
    saved.push(blob);
    return '#saved';
  });
  URL.revokeObjectURL = vi.fn();
  await user.click(screen.getByRole('button', { name: 'Report, one page' }));
  await user.click(screen.getByRole('button', { name: 'JSON' }));
  expect(saved.map((blob) => blob.type)).toEqual(['text/markdown', 'application/json']);
  expect(saved.every((blob) => blob.size > 1000)).toBe(true);
});

it('without WebGPU shows what is stored and still measures', async () => {
  const { hear } = await open({ evaluate: { list: () => Promise.resolve([idle(DEMO_SAE)]) } });
  hear({
    kind: 'device',
    device: { ...DEVICE, problem: 'No WebGPU here.', adapter: null, modelBackend: 'wasm' },
  });
  expect(rowOf('demo SAE').getByText('31.5')).toBeShown();
  const button = screen.getByRole<HTMLButtonElement>('button', { name: /^Evaluate .*SAE/ });
  expect(button.disabled).toBe(false);
});

it('is reached with g e, and says what to do where there is no SAE', async () => {
  const { user } = await openPage('', { sae: { list: () => Promise.resolve([]) } });
  await user.keyboard('ge');
  expect(screen.getByRole('heading', { name: 'Evaluate' })).toBeShown();
  expect(screen.getByText('No SAE here yet')).toBeShown();
});

it('has a column for transcoders that were measured all at once, only then', async () => {
  const evaluation = evaluationOf(MINE, {});
  const saes = [{ id: MINE.saeId, name: 'mine', hookPoint: MINE.hookPoint }];
  const metrics = { ...evaluation.metrics, ceLossRecovered: 0.625 };
  const { hear } = await open();
  expect(screen.queryByRole('columnheader', { name: /all at once/ })).toBeNull();
  const row = { saeId: MINE.saeId, state: { kind: 'idle' as const } };
  hear({
    kind: 'evaluation',
    row: { ...row, evaluation: { ...evaluation, together: { saes, metrics } } },
  });
  expect(screen.getByRole('columnheader', { name: /CE recovered, all at once/ })).toBeShown();
  expect(rowOf('mine').getByRole('cell', { name: '62.5 %' })).toBeShown();
});
