// Whether a list of merges encodes every text as tiktoken does from the ranks alone. tiktoken joins any
// two neighbours whose join is a token, lowest id first; tokenizers only the listed pairs, in list order.
// A token's letters stand for bytes; which bytes does not matter here.
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';

type MergeRules = {
  /** tokens and ids, ascending by id */
  ranks: readonly (readonly [string, number])[];
  merges: readonly (readonly [string, string])[];
  /** a whole piece in the vocabulary is one token without any merge, as in tiktoken */
  ignoresMerges: boolean;
};

/** letters; nanochat's longest tokens have a few dozen */
const MAX_TOKEN = 1024;

/** Equal iff (1) the list is ordered by the ids it produces and (2) for each token, applying all lower
 *  ids leaves two parts that are a listed pair. A token forms within a text as it does alone, because a
 *  join across its borders would stay. A token that lower ids leave in more than two parts occurs only
 *  as a whole piece, which needs ignore_merges. Throws FormatError naming the first merge or token that
 *  breaks this. */
export function checkMerges(rules: MergeRules, fileName: string): void {
  const idOf = new Map(rules.ranks);
  const pairs = new Set<string>();
  let last = -1;
  for (const [left, right] of rules.merges) {
    const made = idOf.get(left + right);
    if (made === undefined || !idOf.has(left) || !idOf.has(right)) {
      throw refuse(fileName, `the merge ${quote(left)} + ${quote(right)} is not in its vocabulary`);
    }
    if (made < last) {
      throw refuse(
        fileName,
        `the merge ${quote(left)} + ${quote(right)} makes id ${made} after id ${last}: merges must be in the order of their ids`,
      );
    }
    last = made;
    pairs.add(`${left} ${right}`);
  }
  for (const [token, id] of rules.ranks) checkToken(token, id);

  function checkToken(token: string, id: number): void {
    const parts = partsBelow(token, id, idOf, fileName);
    if (parts.length === 1) return;
    const isPair = parts.length === 2;
    if (isPair ? pairs.has(parts.join(' ')) : rules.ignoresMerges) return;
    throw refuse(
      fileName,
      `lower ids merge to ${parts.slice(0, 5).map(quote).join(' + ')} of the token ${quote(token)}, ${isPair ? 'which the list of merges lacks' : 'and ignore_merges is off'}`,
    );
  }
}

/** The token after all merges with ids below its own, lowest id first, leftmost of equals. */
function partsBelow(
  token: string,
  id: number,
  idOf: ReadonlyMap<string, number>,
  fileName: string,
): string[] {
  const parts = Array.from(token);
  if (parts.length > MAX_TOKEN) {
    throw refuse(fileName, `a token of ${parts.length} bytes; at most ${MAX_TOKEN} are read`);
  }
  const rankAt = (i: number) => idOf.get(`${parts[i]!}${parts[i + 1]!}`) ?? Infinity;
  while (parts.length > 1) {
    let best = -1;
    let lowest = id;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = rankAt(i);
      if (rank < lowest) [best, lowest] = [i, rank];
    }
    if (best < 0) break;
    parts.splice(best, 2, `${parts[best]!}${parts[best + 1]!}`);
  }
  return parts;
}

function refuse(fileName: string, what: string): FormatError {
  return new FormatError(
    `${fileName}: ${what}; its ids would differ from tiktoken's, use the tokenizer.pkl of the model`,
  );
}
