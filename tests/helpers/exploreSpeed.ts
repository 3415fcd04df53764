// How fast the Explore screen is, measured in the page, so that no time is spent on the way to it. Beside frames, which
// a machine without a GPU paints with the processor, the time that the page itself takes: script, style and layout.
import type { Page } from '@playwright/test';

const CLICKS = 15;

export type Measured = {
  /** what the visitor waits, or frames a second; with painting */
  value: number;
  /** milliseconds of script, style and layout for each redraw, click or frame */
  ownMs: number;
};

/** From a move of the mouse over the first brush to the second frame after the chart beside it changed. */
export async function measureBrush(page: Page): Promise<Measured> {
  const { times, ownMs } = await counted(page, () => dragBrush(page));
  return { value: median(times), ownMs: ownMs / times.length };
}

/** From a click on a row to the second frame after the examples are another feature's. */
export async function measureDashboard(page: Page): Promise<Measured> {
  const { times, ownMs } = await counted(page, () => clickRows(page, CLICKS));
  return { value: median(times), ownMs: ownMs / times.length };
}

/** Frames a second while the table scrolls by 40 pixels a frame. */
export async function measureScroll(page: Page): Promise<Measured> {
  const { times, ownMs } = await counted(page, () => scrollTable(page));
  const taken = times.reduce((sum, time) => sum + time, 0);
  return { value: (times.length * 1000) / taken, ownMs: ownMs / times.length };
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;
}

async function counted(page: Page, act: () => Promise<number[]>) {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const own = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    const seconds = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
    return (
      1000 *
      (seconds('ScriptDuration') + seconds('LayoutDuration') + seconds('RecalcStyleDuration'))
    );
  };
  const before = await own();
  const times = await act();
  const ownMs = (await own()) - before;
  await client.detach();
  return { times, ownMs };
}

function dragBrush(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const [own, other] = [...document.querySelectorAll('.brush-chart')];
    const overlay = own?.querySelector('.overlay');
    if (overlay === null || overlay === undefined || other === undefined)
      throw new Error('no brush');
    const box = overlay.getBoundingClientRect();
    const send = (type: string, target: EventTarget, share: number) =>
      target.dispatchEvent(
        new MouseEvent(type, {
          ...{ clientX: box.left + box.width * share, clientY: box.top + box.height / 2 },
          ...{ bubbles: true, cancelable: true, view: window },
        }),
      );
    const heights = () =>
      [...other.querySelectorAll('.bar')].map((bar) => bar.getAttribute('height')).join();
    const taken: number[] = [];
    send('mousedown', overlay, 0.2);
    for (let i = 1; i <= 12; i++) {
      const before = heights();
      const started = performance.now();
      send('mousemove', window, 0.2 + i * 0.04);
      while (heights() === before && performance.now() - started < 3000) await frame();
      await frame();
      taken.push(performance.now() - started);
    }
    send('mouseup', window, 0.68);
    return taken;
  });
}

function clickRows(page: Page, clicks: number): Promise<number[]> {
  return page.evaluate(async (clicks) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const taken: number[] = [];
    for (let i = 0; i < clicks; i++) {
      const rows = [...document.querySelectorAll<HTMLElement>('[role=row][aria-selected=false]')];
      const row = rows[i % rows.length];
      if (row === undefined) throw new Error('the table has no rows');
      const before = document.querySelector('ol[aria-label="Top examples"]')?.textContent;
      const started = performance.now();
      row.click();
      while (document.querySelector('ol[aria-label="Top examples"]')?.textContent === before) {
        if (performance.now() - started > 5000) throw new Error('the dashboard did not change');
        await frame();
      }
      await frame();
      taken.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return taken;
  }, clicks);
}

function scrollTable(page: Page): Promise<number[]> {
  const grid = page.getByRole('grid', { name: 'Features' });
  return grid.evaluate(async (scroller) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const started = await frame();
    const times: number[] = [];
    let now = started;
    while (now - started < 2000) {
      scroller.scrollTop += 40;
      const next = await frame();
      times.push(next - now);
      now = next;
    }
    return times;
  });
}
