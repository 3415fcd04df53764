// How a page looks and reads at every width, light and dark: nothing runs off the side, axe finds nothing serious, and a
// screenshot is kept for a person to look at.
import { expect, type Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';

const SCHEMES = ['light', 'dark'] as const;
/** A phone, a tablet, half a screen, a screen. */
const WIDTHS = [390, 768, 1024, 1440] as const;
/** Between the two beside it, where the layout is one of theirs: looked at by a person, not by axe. */
const BETWEEN = 768;
/** What the colour scheme can change; everything else was found in the light, in the same elements. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** What a window of 1440 × 900 leaves at 200 % zoom. */
const ZOOMED = { width: 720, height: 450 };

/** The page as it stands; screenshots are `name-scheme-width.png`. Leaves the page dark and 1440 wide. */
export async function look(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize(ZOOMED);
  expect(
    await pixelsOffSide(page),
    `${name}, pixels off the side at 200 % zoom`,
  ).toBeLessThanOrEqual(0);
  expect(await page.evaluate(movements), `${name}, moves where less motion is asked for`).toEqual(
    [],
  );
  expect(await page.evaluate(beyondKeyboard), `${name}, out of the keyboard's reach`).toEqual([]);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await pixelsOffSide(page);
      expect(overflow, `${name}, pixels off the side at ${width}`).toBeLessThanOrEqual(0);
      await keepScreenshot(page, `${name}-${colorScheme}-${width}`);
      if (width === BETWEEN) continue;
      const findings = await axeFindings(page, {
        ...(colorScheme === 'dark' ? { runOnly: { type: 'rule', values: COLOUR_RULES } } : {}),
      });
      expect(findings, `axe, ${name}, ${colorScheme}, ${width}`).toEqual([]);
    }
  }
}

function pixelsOffSide(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

/** In the page: what is animated or in transition, but for what ends by itself and began before less motion was asked for. */
async function movements(): Promise<string[]> {
  const ending = document
    .getAnimations()
    .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  // Rejects for one that is cancelled, which is over as well.
  await Promise.allSettled(ending.map(({ finished }) => finished));
  return document.getAnimations().map(({ effect }) => {
    const target = effect instanceof KeyframeEffect ? effect.target : null;
    return target?.outerHTML.slice(0, 200) ?? 'something';
  });
}

/** In the page: visible controls that neither Tab reaches nor, by arrow keys, something beside them that it reaches. */
export function beyondKeyboard(): string[] {
  const controls =
    'button, a[href], input, select, textarea, summary, [role=button], [role=slider], [role=radio], [role=tab], [role=menuitem]';
  const groups =
    '[role=group], [role=radiogroup], [role=toolbar], [role=grid], [role=list], [role=listbox], ul, ol, article';
  const isShown = (element: HTMLElement) =>
    element.checkVisibility({ visibilityProperty: true }) && element.closest('[inert]') === null;
  const isReached = (element: HTMLElement) =>
    element.tabIndex >= 0 && isShown(element) && !element.matches(':disabled');
  return [...document.querySelectorAll<HTMLElement>(controls)]
    .filter((one) => isShown(one) && !one.matches(':disabled') && one.tabIndex < 0)
    .filter((one) => {
      let group = one.closest<HTMLElement>(groups);
      for (; group !== null; group = group.parentElement?.closest<HTMLElement>(groups) ?? null) {
        const beside = [group, ...group.querySelectorAll<HTMLElement>('*')];
        if (beside.some(isReached)) return false;
      }
      return true;
    })
    .map((one) => one.outerHTML.slice(0, 200));
}

/** The whole page, under test-results/screenshots. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  // What sticks to the top would else stand where the page was scrolled to.
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
  await page.screenshot({ path: `test-results/screenshots/${name}.png`, fullPage: true });
}

/** axe's findings as the page stands, with the elements they are about. leastImpact: 'minor' for all of them. */
export async function axeFindings(
  page: Page,
  options: RunOptions = {},
  leastImpact: 'serious' | 'minor' = 'serious',
): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  // Passes are only counted, or describing them takes most of the time.
  const wanted: RunOptions = { ...options, resultTypes: ['violations'] };
  const { violations } = await page.evaluate(
    (given) => (globalThis as unknown as { axe: typeof axe }).axe.run(given),
    wanted,
  );
  return violations
    .filter(
      ({ impact }) => leastImpact === 'minor' || impact === 'serious' || impact === 'critical',
    )
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
