// Every feature of an SAE as one table that leads to their pages: the front page of a folder of exported features.
import { counted } from '../../../core/text/counted';
import type { LatentRow } from '../../../engine/statistics/api';
import { measure, percent } from '../../parts/text/numberText';
import { finishPage, type EmptyPage, type PageFacts } from './dashboardPage';
import { makeElements } from './element';
import { EXPLORER_SCRIPT } from './pageStyle';

export type ListedFeature = {
  row: LatentRow;
  /** a note, or a guess; empty: none */
  label: string;
  /** address of its page beside this one; null: it has none */
  href: string | null;
};

export function makeExplorerPage(
  features: readonly ListedFeature[],
  facts: PageFacts,
  emptyPage: EmptyPage,
): Promise<string> {
  const page = emptyPage(facts.title);
  const make = makeElements(page);
  const words = 'Find a feature by number, label or word';
  const tools = make(
    'div',
    { class: 'tools' },
    make('input', { id: 'find', type: 'search', placeholder: words, 'aria-label': words }),
    make(
      'span',
      { id: 'found', role: 'status', class: 'muted' },
      counted(features.length, 'feature'),
    ),
  );
  const head = ['Feature', 'Density', 'Max activation', 'Mean when firing', 'Fires on'];
  const rows = features.map(({ row, label, href }) => {
    const number = String(row.latentIndex);
    const words = label === '' ? row.firesOn.join(' · ') : label;
    const cells = [
      href === null ? number : make('a', { href }, number),
      percent(row.density),
      measure(row.maxAct),
      measure(row.meanAct),
      row.fireCount === 0 ? 'nothing: it is dead on this text' : words,
    ];
    return make('tr', {}, ...cells.map((cell) => make('td', {}, cell)));
  });
  const table = make(
    'table',
    {},
    make('thead', {}, make('tr', {}, ...head.map((title) => make('th', { scope: 'col' }, title)))),
    make('tbody', {}, ...rows),
  );
  return finishPage(page, facts, [tools, table], EXPLORER_SCRIPT);
}
