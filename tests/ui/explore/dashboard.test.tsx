// A visitor reads a feature's dashboard: groups, relations, dead features, notes, exports.
import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { LatentDashboard, LatentNote } from '../../../src/engine/statistics/api';
import { makeDashboardPage } from '../../../src/ui/explore/export/dashboardPage';
import { DEMO_SAE, makeEngineDouble } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const FEATURE = '#v=1&view=explore&sae=demo&feature=3';

async function dashboard(index: number): Promise<LatentDashboard> {
  const outcome = await makeEngineDouble().api.statistics.dashboard('demo', index);
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return outcome.value;
}

function setDetails(open: HTMLElement) {
  (open.closest('details') as HTMLDetailsElement).open = true;
}

it('calls equal widths intervals, prints their counts, and switches to quantiles by the link', async () => {
  const { user, pass, world } = await openPage(FEATURE);
  await user.click(await screen.findByRole('radio', { name: 'Across the range' }));
  expect(screen.getByText('Interval 18.5 – 37.', { exact: false })).toBeShown();
  expect(screen.getByText(/1 of 40 firing tokens \(2.50 %\); 1 drawn at random/)).toBeShown();
  // 39 tokens lie there, none was kept: said, not hidden.
  expect(screen.getByText(/39 of 40 firing tokens .* only 0 kept here/)).toBeShown();
  await user.click(screen.getByRole('radio', { name: 'Quantiles' }));
  expect(screen.getByRole('list', { name: 'Quantile 99.9–100 %' })).toBeShown();
  expect(screen.queryByRole('list', { name: /Interval/ })).toBeNull();
  await user.click(screen.getByRole('radio', { name: '±5' }));
  await pass(400);
  expect(world.hash).toContain('ex=range&ctx=5&group=quantile');
});

it('locks a token with a click and tells its place, until Esc', async () => {
  const { user } = await openPage(FEATURE);
  const token = await screen.findByRole('listitem', { name: '“·peak3”, activation 37' });
  await user.click(token);
  await user.unhover(token);
  expect(screen.getByText('id 102, position 2')).toBeShown();
  expect(screen.getByText('100 % of the maximum')).toBeShown();
  await user.keyboard('{Escape}');
  expect(screen.queryByText('id 102, position 2')).toBeNull();
});

