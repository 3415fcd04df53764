// Playwright's test, which also fails where the page was kept from doing something by its policy (pagePolicy.ts), whatever
// else was tested. What workers are kept from, browsers do not tell here: they fail at it.
import { expect, test as plainTest, type BrowserContext } from '@playwright/test';

/** What browsers print where a policy was broken; the list grows while the context lives. */
export function watchPolicy(context: BrowserContext): readonly string[] {
  const broken: string[] = [];
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) broken.push(message.text());
  });
  return broken;
}

export const test = plainTest.extend<{ policyWatch: null }>({
  policyWatch: [
    async ({ context }, use) => {
      const broken = watchPolicy(context);
      await use(null);
      expect(broken, 'what the page’s policy forbade').toEqual([]);
    },
    { auto: true },
  ],
});
