// tiktoken's split pattern as a JavaScript regular expression. The dialects differ in possessive
// quantifiers, inline (?i:…) (missing in older engines) and the meaning of \s; what cannot be translated
// exactly is refused. Knows nothing about tokens.
import { FormatError } from '../core/errors';

/** Gives the same splits as Rust's fancy-regex with `pattern`. Throws FormatError naming what in the
 *  pattern is not understood. */
export function compileSplitPattern(pattern: string): RegExp {
  try {
    return new RegExp(rewrite(pattern), 'gu');
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(
      `tokenizer: its split pattern is not understood (${cause instanceof Error ? cause.message : ''}); use a tokenizer.pkl that nanochat wrote`,
      { cause },
    );
  }
}

type Rewriter = {
  pattern: string;
  at: number;
  out: string;
  /** where in `out` the atom begins that a quantifier would repeat */
  atomAt: number;
  /** depth of (?i:…) groups; letters inside stand for both cases */
  foldDepth: number;
  atomics: number;
  /** positions in `out` of alternatives or variable lengths; a group that contains one may not be repeated */
  choices: number[];
  /** counts within the current alternative; backtracking never leaves it */
  open: { unbounded: number; bounded: number };
};

/** A matcher that retries takes at most about length² · 2^bounded steps from one place in the text under
 *  these bounds; without them a pattern of a dozen characters can run for hours. GPT-4o's needs 2 and 2. */
const MOST_UNBOUNDED = 2;
const MOST_BOUNDED = 4;

function rewrite(pattern: string): string {
  const r: Rewriter = {
    pattern,
    at: 0,
    out: '',
    atomAt: 0,
    foldDepth: 0,
    atomics: 0,
    choices: [],
    open: { unbounded: 0, bounded: 0 },
  };
  sequence(r, 0);
  return r.out;
}

function refuse(r: Rewriter, what: string): FormatError {
  return new FormatError(
    `tokenizer: ${what} at character ${r.at} of its split pattern is not understood; use a tokenizer.pkl that nanochat wrote`,
  );
}

/** Everything up to the closing parenthesis of this depth, or the end. */
function sequence(r: Rewriter, depth: number): void {
  for (;;) {
    const c = r.pattern[r.at];
    if (c === undefined) {
      if (depth > 0) throw refuse(r, 'a group without its closing parenthesis');
      return;
    }
    if (c === ')') {
      if (depth === 0) throw refuse(r, 'an unmatched closing parenthesis');
      return;
    }
    const atomAt = r.out.length;
    if (c === '(') group(r, depth);
    else if (c === '[') charClass(r);
    else if (c === '\\') r.out += escape(r);
    else if ('?*+{'.includes(c)) {
      quantifier(r);
      continue;
    } else if ('^$.]}'.includes(c)) throw refuse(r, c);
    else {
      if (c === '|') alternative(r, depth);
      literal(r);
    }
    r.atomAt = atomAt;
  }
}

function alternative(r: Rewriter, depth: number): void {
  r.choices.push(r.out.length);
  if (depth === 0) r.open = { unbounded: 0, bounded: 0 };
}

