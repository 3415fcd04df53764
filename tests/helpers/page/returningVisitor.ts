// A test whose page belongs to somebody who was here before: one browser context for all specs of a worker, so that the
// model's runtime and files are in the browser's caches and a page opens in a third of the time. What a test keeps there
// (notes, stars, guessed labels), the next one finds: a spec that needs a clean browser takes watchedTest.ts's own `test`.
import type { BrowserContext } from '@playwright/test';
import config from '../../../playwright.config';
import { test as freshTest } from './watchedTest';

export const test = freshTest.extend<object, { oneContext: BrowserContext }>({
  oneContext: [
    async ({ browser }, use) => {
      const { baseURL, viewport } = config.use ?? {};
      const context = await browser.newContext({
        serviceWorkers: 'block',
        ...(baseURL === undefined ? {} : { baseURL }),
        ...(viewport === undefined ? {} : { viewport }),
      });
      await use(context);
      await context.close();
    },
    { scope: 'worker' },
  ],
  context: async ({ oneContext }, use) => {
    await use(oneContext);
  },
  page: async ({ context }, use) => {
    const page = await context.newPage();
    await use(page);
    await page.close();
  },
});
