// A page that is left or reloaded while its address is about to change. jsdom has no reload: a new environment
// over the address of before stands for the page that a reload opens.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeBrowserEnvironment } from '../../../src/ui/browserEnvironment';

const openPage = () =>
  makeBrowserEnvironment(
    window,
    {
      getFacts: () => Promise.resolve(undefined),
      updateFacts: () => Promise.resolve(),
    },
    {
      readFirstReading: () => Promise.reject(new Error('unused')),
      readRoom: () => Promise.resolve(null),
      keepStorage: () => Promise.resolve(false),
    },
  );
/** The next page of the tab, at the address that the browser opens. */
function openNext(type: 'reload' | 'navigate', hash: string): string {
  window.history.replaceState(null, '', hash);
  vi.spyOn(window.performance, 'getEntriesByType').mockReturnValue([
    { type } as PerformanceNavigationTiming,
  ]);
  return openPage().readHash();
}

const OLD = '#v=1&feature=1';
const NEW = '#v=1&feature=2';

beforeEach(() => {
  window.sessionStorage.clear();
  window.history.replaceState(null, '', OLD);
});

describe('a page that is left', () => {
  it('gives a last chance on pagehide and when it is hidden, not when it is shown', () => {
    const { document } = window;
    let calls = 0;
    openPage().onHidden(() => calls++);
    window.dispatchEvent(new Event('pagehide'));
    expect(calls).toBe(1);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(calls).toBe(1);
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    Reflect.deleteProperty(document, 'visibilityState');
    expect(calls).toBe(2);
  });
});

describe('a page that is reloaded', () => {
  it('opens the address that was about to be written, once', () => {
    openPage().planHash(NEW);
    expect(openNext('reload', OLD)).toBe(NEW);
    expect(openNext('reload', OLD)).toBe(OLD);
  });

  it('opens it though it was written while the page was left: the browser had the old one by then', () => {
    const page = openPage();
    page.planHash(NEW);
    page.writeHash(NEW, false);
    expect(openNext('reload', OLD)).toBe(NEW);
  });

  it('opens another address as it is, and the old one for a visitor who asks for it', () => {
    openPage().planHash(NEW);
    expect(openNext('reload', '#v=1&feature=7')).toBe('#v=1&feature=7');
    openPage().planHash(NEW);
    expect(openNext('navigate', OLD)).toBe(OLD);
  });
});
