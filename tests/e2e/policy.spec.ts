// The page under its policy. That no screen and no export breaks it is found by every spec: watchedTest.ts.
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { POLICY_TEXT, SERVED_HEADERS } from '../../pagePolicy';
import { watchPolicy } from '../helpers/page/watchedTest';

test('the built page carries its policy, and is served with it and its companions (7.32)', async ({
  page,
}) => {
  const html = await readFile('dist/index.html', 'utf8');
  const document = await page.evaluateHandle(
    (text) => new DOMParser().parseFromString(text, 'text/html'),
    html,
  );
  const carried = await document.evaluate((parsed) =>
    parsed.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content'),
  );
  expect(carried).toBe(POLICY_TEXT);
  // What is forbidden to come must not be there in the first place.
  expect(
    await document.evaluate((parsed) => parsed.querySelectorAll('style, script:not([src])').length),
  ).toBe(0);

  const answer = await page.goto('/');
  const headers = await answer?.allHeaders();
  for (const [name, value] of Object.entries(SERVED_HEADERS)) {
    expect(headers?.[name.toLowerCase()]).toBe(value);
  }
  expect(SERVED_HEADERS['Content-Security-Policy']).toContain(`${POLICY_TEXT}; frame-ancestors`);
});

test('what is not the page’s own does not run, and a broken policy is noticed (7.32)', async ({
  page,
  context,
}) => {
  const broken = watchPolicy(context);
  await page.goto('/');
  const ran = await page.evaluate(async () => {
    const style = document.createElement('style');
    style.textContent = 'body { opacity: 0.5 }';
    document.head.append(style);
    const script = document.createElement('script');
    script.textContent = 'globalThis.wasRun = true';
    document.head.append(script);
    const worker = new Worker(
      URL.createObjectURL(
        new Blob([
          "fetch('http://example.com/').then(() => postMessage(true), () => postMessage(false))",
        ]),
      ),
    );
    const hasTalked = await new Promise((resolve) => {
      worker.onmessage = ({ data }) => {
        resolve(data);
      };
    });
    return {
      opacity: getComputedStyle(document.body).opacity,
      script: 'wasRun' in globalThis,
      hasTalked,
    };
  });
  expect(ran).toEqual({ opacity: '1', script: false, hasTalked: false });
  for (const directive of ['style-src', 'script-src']) {
    const told = () => broken.some((text) => text.includes(directive));
    await expect.poll(told).toBe(true);
  }
});
