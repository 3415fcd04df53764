// One feature as an article of an exported page: everything a dashboard shows that needs no model.
import type { ShownRow } from '../../../core/activations/rowFacts';
import { elementAt } from '../../../core/elementAt';
import { runningTexts } from '../../../core/text/runningText';
import { activationHistogram } from '../../../charts/activationHistogram';
import type { LogitToken } from '../../../engine/sae/api';
import { featureName, type NameFacts } from '../../../core/statistics/featureName';
import type { Example, LatentDashboard, LatentNote } from '../../../engine/statistics/api';
import { activationFill } from '../../parts/tokens/activationFill';
import { exampleGroups, type ShownGroup } from '../dashboard/examples/exampleGroups';
import { windowOf } from '../dashboard/examples/exampleWindow';
import { count, measure, percent, signedMeasure } from '../../parts/text/numberText';
import { lineGlyphs } from '../../../core/text/visibleText';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { makeElements, type Make } from './element';
import { FILL_STEPS } from './pageStyle';
import { rowExample } from './rowExample';

export type Feature = {
  dashboard: LatentDashboard;
  note: LatentNote | undefined;
  /** as the page calls a feature, firesOn: of one whose row the page may not have; absent: by its note, else by the words
   *  it fires on */
  nameOf?: (latentIndex: number, firesOn: NameFacts['firesOn']) => string;
  /** of statistics over another tool's rows: what an example's row stands for */
  rowOf?: (row: number) => ShownRow;
};

/** Tokens on each side that the short context shows. */
const NEAR = 5;

export function featureArticle(feature: Feature, document: Document): HTMLElement {
  const make = makeElements(document);
  const { dashboard, note } = feature;
  const nameOf = namesOf(feature);
  const { row } = dashboard;
  const title = `${nameOf(row.latentIndex, row.firesOn)} · ${row.latentIndex}`;
  const article = make('article', {}, make('h2', {}, `${note?.isStarred ? '★ ' : ''}${title}`));
  if (note !== undefined) article.append(...noteOf(note, make));
  const unit = feature.rowOf === undefined ? 'tokens' : 'rows';
  article.append(factsOf(dashboard, unit, make));
  const pair = make('div', { class: 'pair' });
  if (row.fireCount > 0) pair.append(histogramOf(dashboard, document, make));
  pair.append(feature.rowOf === undefined ? logitsOf(dashboard, make) : noLogits(make));
  article.append(pair, relationsOf(feature, make));
  if (row.fireCount === 0) {
    const seen = `${count(dashboard.tokensSeen)} ${unit}`;
    article.append(
      make('p', {}, `This feature is dead: it fired on none of the ${seen} that were counted.`),
    );
    return article;
  }
  const { rowOf } = feature;
  const elementOf = (example: Example) =>
    rowOf === undefined
      ? exampleOf(example, row.maxAct, make)
      : rowExample(example.act, rowOf(example.tokens[example.peak]?.tokenId ?? 0), make);
  for (const group of exampleGroups(dashboard)) article.append(groupOf(group, elementOf, make));
  return article;
}

function namesOf({ note, nameOf }: Feature): NonNullable<Feature['nameOf']> {
  if (nameOf !== undefined) return nameOf;
  return (latentIndex, firesOn) => {
    const label = note?.latentIndex === latentIndex ? note.label : '';
    return featureName({ latentIndex, label, firesOn }).text;
  };
}

function noteOf({ note, tags }: LatentNote, make: Make): HTMLElement[] {
  return [
    ...(tags.length > 0 ? [make('p', { class: 'muted small' }, tags.join(' · '))] : []),
    ...(note.trim() === '' ? [] : [make('p', {}, note)]),
  ];
}

function factsOf(
  { row, tokensSeen }: LatentDashboard,
  unit: 'tokens' | 'rows',
  make: Make,
): HTMLElement {
  const facts: [name: string, value: string][] = [
    [
      'Density',
      `${percent(row.density)} (${count(row.fireCount)} of ${count(tokensSeen)} ${unit})`,
    ],
    ['Max activation', measure(row.maxAct)],
    ['Mean when firing', measure(row.meanAct)],
    ['Excess kurtosis when firing', measure(row.kurtosis)],
  ];
  const pairs = facts.map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, value)),
  );
  return make('dl', {}, ...pairs);
}

