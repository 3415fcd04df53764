// Opens the page over the engine double, as a visitor would find it.
import { act, cleanup, configure, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll } from 'vitest';
import type { FirstReading } from '../../src/core/explore/firstReading';
import type { EngineEvent } from '../../src/engine/api';
import type { StorageRoom } from '../../src/store/environment';
import { createAppStore } from '../../src/store/appStore';
import { App } from '../../src/ui/App';
import { loadAhead } from '../../src/ui/parts/load/lazyPart';
import { makeEngineDouble, type EngineAnswers } from '../helpers/engine/engineDouble';
import { tellingEngine } from '../helpers/engine/tellingEngine';
import { makeTestEnvironment, settled } from '../helpers/engine/testEnvironment';
import './shown';

// Without styles nothing is hidden; asking for each element whether it is costs seconds. The limit only ends a hang, half
// of the test's own, so that it is said what never came.
configure({ defaultHidden: true, asyncUtilTimeout: 300_000 });
// jsdom lays nothing out and has no such method.
Element.prototype.scrollIntoView = () => undefined;

beforeAll(async () => {
  // As a visitor finds it who does not click within the first second.
  await loadAhead();
  // jsdom lays nothing out; the virtual list needs a window to fill.
  Object.defineProperties(HTMLElement.prototype, {
    clientHeight: { configurable: true, get: () => 600 },
    clientWidth: { configurable: true, get: () => 480 },
  });
  HTMLElement.prototype.scrollTo = () => undefined;
  // Nor has it modal dialogs.
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
  };
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    const cancel = new Event('cancel', { cancelable: true });
    document.querySelector('dialog[open]')?.dispatchEvent(cancel);
  });
  window.scrollTo = () => undefined;
  standInForPopovers();
});

/** jsdom hides what is a popover, and can neither open nor close it. */
function standInForPopovers(): void {
  const show = (panel: HTMLElement | null, isOpen: boolean) =>
    panel?.style.setProperty('display', isOpen ? 'block' : '');
  HTMLElement.prototype.showPopover = function open(this: HTMLElement) {
    show(this, true);
  };
  HTMLElement.prototype.hidePopover = function hide(this: HTMLElement) {
    show(this, false);
  };
  document.addEventListener('click', ({ target }) => {
    const id = (target as Element).closest('[popovertarget]')?.getAttribute('popovertarget');
    const panel = document.getElementById(id ?? '');
    show(panel, panel?.style.display !== 'block');
  });
}

afterEach(cleanup);

export const LIBRARY = '#v=1&view=library';

export async function openPage(
  hash = '',
  over: EngineAnswers = {},
  o: { reading?: FirstReading; settings?: Record<string, string>; room?: StorageRoom | null } = {},
) {
  const engine = makeEngineDouble(over);
  const outside = makeTestEnvironment(hash, o.reading ?? null);
  outside.room.current = o.room ?? null;
  for (const [key, value] of Object.entries(o.settings ?? {})) outside.settings.set(key, value);
  const store = createAppStore(tellingEngine(engine), outside.env);
  const view = render(<App store={store} />);
  await act(async () => {
    await store.start();
    await settled();
  });
  return {
    ...outside,
    api: engine.api,
    user: userEvent.setup(),
    container: view.container,
    /** The engine speaks. */
    hear: (...events: EngineEvent[]) => act(() => engine.emit(...events)),
    pass: (milliseconds: number) =>
      act(async () => {
        outside.advance(milliseconds);
        await settled();
      }),
    visit: (next: string) =>
      act(async () => {
        outside.visit(next);
        await settled();
      }),
    goTo: (name: string) =>
      userEvent.click(
        screen
          .getAllByRole('button', { name })
          .find((button) => button.closest('nav') !== null) as HTMLElement,
      ),
  };
}
