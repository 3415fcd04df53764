// A visitor narrows, sorts and walks the table of features.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { ActiveText } from '../../../src/engine/explore/api';
import { DEMO_SAE, ROWS, problem } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

function shownIndices(): number[] {
  const grid = within(screen.getByRole('grid', { name: 'Features' }));
  return grid
    .getAllByRole('row')
    .slice(1)
    .map((row) => Number(within(row).getAllByRole('gridcell')[1]?.textContent));
}

const TEXT: ActiveText = {
  tokens: [' a', ' dog'].map((text, tokenId) => ({ tokenId, text, isSpecial: false })),
  leftOut: 0,
  saes: [
    {
      saeId: DEMO_SAE.saeId,
      tokens: [[{ latentIndex: 7, act: 2 }], [{ latentIndex: 3, act: 9 }]],
      latents: [
        { latentIndex: 3, maxAct: 9, meanAct: 9, fires: 1, peak: 1 },
        { latentIndex: 7, maxAct: 2, meanAct: 2, fires: 1, peak: 0 },
      ],
    },
  ],
};

const PLACES = Float32Array.from({ length: 40 }, (_, i) => i / 40);
/** 0 … 11 are in cluster 1, the others in 2; 19 is dead. */
const CLUSTERS = Uint8Array.from(ROWS, (_, i) => (i < 12 ? 1 : 2));

it('brushes by number, tells the link, and clears', async () => {
  const { user, pass, world } = await openPage('#v=1&view=explore&as=table');
  // In percent, as the table shows it.
  await user.type(screen.getByLabelText('density from'), '0.3');
  fireEvent.change(screen.getByLabelText('density to'), { target: { value: '0.5' } });
  expect(shownIndices()).toEqual([2, 3, 4]);
  await pass(300);
  expect(world.hash).toContain('density=0.003..0.005');
  await user.click(screen.getByRole('button', { name: 'Remove filter: density 0.3 to 0.5 %' }));
  expect(shownIndices().length).toBeGreaterThan(10);
  await pass(300);
  expect(world.hash).not.toContain('density');
});

it('redraws the other histograms, and says so in words', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table');
  const other = await screen.findByRole('img', { name: /^max of 20 features/ });
  expect(other.getAttribute('aria-label')).toContain('19 pass the other filters');
  await user.type(screen.getByLabelText('density to'), '0.4');
  expect(other.getAttribute('aria-label')).toContain('4 pass the other filters');
  const own = screen.getByRole('img', { name: /^density of 20 features/ });
  expect(own.getAttribute('aria-label')).toContain('19 pass the other filters');
});

it('opens what a link filters, and shows a chip for each filter in force', async () => {
  const { user } = await openPage(
    '#v=1&view=explore&as=table&sort=token,-density&maxact=30..&features=1,2,8&q=word',
  );
  expect(shownIndices()).toEqual([1, 2, 8]);
  const chips = within(screen.getByRole('group', { name: 'What narrows the list' }));
  await user.click(chips.getByRole('button', { name: 'Remove filter: 3 chosen' }));
  expect(shownIndices()).toEqual([0, 1, 10, 2, 3, 4, 5, 6, 7, 8, 9]);
  await user.click(chips.getByRole('button', { name: 'Show all' }));
  expect(screen.getByRole<HTMLInputElement>('searchbox').value).toBe('');
});