function histogramOf({ histogram, row }: LatentDashboard, document: Document, make: Make) {
  const size = { width: 420, height: 196 };
  const chart = activationHistogram({ ...histogram, maxAct: row.maxAct }, size, document);
  return make('div', {}, make('h3', {}, 'Activations when firing, log counts'), chart);
}

function noLogits(make: Make): HTMLElement {
  const why = 'Which tokens it makes likelier is not known: these rows came without their model.';
  return make('p', { class: 'muted small' }, why);
}

function logitsOf({ topLogits, bottomLogits }: LatentDashboard, make: Make): HTMLElement {
  const listOf = (tokens: readonly LogitToken[], className: string) =>
    tokens.map(({ text, value }) =>
      make(
        'li',
        {},
        make('span', { class: 'mono' }, chipGlyphs(text)),
        make('span', { class: className }, signedMeasure(value)),
      ),
    );
  return make(
    'div',
    {},
    make('h3', {}, 'Logits, direct path only'),
    make(
      'div',
      { class: 'pair' },
      make('ol', { class: 'list' }, ...listOf(topLogits, 'up')),
      make('ol', { class: 'list' }, ...listOf(bottomLogits, 'down')),
    ),
  );
}

function relationsOf(feature: Feature, make: Make): HTMLElement {
  const { details } = feature.dashboard;
  const nameOf = namesOf(feature);
  const neighbours = (details?.neighbours ?? []).map(({ latentIndex, firesOn, cosine }) =>
    make(
      'li',
      {},
      `${nameOf(latentIndex, firesOn)} · ${latentIndex}`,
      make('span', {}, measure(cosine)),
    ),
  );
  const partners = (details?.partners ?? []).map(({ latentIndex, firesOn, phi, conditional }) =>
    make(
      'li',
      {},
      `${nameOf(latentIndex, firesOn)} · ${latentIndex}`,
      make('span', {}, `${measure(phi)} · ${percent(conditional)}`),
    ),
  );
  const list = (title: string, items: HTMLElement[]) =>
    make('div', {}, make('h3', {}, title), make('ol', { class: 'list' }, ...items));
  const body = make(
    'div',
    { class: 'pair' },
    list('Decoder neighbours, cosine', neighbours),
    list('Fires together with: φ · P(it | this)', partners),
  );
  return make('details', {}, make('summary', {}, 'Related features'), body);
}

function groupOf(
  group: ShownGroup,
  elementOf: (example: Example) => HTMLElement,
  make: Make,
): HTMLElement {
  const summary = make(
    'summary',
    {},
    make('b', {}, group.title),
    ' ',
    make('span', { class: 'muted small' }, group.account),
  );
  const rows = group.examples.map(elementOf);
  const attributes: Record<string, string> = group.kind === 'top' ? { open: '' } : {};
  return make('details', attributes, summary, make('ol', {}, ...rows));
}

function exampleOf(example: Example, maxAct: number, make: Make): HTMLElement {
  const { tokens, start } = windowOf(example, '16');
  const running = runningTexts(tokens.map(({ text }) => text));
  const spans = tokens.map((token, i) => {
    const { text, continues } = elementAt(running, i);
    const offset = start + i - example.peak;
    const step = Math.ceil(activationFill(token.act, maxAct) * FILL_STEPS);
    const classes = [
      ...(step > 0 ? [`u${step}`] : []),
      ...(offset === 0 ? ['peak'] : []),
      ...(token.isSpecial ? ['special'] : []),
      ...(continues === null ? [] : ['rest']),
      ...(Math.abs(offset) > NEAR ? ['far'] : []),
    ];
    const title = `activation ${measure(token.act)}, id ${token.tokenId}`;
    const attributes = classes.length > 0 ? { class: classes.join(' '), title } : { title };
    return make('span', attributes, lineGlyphs(text));
  });
  const repeats = example.repeats > 1 ? ` ×${example.repeats}` : '';
  return make(
    'li',
    { class: 'example' },
    make('div', { class: 'act' }, `${measure(example.act)}${repeats}`),
    make('div', { class: 'tokens' }, ...spans),
  );
}
