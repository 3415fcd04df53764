// The command line writes the page that the app exports: the same nodes, whoever stands in for the browser.
import { expect, it } from 'vitest';
import { emptyPage } from '../../../src/node/emptyPage';
import { makeDashboardPage } from '../../../src/ui/explore/export/dashboardPage';
import { exampleRows } from '../../../src/core/activations/exampleRows';
import { embeddedRows } from '../../../src/ui/explore/export/embeddedRows';
import { makeEngineDouble } from '../../helpers/engine/engineDouble';

it('a feature’s page is the same without a browser', async () => {
  const outcome = await makeEngineDouble().api.statistics.dashboard('demo', 3);
  if (!outcome.ok) throw new Error(outcome.problem.what);
  const features = [{ dashboard: outcome.value, note: undefined }];
  const facts = { title: 'Feature 3 <of> "demo"', origin: ['one & only'] };
  const parse = (html: string) => new DOMParser().parseFromString(html, 'text/html');
  const ours = parse(await makeDashboardPage(features, facts));
  const headless = parse(await makeDashboardPage(features, facts, emptyPage));
  expect(headless.body.outerHTML.length).toBeGreaterThan(2000);
  expect(headless.documentElement.isEqualNode(ours.documentElement)).toBe(true);
});

it('a page over rows of a file holds their pictures', async () => {
  const outcome = await makeEngineDouble().api.statistics.dashboard('demo', 3);
  if (!outcome.ok) throw new Error(outcome.problem.what);
  const [row = -1] = exampleRows([outcome.value]);
  const facts = { row, kind: 'image', ref: 'a.svg', label: 'a red dog' };
  const media = new Blob(['<svg/>'], { type: 'image/svg+xml' });
  const rowOf = await embeddedRows([{ facts, media }]);
  const features = [{ dashboard: outcome.value, note: undefined, rowOf }];
  const html = await makeDashboardPage(features, { title: 'Rows', origin: [] });
  const page = new DOMParser().parseFromString(html, 'text/html');
  expect(page.querySelector('.example img')?.getAttribute('src')).toBe(
    `data:image/svg+xml;base64,${btoa('<svg/>')}`,
  );
  expect(page.querySelector('.example img')?.getAttribute('alt')).toBe('a red dog');
  expect(rowOf(99_999)).toMatchObject({ facts: { row: 99_999, label: '' }, source: null });
});