it('sorts by a second key with Shift, and tells both to screen readers', async () => {
  const alike = ROWS.map((row) => ({ ...row, meanAct: row.latentIndex % 2 }));
  const { user, pass, world } = await openPage('#v=1&view=explore&as=table', {
    statistics: { rows: () => Promise.resolve({ ok: true, value: alike }) },
  });
  await user.click(screen.getByRole('checkbox', { name: 'Mean' }));
  await user.click(screen.getByRole('button', { name: /^Mean/ }));
  fireEvent.click(screen.getByRole('button', { name: /^#/ }), { shiftKey: true });
  expect(shownIndices().slice(0, 3)).toEqual([1, 3, 5]);
  fireEvent.click(screen.getByRole('button', { name: /^#/ }), { shiftKey: true });
  expect(shownIndices().slice(0, 3)).toEqual([19, 17, 15]);
  const sorted = screen.getAllByRole('columnheader', { name: /^(Mean|#)/ });
  expect(sorted.map((head) => head.getAttribute('aria-sort'))).toEqual([
    'descending',
    'descending',
  ]);
  await pass(300);
  expect(world.hash).toContain('sort=-meanact,-index');
});

it('moves a cursor by keyboard and opens with Enter', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table');
  const grid = screen.getByRole('grid', { name: 'Features' });
  expect(grid.getAttribute('aria-rowcount')).toBe('21');
  expect(grid.getAttribute('aria-colcount')).toBe('6');
  grid.focus();
  await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowUp}');
  expect(grid.getAttribute('aria-activedescendant')).toBe('latent-row-1');
  expect(screen.queryByRole('heading', { name: /feature 1$/ })).toBeNull();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('heading', { name: /feature 1$/ })).toBeShown();
  await user.keyboard('{End}');
  expect(grid.getAttribute('aria-activedescendant')).toBe('latent-row-19');
  await user.keyboard('{PageUp}{Home}');
  expect(grid.getAttribute('aria-activedescendant')).toBe('latent-row-0');
});

it('finds features by a text, ranks by a token, and leaves the search', async () => {
  const { user, api, pass, world } = await openPage('#v=1&view=explore&as=table', {
    explore: { activeLatents: () => Promise.resolve({ ok: true, value: TEXT }) },
  });
  await user.type(screen.getByRole('searchbox'), '"a dog"{Enter}');
  expect(api.explore.activeLatents.mock.lastCall?.[0]).toEqual({
    saeIds: [DEMO_SAE.saeId],
    text: 'a dog',
    purpose: 'search',
  });
  await waitFor(() => expect(shownIndices()).toEqual([3, 7]));
  expect(screen.getByRole('columnheader', { name: /^In text/ })).toBeShown();
  expect(screen.getByRole('row', { name: /word3/ }).textContent).toContain('9');
  expect(screen.getByText('2 features fire on 2 tokens')).toBeShown();
  // None of them is hidden unless somebody asks for it.
  expect(
    screen.getByRole<HTMLInputElement>('checkbox', { name: /1 % of the corpus/ }).checked,
  ).toBe(false);
  await pass(300);
  expect(world.hash).toContain('intext=1&text=a+dog');
  await user.click(screen.getByRole('button', { name: /^Rank by token 1,/ }));
  expect(shownIndices()).toEqual([7]);
  await user.click(screen.getByRole('button', { name: 'Remove filter: fires on your text' }));
  expect(shownIndices().length).toBeGreaterThan(10);
});

it('runs the search of a link once the model is there', async () => {
  const { api } = await openPage('#v=1&view=explore&as=table&intext=1&text=a+dog', {
    explore: { activeLatents: () => Promise.resolve({ ok: true, value: TEXT }) },
  });
  await waitFor(() => expect(shownIndices()).toEqual([3, 7]));
  expect(api.explore.activeLatents).toHaveBeenCalledOnce();
});

it('cancels a search by text, and says why one failed', async () => {
  let answer: (outcome: Outcome<ActiveText>) => void = () => undefined;
  const { user, api } = await openPage('#v=1&view=explore&as=table', {
    explore: { activeLatents: () => new Promise((resolve) => (answer = resolve)) },
  });
  await user.type(screen.getByRole('searchbox'), '"a dog"{Enter}');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.explore.activeLatents.mock.lastCall?.[1]);
  answer({ ok: false, problem: { ...problem('stopped', ''), kind: 'cancelled' } });
  await waitFor(() => expect(screen.queryByText('Reading the text…')).toBeNull());
  expect(screen.queryByRole('alert')).toBeNull();
  await user.type(screen.getByRole('searchbox'), '“a dog{Enter}');
  answer({ ok: false, problem: problem('The model is too wide.', 'Open another.') });
  expect((await screen.findByRole('alert')).textContent).toContain('The model is too wide.');
});

/** The lines of the CSV that the page would save. */
async function savedCsv(user: { click: (element: Element) => Promise<void> }): Promise<string[]> {
  const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  await user.click(screen.getByRole('button', { name: 'CSV' }));
  const blob = made.mock.calls[0]?.[0] as Blob;
  vi.restoreAllMocks();
  return (await blob.text()).trim().split('\r\n');
}

it('saves what is shown as CSV', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table&density=..0.002');
  const lines = await savedCsv(user);
  expect(lines[0]).toMatch(/^index,density,fire_count/);
  expect(lines[0]).not.toContain('birth_step');
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['0', '1', '19']);
  expect(lines[0]).toContain(',name,fires_on');
  expect(lines[1]).toContain('" token0"');
  expect(lines[1]).toContain('fires on “word0”,word0');
});

it('lays the features out at once, and asks before UMAP', async () => {
  const { user, api } = await openPage('#v=1&view=explore&as=table', {
    explore: {
      map: (_saeId, kind) => Promise.resolve({ ok: true, value: { kind, places: PLACES } }),
    },
  });
  await user.click(screen.getByRole('radio', { name: 'Map' }));
  const map = await screen.findByRole('img', { name: /^PCA map of 20/ });
  expect(api.explore.map).toHaveBeenCalledExactlyOnceWith(
    DEMO_SAE.saeId,
    'pca',
    expect.any(Number),
  );
  await user.clear(screen.getByLabelText('x to'));
  await user.type(screen.getByLabelText('x to'), '500');
  // x of latent i is 2i/40
  expect(map.getAttribute('aria-label')).toContain('10 pass the filters');
  await user.click(screen.getByRole('radio', { name: 'UMAP' }));
  expect(api.explore.map).toHaveBeenCalledOnce();
  await user.click(screen.getByRole('button', { name: 'Make the UMAP' }));
  expect(await screen.findByRole('img', { name: /^UMAP map/ })).toBeShown();
});

it('colours the map by clusters, lists them, and narrows the table to one', async () => {
  const { user, api, pass, world } = await openPage('#v=1&view=explore&as=table', {
    explore: {
      map: (_saeId, kind) => Promise.resolve({ ok: true, value: { kind, places: PLACES } }),
      clusters: () => Promise.resolve({ ok: true, value: CLUSTERS }),
    },
  });
  await user.click(screen.getByRole('radio', { name: 'Map' }));
  const map = await screen.findByRole('img', { name: /^PCA map of 20/ });
  expect(map.getAttribute('aria-label')).toContain('Coloured by density.');
  expect(api.explore.clusters).not.toHaveBeenCalled();
  await user.click(screen.getByRole('radio', { name: 'Cluster' }));
  expect(map.getAttribute('aria-label')).toContain('Coloured by cluster.');
  const list = within(await screen.findByRole('list', { name: 'Clusters' }));
  const entries = list.getAllByRole('button');
  expect(entries.map((entry) => entry.textContent)).toEqual([
    expect.stringMatching(/^Cluster 1 ?12.*word0/),
    expect.stringMatching(/^Cluster 2 ?7.*word12/),
  ]);
  expect(screen.getByText(/1 dead ones, which fire on none .* have no colour/)).toBeShown();
  await user.click(list.getByRole('button', { name: /^Cluster 2/ }));
  expect(map.getAttribute('aria-label')).toContain('7 pass the filters');
  await pass(300);
  expect(world.hash).toContain('cluster=2');
  await user.click(screen.getByText(/of the map, 7 of 7 features/));
  const data = screen.getByRole('region', { name: /^Data of the map/ });
  expect(within(data).getAllByRole('row')[1]?.textContent).toMatch(/^12.*2$/);
  await user.click(screen.getByRole('button', { name: 'Remove filter: cluster 2' }));
  expect(map.getAttribute('aria-label')).toContain('20 pass the filters');
  await user.click(list.getByRole('button', { name: /^Cluster 1/ }));
  await user.click(list.getByRole('button', { name: /^Cluster 1/, pressed: true }));
  expect(map.getAttribute('aria-label')).toContain('20 pass the filters');
  expect(api.explore.clusters).toHaveBeenCalledOnce();
});

it('opens a link to a cluster, in the table and on the map', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table&cluster=2', {
    explore: {
      map: (_saeId, kind) => Promise.resolve({ ok: true, value: { kind, places: PLACES } }),
      clusters: () => Promise.resolve({ ok: true, value: CLUSTERS }),
    },
  });
  await waitFor(() => expect(shownIndices()).toEqual([12, 13, 14, 15, 16, 17, 18]));
  await user.click(screen.getByRole('radio', { name: 'Map' }));
  const list = within(await screen.findByRole('list', { name: 'Clusters' }));
  expect(list.getByRole('button', { pressed: true }).textContent).toContain('Cluster 2');
});