function group(r: Rewriter, depth: number): void {
  const opening = /^\(\?(?:i:|:|!|=)/.exec(r.pattern.slice(r.at, r.at + 4))?.[0];
  if (opening === undefined || depth > 20) throw refuse(r, 'a group');
  const folds = opening === '(?i:' ? 1 : 0;
  r.at += opening.length;
  r.out += folds === 1 ? '(?:' : opening;
  r.foldDepth += folds;
  r.atomAt = r.out.length;
  sequence(r, depth + 1);
  r.foldDepth -= folds;
  r.at++;
  r.out += ')';
}

/** A class of single characters, ranges and escapes; nested sets are Rust's own and refused. */
function charClass(r: Rewriter): void {
  const isNegated = r.pattern[r.at + 1] === '^';
  r.at += isNegated ? 2 : 1;
  let body = '';
  for (let c = r.pattern[r.at]; c !== ']'; c = r.pattern[r.at]) {
    if (c === undefined) throw refuse(r, 'a set without its closing bracket');
    if (c === '[' || /^(?:&&|--|~~)/.test(r.pattern.slice(r.at, r.at + 2))) {
      throw refuse(r, 'a set inside a set');
    }
    if (c === '\\') body += escape(r);
    else {
      const whole = wholeCharacter(r);
      body += r.foldDepth > 0 ? foldCase(whole) : whole;
    }
  }
  if (body === '') throw refuse(r, 'an empty set');
  if (r.foldDepth > 0 && body.includes('-')) throw refuse(r, 'a range without case');
  r.at++;
  r.out += `[${isNegated ? '^' : ''}${body}]`;
}

/** Escapes that mean the same in JavaScript, or are translated. Rust's \s is White_Space: with U+0085,
 *  without U+FEFF, unlike JavaScript's. \d, \w and \b are Unicode there, ASCII here, and no pattern of
 *  nanochat has them. */
function escape(r: Rewriter): string {
  const found = /^\\(?:[pP]\{\^?[A-Za-z_=]+\}|[pP][A-Z]|[rntsS]|[^A-Za-z0-9\s])/u.exec(
    r.pattern.slice(r.at, r.at + 64),
  )?.[0];
  if (found === undefined || found.includes('^')) {
    throw refuse(r, r.pattern.slice(r.at, r.at + 2));
  }
  r.at += found.length;
  if (found === '\\s') return '\\p{White_Space}';
  if (found === '\\S') return '\\P{White_Space}';
  if (/^\\[pP][A-Z]$/.test(found)) return `${found.slice(0, 2)}{${found.slice(2)}}`;
  return found;
}

function literal(r: Rewriter): void {
  const whole = wholeCharacter(r);
  r.out += r.foldDepth > 0 && /\p{L}/u.test(whole) ? `[${foldCase(whole)}]` : whole;
}

function wholeCharacter(r: Rewriter): string {
  const whole = String.fromCodePoint(r.pattern.codePointAt(r.at) ?? 0);
  r.at += whole.length;
  return whole;
}

/** Simple case folding of the letters that contractions use: ſ folds to s, the Kelvin sign to k. */
function foldCase(letter: string): string {
  if (!/^[A-Za-z]$/.test(letter)) return letter;
  const lower = letter.toLowerCase();
  const extra = lower === 's' ? '\u017f' : lower === 'k' ? '\u212a' : '';
  return `${lower}${letter.toUpperCase()}${extra}`;
}

/** A quantifier followed by + never gives back: (?=(…))\1 is how JavaScript says it. */
function quantifier(r: Rewriter): void {
  const found = /^(?:[?*+]|\{\d{1,3}(?:,\d{0,3})?\})[+?]?/.exec(
    r.pattern.slice(r.at, r.at + 12),
  )?.[0];
  const atom = r.out.slice(r.atomAt);
  if (found === undefined || atom === '' || atom === '|') throw refuse(r, 'a quantifier');
  checkRetries(r, found);
  r.at += found.length;
  if (found.length === 1 || !found.endsWith('+')) {
    r.out += found;
  } else {
    const name = `a${r.atomics++}`;
    const inner = `${atom}${found.slice(0, -1)}`;
    r.out = `${r.out.slice(0, r.atomAt)}(?=(?<${name}>${inner}))\\k<${name}>`;
  }
  // A repeat of a repeat is refused.
  r.atomAt = r.out.length;
}

/** Refuses patterns that could make the matcher backtrack without limit. */
function checkRetries(r: Rewriter, quantifier: string): void {
  const [, low, comma, high] = /^\{(\d+)(,?)(\d*)\}/.exec(quantifier) ?? [];
  const isUnbounded = /^[*+]/.test(quantifier) || (comma === ',' && high === '');
  const isChoice = isUnbounded || quantifier.startsWith('?') || (comma === ',' && low !== high);
  const isOnceAtMost = quantifier.startsWith('?');
  if (!isOnceAtMost && r.choices.some((at) => at > r.atomAt)) {
    throw refuse(r, 'a repeated group whose inside has alternatives or repeats');
  }
  if (!isChoice) return;
  r.choices.push(r.out.length);
  if (isUnbounded) r.open.unbounded++;
  else r.open.bounded++;
  if (r.open.unbounded > MOST_UNBOUNDED || r.open.bounded > MOST_BOUNDED) {
    throw refuse(
      r,
      `an alternative with more than ${MOST_UNBOUNDED} unbounded or ${MOST_BOUNDED} bounded repeats`,
    );
  }
}
