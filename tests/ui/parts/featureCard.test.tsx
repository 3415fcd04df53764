// The feature card: what it says, and what can be done with it by hand and by keyboard.
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { FeatureCard, type FeatureCardProps } from '../../../src/ui/parts/feature/FeatureCard';
import '../shown';

afterEach(cleanup);

function show(over: Partial<FeatureCardProps> = {}) {
  const does = {
    onOpen: vi.fn<() => void>(),
    onTurnUp: vi.fn<() => void>(),
    toggle: vi.fn<() => void>(),
  };
  render(
    <FeatureCard
      latentIndex={1360}
      name={{ text: 'names of children', source: 'guess', score: 0.94 }}
      evidence={{
        histogram: [40, 10, 1],
        maxAct: 8,
        lines: [{ before: 'a girl named ', token: 'Lily', after: '.\nShe', act: 8 }],
        density: '2.1 % of tokens',
        densitySentence: 'Fires on about 1 token in 48: on 1 of 48 counted.',
      }}
      star={{ isOn: false, toggle: does.toggle }}
      onOpen={does.onOpen}
      onTurnUp={does.onTurnUp}
      {...over}
    />,
  );
  return does;
}

it('names the feature, says who named it, and shows its texts around the firing token', () => {
  show();
  const card = screen.getByRole('article', { name: 'Feature 1360: names of children' });
  expect(card.textContent).toContain('guess, 0.94');
  const [line] = within(card).getAllByRole('listitem');
  expect(line?.textContent).toBe('a girl named Lily.↵She');
  expect(line?.querySelector('mark')?.textContent).toBe('Lily');
  expect(within(card).getByTitle(/1 token in 48/)).toBeShown();
});

it('opens, stars and turns up by keyboard alone', async () => {
  const does = show();
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard('{Enter}');
  expect(does.onOpen).toHaveBeenCalledTimes(1);
  await user.tab();
  await user.keyboard('{Enter}');
  expect(does.toggle).toHaveBeenCalledTimes(1);
  await user.tab();
  await user.keyboard('{Enter}');
  expect(does.onTurnUp).toHaveBeenCalledTimes(1);
  expect(does.onOpen).toHaveBeenCalledTimes(1);
});

it('keeps its name while its texts are on their way', () => {
  show({ evidence: null, name: { text: 'feature 1360', source: 'none', score: null } });
  expect(screen.getByRole('button', { name: 'feature 1360' })).toBeShown();
  expect(screen.queryAllByRole('listitem')).toEqual([]);
});
