// One row of another tool's file as an example in an exported page: the text with its part marked, the picture or what
// its box holds, the clip. The page's policy allows neither inline styles nor another address.
import type { RowFacts, ShownRow } from '../../../core/activations/rowFacts';
import { append, makeSvg } from '../../../charts/svg';
import { measure } from '../../parts/text/numberText';
import type { Make } from './element';

export function rowExample(act: number, shown: ShownRow, make: Make): HTMLElement {
  return make(
    'li',
    { class: 'example' },
    make('div', { class: 'act' }, measure(act)),
    make('div', {}, ...contentOf(shown, make), captionOf(shown, make)),
  );
}

function contentOf({ facts, source }: ShownRow, make: Make): Node[] {
  const { kind, label, span, box, time } = facts;
  if (kind === 'image' && source !== null) {
    return [
      box === undefined ? make('img', { src: source, alt: label }) : crop(source, box, facts, make),
    ];
  }
  if (kind === 'audio' && source !== null) {
    const part = time === undefined ? '' : `#t=${time[0]},${time[1]}`;
    return [make('audio', { src: source + part, controls: '', preload: 'none' })];
  }
  if (kind !== 'text' || span === undefined) return [];
  const [from, to] = span;
  const parts = [label.slice(0, from), make('b', { class: 'peak' }, label.slice(from, to))];
  return [make('div', { class: 'tokens' }, ...parts, label.slice(to))];
}

function captionOf({ facts }: ShownRow, make: Make): HTMLElement {
  const { row, label, ref, kind, span } = facts;
  const isShown = kind === 'text' && span !== undefined;
  const words = [isShown ? '' : label, ref ?? '', `row ${row}`].filter((word) => word !== '');
  return make('div', { class: 'muted small' }, words.join(' · '));
}

/** A picture cut by its view box: a style could not do it. */
function crop(
  source: string,
  [x, y, width, height]: NonNullable<RowFacts['box']>,
  { label, row }: RowFacts,
  make: Make,
): SVGSVGElement {
  const page = make('div').ownerDocument;
  const svg = makeSvg(page, { width, height }, label === '' ? `row ${row}` : label);
  svg.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
  svg.setAttribute('class', 'crop');
  append(svg, 'image', { href: source });
  return svg;
}
