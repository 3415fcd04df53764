// A visitor on the Circuits screen, over a graph small enough to be followed by hand.
import { screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { SaeFacts } from '../../../src/engine/sae/api';
import { DEMO_SAE, MODEL, problem, type EngineAnswers } from '../../helpers/engine/engineDouble';
import { smallCircuit } from '../../helpers/circuits/smallCircuit';
import { openPage } from '../page';

const TWO_BLOCKS = { ...MODEL, isDemo: false, n_layer: 2 };
const TRANSCODERS = [0, 1].map((layer): SaeFacts => ({
  ...DEMO_SAE,
  saeId: `t${layer}~0123456789ab`,
  name: `t${layer}`,
  origin: 'trained',
  modelId: TWO_BLOCKS.id,
  architecture: 'transcoder',
  // Without cards a feature has its number for a name.
  statisticsTokens: 0,
  hookPoint: `blocks.${layer}.ln2.hook_normalized`,
}));
const IDS = TRANSCODERS.map(({ saeId }) => saeId);
const HASH = '#v=1&view=circuits';

async function open(over: EngineAnswers = {}, hash = HASH) {
  const page = await openPage(hash, {
    sae: { list: () => Promise.resolve([DEMO_SAE, ...TRANSCODERS]) },
    circuits: {
      // Other texts have another feature in block 1.
      trace: ({ text }) => {
        const latentIndex = text.startsWith('Lily') ? 5 : 6;
        return Promise.resolve({ ok: true, value: smallCircuit(IDS, TWO_BLOCKS.id, latentIndex) });
      },
      effects: ({ latents }) =>
        Promise.resolve({
          ok: true,
          value: latents.map(() => ({ act: 1, frozen: [-2.75, 0.5], free: [-2.5, 0.5] })),
        }),
    },
    ...over,
  });
  page.hear({ kind: 'model', model: TWO_BLOCKS });
  return page;
}

async function traced(over: EngineAnswers = {}) {
  const page = await open(over);
  const text = await screen.findByLabelText('Text');
  await page.user.clear(text);
  await page.user.type(text, 'Lily saw');
  await page.user.click(screen.getByRole('button', { name: 'Trace' }));
  await screen.findByRole('heading', { name: 'What led there' });
  const nodes = within(screen.getByRole('region', { name: 'Nodes of the graph' }));
  const node = () => within(screen.getByRole('region', { name: 'Chosen node' }));
  return { ...page, nodes, node };
}

it('offers to train where a block has no transcoder', async () => {
  const { user } = await open({
    sae: { list: () => Promise.resolve([DEMO_SAE, TRANSCODERS[0]!]) },
  });
  expect(await screen.findByText('1 of the 2 blocks have a transcoder')).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Train a transcoder for every layer' }));
  expect(screen.getByRole('heading', { name: 'Train' })).toBeShown();
});

it('traces a text, and says how much the graph explains and what it does not', async () => {
  const { api, nodes } = await traced();
  expect(api.circuits.trace.mock.calls[0]?.[0]).toEqual({
    text: 'Lily saw',
    saeIds: IDS,
    options: { target: { kind: 'likeliest' } },
  });
  expect(screen.getByText('62.5 %')).toBeShown();
  expect(screen.getByText(/does not explain why attention looks where it looks/)).toBeShown();
  expect(nodes.getByRole('button', { name: 'predicts “a”, 75.0 %' })).toBeShown();
});

it('shows a node’s links, and what switching it off does beside what was predicted', async () => {
  const { user, nodes, node } = await traced();
  await user.click(nodes.getByRole('button', { name: 'feature 5' }));
  const takes = within(node().getByRole('list', { name: 'Takes from' }));
  expect(takes.getAllByRole('listitem')[0]?.textContent).toContain('+0.900');
  await user.click(node().getByRole('button', { name: 'Switch it off and see' }));
  const table = within(await node().findByRole('table', { name: /Change of each prediction/ }));
  // 3 is what it gives to “a”.
  expect(table.getAllByRole('row')[1]?.textContent).toBe('“a”−3−2.75−2.50');
});

it('lights a node’s links where the drawing is pointed at, chooses it by a click, walks on by keys', async () => {
  const { user, node } = await traced();
  const drawing = screen.getByRole('group', { name: /^Graph; arrow keys/ });
  const drawn = (selector: string) => drawing.querySelector(selector)!;
  const opacity = (source: string) =>
    drawn(`path[data-source="${source}"]`).getAttribute('stroke-opacity');
  await user.hover(drawn('[data-node="1_5_2"]').querySelector('circle')!);
  expect([opacity('1_5_2'), opacity('E_1_1')]).toEqual(['0.95', '0.05']);
  await user.click(drawn('[data-node="1_5_2"]').querySelector('circle')!);
  expect(node().getByRole('heading', { name: 'feature 5', level: 2 })).toBeShown();
  drawing.focus();
  await user.keyboard('{ArrowUp}');
  expect(node().getByRole('heading', { name: /^predicts/, level: 2 })).toBeShown();
  // And along a link, from the list of them.
  const takes = within(node().getByRole('list', { name: 'Takes from' }));
  takes.getByRole('button', { name: 'feature 5' }).focus();
  await user.keyboard('{Enter}');
  expect(node().getByRole('heading', { name: 'feature 5', level: 2 })).toBeShown();
});

it('draws another text’s graph beside, rings what both have, and lists it', async () => {
  const { user } = await traced();
  await user.type(screen.getByLabelText('One text a line'), 'Tom saw');
  await user.click(screen.getByRole('button', { name: 'Compare' }));
  const stays = within(await screen.findByRole('table', { name: /^Features that stay/ }));
  expect(stays.getByText('1 of 2')).toBeShown();
  const graphs = ['Lily saw', 'Tom saw'].map((text) =>
    screen.getByRole('group', { name: `Graph of “${text}”` }),
  );
  const ringed = graphs.map((graph) =>
    Array.from(graph.querySelectorAll('[data-node]:has(.chart-circuit-shared)'), (one) =>
      one.getAttribute('data-node'),
    ),
  );
  expect(ringed).toEqual([['0_3_1'], ['0_3_1']]);
  const both = within(screen.getByRole('region', { name: 'Features of both graphs' }));
  expect(both.getAllByRole('row').map((row) => row.textContent)).toEqual([
    'FeatureBlockherebeside',
    expect.stringMatching(/^feature 30/) as string,
  ]);
  await user.click(screen.getByRole('button', { name: 'Beside: Tom saw' }));
  expect(screen.queryByRole('heading', { name: 'Side by side' })).toBeNull();
});

it('saves the drawing as SVG, and says so where a PNG cannot be drawn', async () => {
  const { user } = await traced();
  const made: Blob[] = [];
  URL.createObjectURL = (blob: Blob) => `blob:${made.push(blob)}`;
  URL.revokeObjectURL = () => undefined;
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push(this.download);
  });
  await user.click(screen.getByRole('button', { name: /^Export the graph/ }));
  await user.click(screen.getByRole('button', { name: /^SVG/ }));
  expect(saved).toEqual(['circuit-lily-saw.svg']);
  const svg = new DOMParser().parseFromString(await made[0]!.text(), 'image/svg+xml');
  expect(svg.querySelectorAll('[data-node]')).toHaveLength(
    screen.getByRole('group', { name: /^Graph; arrow keys/ }).querySelectorAll('[data-node]')
      .length,
  );
  expect(svg.querySelectorAll('path[data-source="1_5_2"]').length).toBeGreaterThan(0);
  // A file has no styles of the page to take colours from.
  expect(await made[0]!.text()).not.toContain('var(--');
  // jsdom decodes no image.
  HTMLImageElement.prototype.decode = () => Promise.reject(new Error('no such picture'));
  await user.click(screen.getByRole('button', { name: /^PNG/ }));
  expect(await screen.findByText(/no such picture/)).toBeShown();
  expect(saved).toHaveLength(1);
});

