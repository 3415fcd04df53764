// "Train elsewhere": the run of the form as a folder for other machines.
import { screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { problem } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

it('saves the run of the form, says what to do with it there, and what it cannot train', async () => {
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  let fails = true;
  const { user, api } = await openPage('#v=1&view=train', {
    train: {
      handoff: () =>
        Promise.resolve(
          fails
            ? { ok: false, problem: problem('SAELens trains no transcoders.', 'Take sparsify.') }
            : { ok: true, value: [{ path: 'train-elsewhere.zip', blob: new Blob(['x']) }] },
        ),
    },
  });
  await user.click(screen.getByRole('button', { name: 'Train elsewhere' }));
  const dialog = within(screen.getByRole('dialog', { name: 'Train elsewhere' }));
  await user.click(dialog.getByRole('button', { name: 'Save as a zip' }));
  expect(await dialog.findByText(/SAELens trains no transcoders/)).toBeShown();
  expect(dialog.queryByText(/uv run train_sae\.py/)).toBeNull();
  fails = false;
  await user.click(dialog.getByRole('button', { name: 'Save as a zip' }));
  expect(await dialog.findByText(/uv run train_sae\.py/)).toBeShown();
  expect(dialog.queryByText(/SAELens trains no transcoders/)).toBeNull();
  const { forms, as } = api.train.handoff.mock.lastCall?.[0] ?? {};
  expect(as).toBe('zip');
  expect(forms).toHaveLength(1);
});
