// What somebody does who has never been here, in the rows of docs/design/page.md: each way is walked by real clicks, and
// they are counted. Knows no clock: bench/newcomer.ts measures how long a way takes, tests/e2e/newcomer.spec.ts that it
// is there.
import { resolve } from 'node:path';
import { expect as plainExpect, type Locator, type Page } from '@playwright/test';

/** Widths of a phone, a tablet, half a screen and a screen, px. */
export const WIDTHS = [390, 768, 1024, 1440] as const;
export const PHONE = { width: 390, height: 844 } as const;

export type Newcomer = ReturnType<typeof makeNewcomer>;

/** Of one page that nobody has done anything on yet. patience: ms that something may take to come; absent: as the test
 *  runner has it. */
export function makeNewcomer(page: Page, { patience }: { patience?: number } = {}) {
  const expect = plainExpect.configure(patience === undefined ? {} : { timeout: patience });
  const main = page.getByRole('main');
  let clicks = 0;
  const click = async (target: Locator) => {
    clicks++;
    await target.click();
  };

  return {
    /** so far */
    clicks: () => clicks,

    /** A feature with a name of its own and texts in which it fires, somewhere on the page. Returns its name. */
    async meetFeature(): Promise<string> {
      const card = main
        .getByRole('article')
        .filter({ has: page.locator('mark') })
        .first();
      await expect(card).toBeVisible();
      const name = await card.getByRole('heading').innerText();
      expect(name).not.toMatch(/^(feature )?\d+$/i);
      expect(name).not.toBe('');
      return name;
    },

    /** What Start offers to turn up, written by the model here: both texts, which differ. */
    async steerText(): Promise<{ without: string; with: string }> {
      await click(main.getByRole('button', { name: 'Turn it up' }));
      const lane = (name: string) => main.getByRole('group', { name, exact: true });
      // Once there is a slider, the texts that ship with the page have given way.
      await expect(startSlider(main)).toBeVisible();
      await expect(lane('With')).toHaveAttribute('aria-busy', 'false');
      await expect(lane('With').locator('em')).not.toBeEmpty();
      const text = (name: string) => lane(name).locator('p').innerText();
      return { without: await text('Without'), with: await text('With') };
    },

    /** Until the top bar names the demo's model. */
    async awaitModel(): Promise<void> {
      await expect(openModel(page)).toHaveAccessibleName(/^Model: demo\b/);
    },
    /** Until the run that Start offers has made its first step. */
    async beginTraining(): Promise<void> {
      await click(main.getByRole('button', { name: /^Train your own/ }));
      await expect(runHeading(page, '(training|finished)')).toBeVisible();
    },
    /** Until the run that was begun has ended: by itself, or because somebody stopped it. */
    async awaitTraining(): Promise<void> {
      await expect(runHeading(page, '(finished|stopped)')).toBeVisible();
    },
    /** Of the ended run's SAE on held-out text, as the page says it. */
    async readExplainedVariance(): Promise<number> {
      const told = main.getByText(/^Training (is done|was stopped)/).locator('strong');
      return Number(await told.innerText());
    },
    /** From the ended run to a feature of its SAE. Returns its name. */
    async openOwnFeature(): Promise<string> {
      await click(main.getByRole('button', { name: 'Explore this SAE' }));
      return this.meetFeature();
    },

    /** A checkpoint's files dropped on the middle of the window; until that model, and not the demo, is open. */
    async dropModel(files: readonly string[]): Promise<void> {
      await this.awaitModel();
      await dropFiles(page, files);
      await expect(openModel(page)).toHaveAccessibleName(/^Model: (?!demo\b).* layers$/);
    },

    /** From the top of the window to the first feature that is listed, px. */
    async listDistance(width: number): Promise<number> {
      await page.setViewportSize({ width, height: 900 });
      const first = page.getByRole('list', { name: 'Features' }).getByRole('article').first();
      await expect(first).toBeVisible();
      return Math.round((await first.boundingBox())?.y ?? Infinity);
    },

    /** Whether slider and steered text are wholly within the window on Start; scrolls nothing. */
    async seesSliderAndText(): Promise<boolean> {
      const slider = startSlider(main);
      const text = main.getByRole('group', { name: 'With', exact: true });
      return (await isInSight(slider)) && (await isInSight(text));
    },
    /** The same on Steer, where a feature stands in a slot and the model is asked to write. */
    async seesDialAndLane(): Promise<boolean> {
      await click(main.getByRole('button', { name: 'Generate' }));
      await expect(main.getByText(/Ended: /).first()).toBeVisible();
      const slider = main.getByRole('slider', { name: 'Strength' }).first();
      const text = main.getByRole('group', { name: 'Steered lane' });
      return (await isInSight(slider)) && (await isInSight(text));
    },
  };
}

/** The top bar's, once a model is open. */
function openModel(page: Page): Locator {
  return page.getByRole('button', { name: /^Model: .* layers$/ });
}

function startSlider(main: Locator): Locator {
  return main.getByRole('slider', { name: 'How far it is turned up' });
}

function runHeading(page: Page, phase: string): Locator {
  return page.getByRole('heading', { name: new RegExp(` block \\d+ ${phase}$`) });
}

/** As a file manager does it: the browser itself makes the drag, with files of this machine. */
async function dropFiles(page: Page, files: readonly string[]): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: files.map((file) => resolve(file)), dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await client.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  }
  await client.detach();
}

/** From its first to its last line, and nothing lies over it. */
function isInSight(target: Locator): Promise<boolean> {
  return target.evaluate((element) => {
    const { left, width, top, bottom } = element.getBoundingClientRect();
    return [top + 2, bottom - 2].every((y) => {
      const hit = document.elementFromPoint(left + width / 2, y);
      return hit !== null && (hit.contains(element) || element.contains(hit));
    });
  });
}
