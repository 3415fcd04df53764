// What fails takes only itself with it: a part that does not load, a screen that breaks.
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Boundary } from '../../../src/ui/parts/load/Boundary';
import { lazyPart } from '../../../src/ui/parts/load/lazyPart';
import '../shown';

// React prints what a boundary holds.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(() => {
  vi.restoreAllMocks();
  cleanup();
});

it('a part that does not load says so, is asked for again by Retry, and the rest stays (7.6)', async () => {
  const missing = new TypeError('Failed to fetch dynamically imported module: /assets/Map-1.js');
  const load = vi.fn<() => Promise<() => React.JSX.Element>>();
  load.mockRejectedValueOnce(missing).mockRejectedValueOnce(missing);
  load.mockResolvedValue(() => <p>Here I am</p>);
  const Part = lazyPart('The map', load);
  const user = userEvent.setup();
  render(
    <>
      <Part />
      <p>The rest</p>
    </>,
  );
  for (const attempt of [1, 2]) {
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The map did not load.');
    expect(screen.getByText('The rest')).toBeShown();
    expect(load).toHaveBeenCalledTimes(attempt);
    await user.click(screen.getByRole('button', { name: 'Retry' }));
  }
  expect(await screen.findByText('Here I am')).toBeShown();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('a part that has loaded is there at once when it is shown again (7.6)', async () => {
  const load = vi.fn(() => Promise.resolve(() => <p>Here I am</p>));
  const Part = lazyPart('The map', load, <p>Waiting</p>);
  const view = render(<Part />);
  await screen.findByText('Here I am');
  view.unmount();
  render(<Part />);
  expect(screen.getByText('Here I am')).toBeShown();
  expect(screen.queryByText('Waiting')).toBeNull();
  expect(load).toHaveBeenCalledOnce();
});

it('a part that breaks while it is drawn names itself and its error, and Retry draws it again (7.6)', async () => {
  let isBroken = true;
  function Screen() {
    if (isBroken) throw new Error('no such row: 7');
    return <p>Drawn</p>;
  }
  const user = userEvent.setup();
  render(
    <Boundary what="The Train screen">
      <Screen />
    </Boundary>,
  );
  expect(screen.getByRole('alert').textContent).toContain(
    'The Train screen stopped with an error: no such row: 7',
  );
  isBroken = false;
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(screen.getByText('Drawn')).toBeShown();
});