it('tells how far clusters are, cancels, and says why they failed', async () => {
  let answer: (outcome: Outcome<Uint8Array>) => void = () => undefined;
  const { user, api, hear } = await openPage('#v=1&view=explore&as=table', {
    explore: {
      map: (_saeId, kind) => Promise.resolve({ ok: true, value: { kind, places: PLACES } }),
      clusters: () => new Promise((resolve) => (answer = resolve)),
    },
  });
  await user.click(screen.getByRole('radio', { name: 'Map' }));
  await user.click(await screen.findByRole('radio', { name: 'Cluster' }));
  hear({
    kind: 'progress',
    jobId: 1,
    progress: { kind: 'clusters', phase: 'Gathering', done: 5, total: 20, unit: 'features' },
  });
  expect(screen.getByRole('progressbar', { name: 'Clusters' })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.explore.clusters.mock.lastCall?.[1]);
  answer({ ok: false, problem: { ...problem('stopped', ''), kind: 'cancelled' } });
  await user.click(await screen.findByRole('button', { name: 'Find clusters' }));
  answer({ ok: false, problem: problem('The disk is full.', 'Delete something.') });
  expect((await screen.findByRole('alert')).textContent).toContain('The disk is full.');
});

const WITH_BIRTHS = {
  sae: { list: () => Promise.resolve([{ ...DEMO_SAE, runId: 'run-1' }]) },
  explore: {
    births: () =>
      Promise.resolve({ ok: true as const, value: ROWS.map((_, i) => (i === 3 ? null : 100 - i)) }),
  },
};