it('pins, hides and groups, each of which can be undone', async () => {
  const { user, nodes, node } = await traced();
  await user.click(nodes.getByRole('button', { name: 'feature 5' }));
  await user.type(node().getByLabelText('Name of the group'), 'saw');
  await user.click(node().getByRole('button', { name: 'Group' }));
  expect(nodes.getByRole('button', { name: 'saw (1 node)' })).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await user.click(nodes.getByRole('button', { name: 'feature 5' }));
  await user.click(node().getByRole('button', { name: 'Hide' }));
  expect(nodes.queryByRole('button', { name: 'feature 5' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show 1 hidden' }));
  expect(nodes.getByRole('button', { name: 'feature 5' })).toBeShown();
});

it('is reopened by its link: text, node and arrangement', async () => {
  const hash = `${HASH}&prompt=Lily+saw&node=1_5_2&pinned=0_3_1`;
  const { api } = await open({}, hash);
  await screen.findByRole('heading', { name: 'What led there' });
  const node = () => within(screen.getByRole('region', { name: 'Chosen node' }));
  expect(api.circuits.trace).toHaveBeenCalledOnce();
  expect(node().getByRole('heading', { name: 'feature 5', level: 2 })).toBeShown();
  expect(screen.getByRole('button', { name: 'pinned · feature 3' })).toBeShown();
});

it('says what went wrong, and keeps the text', async () => {
  const failure = problem('the text has too many tokens', 'Shorten it.');
  const trace = () => Promise.resolve({ ok: false as const, problem: failure });
  const { user } = await open({ circuits: { trace } });
  await user.type(await screen.findByLabelText('Text'), ' Lily');
  await user.click(screen.getByRole('button', { name: 'Trace' }));
  expect(await screen.findByText(/too many tokens/)).toBeShown();
  const { value } = screen.getByLabelText<HTMLTextAreaElement>('Text');
  expect(value).toBe('Once upon a time, there was a little girl named Lily');
});
