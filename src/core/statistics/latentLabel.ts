// A plain guess at what a latent fires on, and how good it is: a rule about tokens, neighbours, kinds or
// positions fitted to some text and scored by how well it predicts activations on other text. Pure; a
// guess, not a meaning.
import {
  LABEL_KINDS,
  type CellIndexer,
  type LabelCells,
  type LabelExample,
  type LabelKind,
} from './labelCells';

/** Where one latent fires in a text: token indices, ascending, and its activation there. */
export type Firing = { tokens: ArrayLike<number>; acts: ArrayLike<number> };

/** Predicts one activation for each of its cells, and one for everything else. */
export type LabelRule = {
  kind: LabelKind;
  /** best first */
  cells: readonly { cell: number; act: number }[];
  elsewhere: number;
};

export type LabelGuess = {
  latentIndex: number;
  /** "“the”, “a”", "after “of”", "punctuation"; null: it fires too rarely, or no rule correlates */
  text: string | null;
  /** correlation on held-out tokens (`ruleScore`); null: it is silent there, or no rule was found */
  score: number | null;
  /** tokens on which it fired, in the text of the rule and in that of the score */
  fires: number;
  heldOutFires: number;
};

/** Fewest firing tokens for a label. */
export const MIN_FIRES = 4;
/** Most cells in a rule: more would be a list, not a label. */
const MAX_CELLS: Record<LabelKind, number> = {
  word: 4,
  token: 4,
  class: 2,
  previous: 3,
  next: 3,
  position: 2,
};
/** A longer or less plain rule must score better by this much. */
const WORTHWHILE = 0.02;
/** A rule with a lower score on its own text is discarded; with a lower one on held-out text it names nothing. */
export const MIN_SCORE = 0.1;
/** Added to a cell's size, so that a word seen once does not rank high. */
const SHRINKAGE = 1;

type Sums = { n: number; sum: number; squares: number };

/** What a rule is fitted to: random text plus the latent's top examples. */
export type FitText = {
  cells: LabelCells;
  firing: Firing;
  examples?: readonly LabelExample[];
};

/** The rule that correlates best with the activations on random text and top examples together: its cells are
 *  those whose tokens stand out most against all others, by Σa² / size. Simpler kinds win among near
 *  equals; null if it fires on fewer than MIN_FIRES tokens or nothing correlates. */
export function fitLabelRule(
  { cells: ofText, firing, examples = [] }: FitText,
  indexer: Pick<CellIndexer, 'cellsOf'>,
): LabelRule | null {
  if (firesIn({ firing, examples }) < MIN_FIRES) return null;
  const acts = examples.flatMap((example) => example.acts);
  const total = totalOf(ofText, firing);
  total.n += acts.length;
  for (const act of acts) {
    total.sum += act;
    total.squares += act ** 2;
  }
  let best: { rule: LabelRule; fit: number } | null = null;
  for (const kind of LABEL_KINDS) {
    const view = ofText.views[kind];
    const sums = sumByCell(view.cellOf, firing);
    const extra = addExamples(sums, examples, (ids) => indexer.cellsOf(kind, ids));
    const sizeOf = (cell: number) => view.sizeOf(cell) + (extra.get(cell) ?? 0);
    const found = fitKind(kind, sizeOf, sums, total);
    if (found !== null && found.fit > (best?.fit ?? MIN_SCORE) + (best === null ? 0 : WORTHWHILE)) {
      best = found;
    }
  }
  return best?.rule ?? null;
}

/** Adds what the latent does in its examples to the sums; returns how many of their tokens each cell has. */
function addExamples(
  sums: Map<number, { sum: number; fires: number }>,
  examples: readonly LabelExample[],
  cellsOf: (tokenIds: readonly number[]) => Int32Array,
): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const { tokenIds, acts } of examples) {
    cellsOf(tokenIds).forEach((cell, t) => {
      if (cell === -1) return;
      sizes.set(cell, (sizes.get(cell) ?? 0) + 1);
      const act = acts[t]!;
      if (act > 0) addTo(sums, cell, act);
    });
  }
  return sizes;
}

function firesIn({ firing, examples = [] }: Pick<FitText, 'firing' | 'examples'>): number {
  return examples.reduce(
    (count, { acts }) => count + acts.filter((act) => act > 0).length,
    firing.tokens.length,
  );
}

