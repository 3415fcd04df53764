// A visitor scrubs a feature of an SAE trained here through the saved steps of its run.
import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { DEMO_SAE } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const FEATURE = '#v=1&view=explore&sae=demo&feature=3';
const TRAINED = { sae: { list: () => Promise.resolve([{ ...DEMO_SAE, runId: 'run-4' }]) } };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function openReplay() {
  const page = await openPage(FEATURE, TRAINED);
  await page.user.click(await screen.findByText('Evidence'));
  await page.user.click(await screen.findByRole('button', { name: 'Replay' }));
  const slider = await screen.findByRole('slider', { name: 'Saved step' });
  return {
    ...page,
    slider,
    section: within(screen.getByRole('region', { name: 'Through training' })),
  };
}

it('is not offered for an SAE that was not trained here', async () => {
  const { user } = await openPage(FEATURE);
  await user.click(await screen.findByText('Evidence'));
  await screen.findByRole('heading', { name: /feature 3$/i });
  expect(screen.queryByRole('region', { name: 'Through training' })).toBeNull();
});

it('tells the life of the feature, and each saved step by the slider', async () => {
  const { api, slider, section, user } = await openReplay();
  expect(api.explore.replay).toHaveBeenCalledWith({
    saeId: DEMO_SAE.saeId,
    latentIndex: 3,
    examples: [[100, 101, 102]],
  });
  expect(
    section.getByText(
      '3 saved steps. Its direction stayed within cosine 0.5 of the final one from step 8 on. It was alive at the end.',
    ),
  ).toBeShown();
  expect(slider.getAttribute('aria-valuetext')).toBe('step 64, 3 of 3');
  expect(section.getByRole('listitem', { name: '“·peak3”, bid 8' })).toBeShown();
  fireEvent.change(slider, { target: { value: '0' } });
  expect(slider.getAttribute('aria-valuetext')).toBe('step 0, 1 of 3');
  expect(section.getByRole('listitem', { name: '“·peak3”, bid 0' })).toBeShown();
  expect(section.getByRole('img', { name: /from 0.1 to 1, lowest 0.1, highest 1/ })).toBeShown();
  await user.click(section.getByText(/^Show data/));
  expect(section.getAllByRole('row')).toHaveLength(4);
  await user.click(section.getByRole('button', { name: /feature 2$/i }));
  expect(await screen.findByRole('heading', { name: /feature 2$/i })).toBeShown();
});

it('plays from the start to the end, and stops when told', async () => {
  const { slider, section } = await openReplay();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  fireEvent.click(section.getByRole('button', { name: 'Play' }));
  expect(slider.getAttribute('aria-valuetext')).toBe('step 0, 1 of 3');
  await act(() => vi.advanceTimersByTimeAsync(600));
  expect(slider.getAttribute('aria-valuetext')).toBe('step 8, 2 of 3');
  fireEvent.click(section.getByRole('button', { name: 'Stop' }));
  await act(() => vi.advanceTimersByTimeAsync(3000));
  expect(slider.getAttribute('aria-valuetext')).toBe('step 8, 2 of 3');
});

it('does not play by itself for those who asked for stillness', async () => {
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: query.includes('reduced-motion'),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  const { section } = await openReplay();
  expect(section.queryByRole('button', { name: 'Play' })).toBeNull();
});