it('shows when features of a run of this device were born: sorts and filters by it', async () => {
  const { user, pass, world } = await openPage('#v=1&view=explore&as=table', WITH_BIRTHS);
  await user.click(await screen.findByRole('checkbox', { name: 'Birth' }));
  const head = screen.getByRole('columnheader', { name: /Birth/ });
  await user.click(within(head).getByRole('button'));
  expect(shownIndices().slice(0, 3)).toEqual([0, 1, 2]);
  await user.click(within(head).getByRole('button'));
  expect(shownIndices().slice(0, 2)).toEqual([19, 18]);
  fireEvent.change(screen.getByLabelText('birth step from'), {
    target: { value: '98' },
  });
  expect(shownIndices()).toEqual([2, 1, 0]);
  await pass(300);
  expect(world.hash).toContain('birth=98..');
});

it('saves birth steps with the table; the cell of one that never settled is empty', async () => {
  const { user } = await openPage('#v=1&view=explore&as=table&features=2,3', WITH_BIRTHS);
  await screen.findByRole('checkbox', { name: 'Birth' });
  const cells = (await savedCsv(user)).map((line) => line.split(','));
  const [header = [], ...rows] = cells;
  expect(header).toContain('birth_step');
  const column = header.indexOf('birth_step');
  expect(rows.map((row) => [row[0], row[column]])).toEqual([
    ['2', '98'],
    ['3', ''],
  ]);
});

it('tells how far a long reading of birth steps is, cancels it, reads again, and says why it failed', async () => {
  type Births = Outcome<(number | null)[] | null>;
  const answers: ((outcome: Births) => void)[] = [];
  const { user, api, hear, pass } = await openPage('#v=1&view=explore&as=table', {
    ...WITH_BIRTHS,
    explore: { births: () => new Promise<Births>((resolve) => answers.push(resolve)) },
  });
  const progress = (done: number) =>
    hear({
      kind: 'progress',
      jobId: 1,
      progress: { kind: 'births', phase: 'Reading saved steps', done, total: 40, unit: 'steps' },
    });
  await waitFor(() => expect(api.explore.births).toHaveBeenCalledOnce());
  progress(0);
  expect(screen.queryByRole('progressbar', { name: 'Birth steps' })).toBeNull();
  await pass(1500);
  progress(3);
  expect(screen.getByRole('progressbar', { name: 'Birth steps' })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(api.cancel).toHaveBeenCalledExactlyOnceWith(api.explore.births.mock.lastCall?.[1]);
  answers[0]?.({ ok: false, problem: { ...problem('stopped', ''), kind: 'cancelled' } });
  await user.click(await screen.findByRole('button', { name: 'Read it' }));
  answers[1]?.({ ok: false, problem: problem('Step 4 is damaged.', 'Train again.') });
  expect((await screen.findByRole('alert')).textContent).toContain('Step 4 is damaged.');
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  answers[2]?.({ ok: true, value: ROWS.map(() => 7) });
  expect(await screen.findByRole('checkbox', { name: 'Birth' })).toBeShown();
});

it('begins at the top when the order is turned, and does not jump to the open feature', async () => {
  const scrolled: unknown[] = [];
  HTMLElement.prototype.scrollTo = (...to: unknown[]) => void scrolled.push(to[0]);
  const { user } = await openPage('#v=1&view=explore&as=table&feature=15');
  await screen.findByRole('heading', { name: /feature 15$/ });
  scrolled.length = 0;
  await user.click(screen.getByRole('button', { name: /^Density/ }));
  await user.click(screen.getByRole('button', { name: /^Density/ }));
  expect(scrolled).toEqual([{ top: 0 }, { top: 0 }]);
  HTMLElement.prototype.scrollTo = () => undefined;
});

it('keeps view, columns and examples in the link', async () => {
  const { user, pass, world } = await openPage('#v=1&view=explore&as=table&feature=3');
  await user.click(screen.getByRole('checkbox', { name: 'Kurtosis' }));
  await user.click(await screen.findByRole('radio', { name: 'Random' }));
  await pass(300);
  expect(world.hash).toContain('as=table&cols=kurt');
  expect(world.hash).toContain('ex=random');
  await openPage('#v=1&view=feature&feature=3&as=table&cols=kurt,token&ex=random');
  const heads = screen.getAllByRole('columnheader', { name: /^(Kurtosis|Promotes)/ });
  expect(heads).toHaveLength(3);
  expect(await screen.findAllByRole('list', { name: 'Random examples' })).toHaveLength(2);
});
