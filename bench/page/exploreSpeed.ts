// How fast the Explore screen is, measured in the page, so that no time is spent on the way to it. Beside frames, which
// a machine without a GPU paints with the processor, the time that the page itself takes: script, style and layout.
import type { Page } from '@playwright/test';

/** Bars of interface.md (1, 2.3), for a machine with a GPU; own: milliseconds of a frame at 60 a second. */
export const BARS = { dashboardMs: 100, brushMs: 50, fps: 60, ownMs: 16.7 } as const;

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
export async function measureDashboard(page: Page, clicks: number): Promise<Measured> {
  const { times, ownMs } = await counted(page, () => clickRows(page, clicks));
  return { value: median(times), ownMs: ownMs / times.length };
}

/** Frames a second while the table scrolls by 40 pixels a frame. */
export async function measureScroll(page: Page, seconds: number): Promise<Measured> {
  const { times, ownMs } = await counted(page, () => scrollTable(page, seconds));
  const taken = times.reduce((sum, time) => sum + time, 0);
  return { value: (times.length * 1000) / taken, ownMs: ownMs / times.length };
}

/** Frames a second while the map is dragged, then zoomed, a step a frame. */
export async function measureMap(page: Page, seconds: number): Promise<Measured> {
  const { times, ownMs } = await counted(page, () => moveMap(page, seconds));
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
    const [own, other] = [...document.querySelectorAll('.chart-brushed')];
    const overlay = own?.querySelector('.overlay');
    if (overlay === null || overlay === undefined || other === undefined)
      throw new Error('no brush');
    const box = overlay.getBoundingClientRect();
    const send = (type: string, target: EventTarget, share: number) =>
      target.dispatchEvent(
        new MouseEvent(type, {
          clientX: box.left + box.width * share,
          clientY: box.top + box.height / 2,
          bubbles: true,
          cancelable: true,
          view: window,
        }),
      );
    const heights = () =>
      [...other.querySelectorAll('.chart-bar')].map((bar) => bar.getAttribute('height')).join();
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
      // What a click sets off in the background must not count for the next one.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return taken;
  }, clicks);
}

function scrollTable(page: Page, seconds: number): Promise<number[]> {
  const grid = page.getByRole('grid', { name: 'Features' });
  return grid.evaluate(async (scroller, milliseconds) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const started = await frame();
    const times: number[] = [];
    let now = started;
    while (now - started < milliseconds) {
      scroller.scrollTop += 40;
      const next = await frame();
      times.push(next - now);
      now = next;
    }
    return times;
  }, 1000 * seconds);
}

function moveMap(page: Page, seconds: number): Promise<number[]> {
  return page.locator('canvas[role=img]').evaluate(async (element, milliseconds) => {
    const canvas = element as HTMLCanvasElement;
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const box = canvas.getBoundingClientRect();
    const send = (type: string, step: number, delta: number) => {
      const at = { clientX: box.left + 100 + 2 * step, clientY: box.top + 100 + step };
      const buttons = Number(type === 'mousemove');
      const init = { ...at, buttons, bubbles: true, cancelable: true, view: window };
      // Without Ctrl the wheel scrolls what the map stands in.
      const wheel = { ...init, deltaY: delta, ctrlKey: true };
      if (type === 'wheel') canvas.dispatchEvent(new WheelEvent(type, wheel));
      else {
        canvas.dispatchEvent(new PointerEvent(type.replace('mouse', 'pointer'), init));
        (type === 'mousemove' ? window : canvas).dispatchEvent(new MouseEvent(type, init));
      }
    };
    const picture = () => canvas.toDataURL();
    const HALF_WAY = 30;
    const times: number[] = [];
    const run = async (act: (step: number) => void) => {
      const before = picture();
      const started = await frame();
      let now = started;
      for (let step = 1; now - started < milliseconds; step++) {
        act(step);
        const next = await frame();
        times.push(next - now);
        now = next;
      }
      // At just 60 frames a second the last step of a drag is back where it began.
      act(HALF_WAY);
      await frame();
      await frame();
      if (picture() === before) throw new Error('the map did not move');
    };
    send('mousedown', 0, 0);
    await run((step) => send('mousemove', step % 60, 0));
    send('mouseup', 0, 0);
    await run((step) => send('wheel', 0, step % 80 < 40 ? -40 : 38));
    return times;
  }, 1000 * seconds);
}