function fitKind(kind: LabelKind, sizeOf: (cell: number) => number, sums: CellSums, total: Sums) {
  const ranked = [...sums]
    .filter(([, { fires }]) => fires > 1)
    .map(([cell, { sum }]) => ({ cell, sum, size: sizeOf(cell) }))
    .sort((a, b) => b.sum ** 2 / b.size - a.sum ** 2 / a.size || a.cell - b.cell);
  let best: { rule: LabelRule; fit: number } | null = null;
  for (let count = 1; count <= Math.min(MAX_CELLS[kind], ranked.length); count++) {
    const chosen = ranked.slice(0, count);
    const inside = chosen.reduce((a, c) => ({ sum: a.sum + c.sum, n: a.n + c.size }), {
      sum: 0,
      n: 0,
    });
    const outside = total.n - inside.n;
    const rule: LabelRule = {
      kind,
      cells: chosen.map(({ cell, sum, size }) => ({ cell, act: sum / (size + SHRINKAGE) })),
      elsewhere: outside === 0 ? 0 : (total.sum - inside.sum) / outside,
    };
    const fit = correlation(rule, sizeOf, sums, total);
    if (fit !== null && fit > (best === null ? -1 : best.fit + WORTHWHILE)) best = { rule, fit };
  }
  return best;
}

/** The score by simulation: Pearson's correlation, over all counted tokens of a text, between the
 *  latent's activation (0 where it is silent) and what the rule predicts; 1 is perfect, 0 means no
 *  relation. Must be measured on text that the rule was not fitted to. null if either is constant: a
 *  latent that is silent there has no score. */
export function ruleScore(rule: LabelRule, cells: LabelCells, firing: Firing): number | null {
  const { cellOf, sizeOf } = cells.views[rule.kind];
  return correlation(rule, sizeOf, sumByCell(cellOf, firing), totalOf(cells, firing));
}

type CellSums = ReadonlyMap<number, { sum: number; fires: number }>;

/** From sums per cell alone: a rule is constant in each. */
function correlation(
  rule: LabelRule,
  sizeOf: (cell: number) => number,
  sums: CellSums,
  total: Sums,
): number | null {
  let [n, sum, p, pp, ap] = [total.n, total.sum, 0, 0, 0];
  for (const { cell, act } of rule.cells) {
    const size = sizeOf(cell);
    const inCell = sums.get(cell)?.sum ?? 0;
    p += act * size;
    pp += act ** 2 * size;
    ap += act * inCell;
    n -= size;
    sum -= inCell;
  }
  p += rule.elsewhere * n;
  pp += rule.elsewhere ** 2 * n;
  ap += rule.elsewhere * sum;
  const covariance = ap / total.n - (p / total.n) * (total.sum / total.n);
  const varianceA = total.squares / total.n - (total.sum / total.n) ** 2;
  const varianceP = pp / total.n - (p / total.n) ** 2;
  // Sums of constants leave rounding errors.
  if (!(varianceA > 0) || !(varianceP > 1e-12 * (pp / total.n))) return null;
  return covariance / Math.sqrt(varianceA * varianceP);
}

function totalOf({ counted }: LabelCells, { acts }: Firing): Sums {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < acts.length; i++) {
    sum += acts[i]!;
    squares += acts[i]! ** 2;
  }
  return { n: counted, sum, squares };
}

function sumByCell(cellOf: Int32Array, { tokens, acts }: Firing) {
  const sums = new Map<number, { sum: number; fires: number }>();
  for (let i = 0; i < tokens.length; i++) {
    const cell = cellOf[tokens[i]!]!;
    if (cell === -1) continue;
    addTo(sums, cell, acts[i]!);
  }
  return sums;
}

function addTo(sums: Map<number, { sum: number; fires: number }>, cell: number, act: number): void {
  const known = sums.get(cell);
  if (known === undefined) sums.set(cell, { sum: act, fires: 1 });
  else {
    known.sum += act;
    known.fires++;
  }
}

/** Fits on one text, scores on another; both indexed by `indexer`. */
export function guessLabel(o: {
  latentIndex: number;
  indexer: Pick<CellIndexer, 'nameOf' | 'cellsOf'>;
  fit: FitText;
  heldOut: { cells: LabelCells; firing: Firing };
}): LabelGuess {
  const { latentIndex, fit, heldOut } = o;
  const rule = fitLabelRule(fit, o.indexer);
  return {
    latentIndex,
    text: rule === null ? null : ruleText(rule, o.indexer.nameOf),
    score: rule === null ? null : ruleScore(rule, heldOut.cells, heldOut.firing),
    fires: firesIn(fit),
    heldOutFires: heldOut.firing.tokens.length,
  };
}

function ruleText({ kind, cells }: LabelRule, nameOf: CellIndexer['nameOf']): string {
  const names = cells.map(({ cell }) => nameOf(kind, cell));
  const quoted = names.map((name) => `“${name.replace(/^ /, '·')}”`).join(', ');
  switch (kind) {
    case 'word':
    case 'token':
      return quoted;
    case 'previous':
      return `after ${quoted}`;
    case 'next':
      return `before ${quoted}`;
    case 'class':
    case 'position':
      return names.join(', ');
    default:
      return kind satisfies never;
  }
}
