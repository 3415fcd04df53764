// A visitor who doubts an import.
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { CHECK, MODEL, problem } from '../../helpers/engine/engineDouble';
import { LIBRARY, openPage } from '../page';

const press = () => screen.getByRole('button', { name: 'Check this import' });

it('shows what was measured beside the meta file, and that the texts differ', async () => {
  const { user, hear } = await openPage(LIBRARY);
  await user.click(press());
  expect(screen.getByText('Measured here').parentElement?.textContent).toContain('1.06');
  expect(screen.getByText('In its meta file').parentElement?.textContent).toContain('1.10');
  expect(screen.getByText(/8,192/, { selector: 'dd' }).textContent).toContain('28,000 bytes');
  expect(screen.getByText(/The two figures are for different texts/)).toBeShown();
  hear({ kind: 'model', model: { ...MODEL, id: 'other~0123456789ab' } });
  expect(screen.queryByText('Measured here')).toBeNull();
});

it("says so where the text is nanochat's own", async () => {
  const own = { ...CHECK, corpus: { name: 'shard_06542.parquet', isDemo: false } };
  const { user } = await openPage(LIBRARY, {
    model: {
      checkImport: () => Promise.resolve({ ok: true, value: { ...own, isNanochatText: true } }),
    },
  });
  await user.click(press());
  expect(screen.getByText(/is the shard that nanochat validates on/)).toBeShown();
});

it('shows how far it is, and can be cancelled', async () => {
  const { user, api, hear } = await openPage(LIBRARY, {
    model: { checkImport: () => new Promise(() => undefined) },
  });
  await user.click(press());
  const progress = {
    kind: 'check' as const,
    phase: 'Predicting held-out text',
    done: 512,
    total: 8192,
    unit: 'tokens' as const,
  };
  hear({ kind: 'progress', jobId: 1, progress });
  expect(screen.getByRole('progressbar', { name: 'Check' })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.model.checkImport.mock.lastCall?.[1]);
});

it('tells what went wrong', async () => {
  const short = problem('the held-out tenth of the text has 20 tokens', 'Take more text.');
  const { user } = await openPage(LIBRARY, {
    model: { checkImport: () => Promise.resolve({ ok: false, problem: short }) },
  });
  await user.click(press());
  expect(screen.getByRole('alert').textContent).toContain('has 20 tokens');
});
