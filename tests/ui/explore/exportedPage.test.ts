// The command line writes the page that the app exports: the same nodes, whoever stands in for the browser.
import { expect, it } from 'vitest';
import { emptyPage } from '../../../src/node/emptyPage';
import { makeDashboardPage } from '../../../src/ui/explore/export/dashboardPage';
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