it('walks to neighbours and partners, and counts partners on every token when asked', async () => {
  const { user, api } = await openPage(FEATURE);
  await user.click(await screen.findByText('Evidence'));
  const together = await screen.findByRole('list', { name: 'Fires together with' });
  expect(within(together).getByRole('button', { name: /word8/ })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Count every token' }));
  expect(api.explore.exactPartners).toHaveBeenCalledWith(
    DEMO_SAE.saeId,
    3,
    2_097_152,
    expect.any(Number),
  );
  expect(await screen.findByText('Counted on all of 10,000 tokens.')).toBeShown();
  const neighbours = screen.getByRole('list', { name: 'Decoder neighbours' });
  const neighbour = within(neighbours).getByRole('button', { name: 'fires on “word7” 7' });
  const card = { name: /^Feature 7: / };
  await user.hover(neighbour);
  expect(within(neighbours).getByRole('article', card)).toBeShown();
  await user.unhover(neighbour);
  expect(within(neighbours).queryByRole('article', card)).toBeNull();
  // Esc puts away what lies on top, and not the feature beneath it.
  act(() => neighbour.focus());
  expect(within(neighbours).getByRole('article', card)).toBeShown();
  await user.keyboard('{Escape}');
  expect(within(neighbours).queryByRole('article', card)).toBeNull();
  expect(screen.getByRole('heading', { name: /feature 3$/ })).toBeShown();
  await user.click(neighbour);
  expect(await screen.findByRole('heading', { name: /feature 7$/ })).toBeShown();
  // The exact count was of another feature.
  expect(screen.getByText(/Counted on 625 sampled tokens/)).toBeShown();
});

it('shows what a dead feature almost fires on, with the size of the search', async () => {
  const { user } = await openPage('#v=1&view=explore&sae=demo&feature=19');
  await user.click(await screen.findByRole('button', { name: 'Search for nearest misses' }));
  expect(await screen.findByText(/among 16,384 tokens/)).toBeShown();
  expect(screen.getByRole('listitem', { name: '“·almost”, pre-activation −0.500' })).toBeShown();
});

it('says that statistics are provisional, and what older ones lack', async () => {
  const partial = { ...DEMO_SAE, statisticsTokens: 2500, statisticsGoal: 10_000 };
  const old = { ...(await dashboard(3)), details: null };
  await openPage(FEATURE, {
    sae: { list: () => Promise.resolve([partial]) },
    statistics: { dashboard: () => Promise.resolve({ ok: true, value: old }) },
  });
  expect((await screen.findByText(/of corpus seen/)).textContent).toContain('25 % of corpus seen');
  expect(screen.getByText(/of an earlier version of this page/)).toBeShown();
  expect(screen.queryByRole('radio', { name: 'Quantiles' })).toBeNull();
});

it('stars with f and keeps a label and a note', async () => {
  const { user, api } = await openPage(FEATURE);
  await screen.findByRole('heading', { name: /feature 3$/ });
  await user.keyboard('f');
  const star = screen.getByRole('button', { name: 'Star this feature' });
  expect(star.getAttribute('aria-pressed')).toBe('true');
  setDetails(screen.getByLabelText('Note'));
  await user.type(screen.getByLabelText('Your label'), 'dogs{Enter}');
  expect(screen.getByRole('heading', { name: 'dogs feature 3' })).toBeShown();
  await user.type(screen.getByLabelText('Note'), 'mostly puppies');
  await user.tab();
  expect(api.statistics.setNote).toHaveBeenLastCalledWith(DEMO_SAE.saeId, {
    latentIndex: 3,
    label: 'dogs',
    note: 'mostly puppies',
    tags: [],
    isStarred: true,
  });
});

it('says that a note is on its way until storage has it', async () => {
  let store = () => {};
  const stored = new Promise<void>((resolve) => {
    store = resolve;
  });
  const { user } = await openPage(FEATURE, {
    statistics: {
      setNote: async (_: string, note: LatentNote) => {
        await stored;
        return { ok: true, value: note };
      },
    },
  });
  await screen.findByRole('heading', { name: /feature 3$/ });
  await user.keyboard('f');
  expect(screen.getByText(/Saving…/)).toBeShown();
  store();
  await waitFor(() => expect(screen.queryByText(/Saving…/)).toBeNull());
});

it('shows the notes that were kept', async () => {
  const kept = {
    latentIndex: 3,
    label: 'kept',
    note: 'seen twice',
    tags: ['a', 'b'],
    isStarred: false,
  };
  await openPage(FEATURE, {
    statistics: { notes: () => Promise.resolve({ ok: true, value: [kept] }) },
  });
  expect(await screen.findByText('seen twice', { selector: 'p' })).toBeShown();
  expect(screen.getByText('a')).toBeShown();
  setDetails(screen.getByLabelText('Note'));
  expect(screen.getByDisplayValue('kept')).toBeShown();
  expect(screen.getByDisplayValue('a, b')).toBeShown();
});

it('exports a page where no text can become markup', async () => {
  const evil = '</script><img src=x onerror=alert(1)>\u202E\u0007';
  const feature = await dashboard(3);
  const html = await makeDashboardPage(
    [
      {
        dashboard: {
          ...feature,
          topLogits: [{ text: evil, tokenId: 1, value: 1 }],
          topExamples: feature.topExamples.map((example) => ({
            ...example,
            tokens: example.tokens.map((token) => ({ ...token, text: evil })),
          })),
        },
        nameOf: () => evil,
        note: { latentIndex: 3, label: evil, note: evil, tags: [evil], isStarred: true },
      },
    ],
    { title: evil, origin: [evil] },
  );
  const page = new DOMParser().parseFromString(html, 'text/html');
  expect(page.querySelectorAll('img, iframe, link')).toHaveLength(0);
  expect(page.querySelectorAll('script')).toHaveLength(1);
  expect(page.querySelectorAll('[style], [onerror]')).toHaveLength(0);
  expect(page.body.textContent).toContain('⟨U+202E⟩␇');
  expect(page.body.textContent).not.toMatch(/[\u202E\u0007]/);
});

it('allows its own style and script only, by their hashes', async () => {
  const nameOf = (latentIndex: number) => `name${latentIndex}`;
  const html = await makeDashboardPage(
    [{ dashboard: await dashboard(3), note: undefined, nameOf }],
    { title: 'name3', origin: [] },
  );
  const page = new DOMParser().parseFromString(html, 'text/html');
  expect(page.querySelector('article h2')?.textContent).toBe('name3 · 3');
  const policy = page.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
  expect(policy).toMatch(/^default-src 'none';/);
  for (const tag of ['style', 'script'] as const) {
    const text = page.querySelector(tag)?.textContent ?? '';
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
    const hash = Buffer.from(digest).toString('base64');
    expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
  }
});

it('lists the neighbours in a second SAE, and keeps it chosen on the walk', async () => {
  const other = {
    ...DEMO_SAE,
    saeId: 'mine~0123456789ab',
    name: 'mine',
    origin: 'trained' as const,
  };
  const { user, api } = await openPage(FEATURE, {
    sae: { list: () => Promise.resolve([DEMO_SAE, other]) },
  });
  await user.click(await screen.findByText('Evidence'));
  await user.selectOptions(
    await screen.findByLabelText('Neighbours in a second SAE'),
    screen.getByRole('option', { name: /· mine$/ }),
  );
  const name = 'Neighbours in the second SAE';
  expect(await screen.findByRole('button', { name: 'fires on “there” 103' })).toBeShown();
  const own = within(screen.getByRole('list', { name: 'Decoder neighbours' }));
  await user.click(own.getByRole('button', { name: 'fires on “word7” 7' }));
  await user.click(await screen.findByRole('button', { name: 'fires on “there” 107' }));
  expect(api.statistics.dashboard).toHaveBeenLastCalledWith(other.saeId, 107);
  // Its own neighbours are asked for once somebody chooses where.
  expect(screen.queryByRole('list', { name })).toBeNull();
});
