// Edits of JSON that stay JSON: hostile values, keys of the prototype, keys twice, numbers beyond a double,
// nesting a thousand deep. Text in, text out; what the text means is the target's business.
import fc from 'fast-check';

/** Written as they stand: JSON.stringify could say none of the first few. */
const HOSTILE_VALUES: readonly string[] = [
  ...['1e400', '-1e400', '-0', '1E-400', '9007199254740993', '1e21', '0.5', '-1', '0', '1'],
  ...['null', 'true', '"NaN"', '"Infinity"', '""', '[]', '{}', '[null]', '[[]]', '"F64"'],
  ...['4294967295', '4294967296', '2147483648', '9007199254740991', '1048577', '65536'],
  ...['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}'],
  ...['[9007199254740991,9007199254740991,0]', '[0,0]', '[4294967296,4294967296]', '[-1,-1]'],
  `${'['.repeat(1000)}${']'.repeat(1000)}`,
  `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`,
  JSON.stringify('x'.repeat(5000)),
  JSON.stringify('\u0000\ud800\ufeff'),
  `[${'0,'.repeat(5000)}0]`,
];
const HOSTILE_KEYS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', ''],
  ...['__metadata__', 'metadata', 'W_enc', 'text', 'valueOf'],
];

const edit = fc.record({
  kind: fc.constantFrom('replace', 'replace', 'replace', 'delete', 'key', 'twice', 'wrap', 'swap'),
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  other: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  value: fc.oneof(fc.constantFrom(...HOSTILE_VALUES), fc.integer().map(String), fc.json()),
  key: fc.constantFrom(...HOSTILE_KEYS),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** A tree whose objects are lists of pairs, so that a key may come twice. */
type Node =
  | { kind: 'raw'; text: string }
  | { kind: 'list'; items: Node[] }
  | { kind: 'object'; pairs: [string, Node][] };

export function editedJson(originals: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...originals), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) => {
      const root: Node = { kind: 'list', items: [toNode(JSON.parse(text))] };
      for (const one of edits) apply(root, one);
      return print(root.items[0] ?? { kind: 'raw', text: '' });
    });
}

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(toNode) };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', pairs: Object.entries(value).map(([k, v]) => [k, toNode(v)]) };
  }
  return { kind: 'raw', text: JSON.stringify(value) };
}

function print(node: Node): string {
  switch (node.kind) {
    case 'raw':
      return node.text;
    case 'list':
      return `[${node.items.map(print).join(',')}]`;
    case 'object':
      return `{${node.pairs.map(([k, v]) => `${JSON.stringify(k)}:${print(v)}`).join(',')}}`;
  }
}

type Place = { parent: Exclude<Node, { kind: 'raw' }>; index: number };

function placesOf(root: Node): Place[] {
  const places: Place[] = [];
  const visit = (node: Node) => {
    if (node.kind === 'raw') return;
    const children = node.kind === 'list' ? node.items : node.pairs.map(([, v]) => v);
    children.forEach((child, index) => {
      places.push({ parent: node, index });
      visit(child);
    });
  };
  visit(root);
  return places;
}

function nodeAt({ parent, index }: Place): Node {
  return parent.kind === 'list' ? parent.items[index]! : parent.pairs[index]![1];
}

function put({ parent, index }: Place, node: Node): void {
  if (parent.kind === 'list') parent.items[index] = node;
  else parent.pairs[index]![1] = node;
}

function apply(root: Node, e: Edit): void {
  const places = placesOf(root);
  const place = places[Math.floor(e.place * places.length)];
  const other = places[Math.floor(e.other * places.length)];
  if (place === undefined || other === undefined) return;
  const { parent, index } = place;
  const hostile: Node = { kind: 'raw', text: e.value };
  if (e.kind === 'replace') put(place, hostile);
  else if (e.kind === 'wrap') put(place, { kind: 'list', items: [nodeAt(place)] });
  else if (e.kind === 'swap') {
    // A copy of the text: a node put inside itself would have no end.
    put(place, { kind: 'raw', text: print(nodeAt(other)) });
  } else if (parent.kind === 'list') {
    if (e.kind === 'delete') parent.items.splice(index, 1);
    else parent.items.push(hostile);
  } else if (e.kind === 'delete') parent.pairs.splice(index, 1);
  else if (e.kind === 'key') parent.pairs[index]![0] = e.key;
  else parent.pairs.push([e.key.length % 2 === 0 ? e.key : parent.pairs[index]![0], hostile]);
}
