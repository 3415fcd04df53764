// What the rows of a file stand for: rows.jsonl, one object a line.
import * as v from 'valibot';
import type { RowFacts } from '../../core/activations/rowFacts';
import { FormatError } from '../../core/errors';

/** Two numbers, the second not before the first. */
const Range = v.pipe(
  v.tuple([v.number(), v.number()]),
  v.check(([from, to]) => from >= 0 && to >= from, 'from ≤ to'),
);

const Row = v.object({
  row: v.pipe(v.number(), v.integer(), v.minValue(0)),
  kind: v.string(),
  ref: v.optional(v.string()),
  label: v.optional(v.string(), ''),
  span: v.optional(Range),
  box: v.optional(v.tuple([v.number(), v.number(), v.number(), v.number()])),
  time: v.optional(Range),
});

/** By row number; rows that no line names are absent. rows: how many the matrix has. Throws FormatError naming line,
 *  field and value. */
export function parseRowsList(text: string, path: string, rows: number): Map<number, RowFacts> {
  const found = new Map<number, RowFacts>();
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${path}: line ${i + 1}`;
    const parsed = v.safeParse(Row, readLine(line, where));
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new FormatError(
        `${where}: ${v.getDotPath(issue) ?? 'the line'}: expected ${issue.expected ?? issue.message}, found ${issue.received}`,
      );
    }
    const { row } = parsed.output;
    if (row >= rows) throw new FormatError(`${where}: row ${row}; the file has 0 to ${rows - 1}`);
    if (found.has(row)) throw new FormatError(`${where}: row ${row} was named before`);
    found.set(row, parsed.output);
  }
  return found;
}

function readLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new FormatError(`${where}: not JSON: ${(cause as Error).message}`, { cause });
  }
}
