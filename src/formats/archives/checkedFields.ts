// The parsed content of a user's file against a schema, refused in one form of words.
import * as v from 'valibot';
import { FormatError } from '../../core/errors';
import { cut } from './byteRange';

/** Throws FormatError naming the file, the field and what is wrong with it. wayOut: what to do, as the end of a
 *  sentence. */
export function checkedFields<S extends v.GenericSchema>(
  schema: S,
  content: unknown,
  fileName: string,
  wayOut: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, content);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new FormatError(
    `${fileName}: ${cut(v.getDotPath(issue) ?? 'the whole')}: ${cut(issue.message)}; ${wayOut}`,
  );
}
