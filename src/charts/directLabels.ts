// Names beside the points of a chart, none over another or over a mark. Pure geometry.

export type LabelAnchor = { x: number; y: number; text: string };

/** Where a label's text begins, on its baseline; isFar: a line leads back to its point. */
export type PlacedLabel = LabelAnchor & { left: number; baseline: number; isFar: boolean };

type Box = { left: number; right: number; top: number; bottom: number };

/** Of text of 12 px: it cannot be measured where nothing is laid out. Wide enough for most letters. */
const CHARACTER = 6.6;
const LINE = 15;
const ASCENT = 11;
/** Half the size of a mark, with the gap around it. */
const MARK = 9;

/** Labels in the order of the anchors; one that has no room is left out. area: within which they must lie. */
export function placeLabels(anchors: readonly LabelAnchor[], area: Box): PlacedLabel[] {
  const taken: Box[] = [];
  const marks = anchors.map(({ x, y }) => around(x, y));
  return anchors.flatMap((anchor) => {
    const others = marks.filter((mark) => !isSame(mark, around(anchor.x, anchor.y)));
    for (const [left, top] of places(anchor, anchors.length)) {
      const width = CHARACTER * anchor.text.length;
      const box = { left, right: left + width, top, bottom: top + LINE };
      const isFree = ![...taken, ...others].some((other) => overlaps(box, other));
      if (!isFree || !isInside(box, area)) continue;
      taken.push(box);
      const isFar = Math.abs(top + LINE / 2 - anchor.y) > LINE / 2 + MARK;
      return [{ ...anchor, left, baseline: top + ASCENT, isFar }];
    }
    return [];
  });
}

/** Right, left, above, below, then line by line further away; as [left, top]. */
function* places({ x, y, text }: LabelAnchor, count: number): Generator<[number, number]> {
  const width = CHARACTER * text.length;
  const [right, left, middle] = [x + MARK, x - MARK - width, x - width / 2];
  yield [right, y - LINE / 2];
  yield [left, y - LINE / 2];
  for (let away = 0; away <= count; away++) {
    const [above, below] = [y - MARK - LINE * (away + 1), y + MARK + LINE * away];
    for (const start of [middle, right, left]) {
      yield [start, above];
      yield [start, below];
    }
  }
}

function around(x: number, y: number): Box {
  return { left: x - MARK, right: x + MARK, top: y - MARK, bottom: y + MARK };
}

function isSame(a: Box, b: Box): boolean {
  return a.left === b.left && a.top === b.top;
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isInside(box: Box, area: Box): boolean {
  return (
    box.left >= area.left &&
    box.right <= area.right &&
    box.top >= area.top &&
    box.bottom <= area.bottom
  );
}
