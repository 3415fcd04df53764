// The calculator that chat models call between <|python_start|> and <|python_end|>: a parser of its own for
// the subset of Python that nanochat's engine.py accepts (use_calculator), never eval. Pure.
import {
  calculate,
  formatPython,
  LONGEST_INT,
  type Operator,
  type PythonNumber,
} from './pythonNumber';

const ARITHMETIC = /^[0-9*+\-/.() ]*$/;
const STRINGS = /^[A-Za-z0-9'"()._ ]*$/;
/** Refused anywhere in the expression, even inside strings: 'profile' contains "file". */
const REFUSED =
  /__|import|exec|eval|compile|open|file|input|globals|locals|vars|dir|getattr|setattr|delattr|hasattr/i;
/** Python's own limit. */
const DEEPEST = 200;

/** The result of upstream's use_calculator, as str() prints it; null if that has no result. Commas are
 *  dropped first. Python results that are not numbers (`()`, `...`) and string expressions other than
 *  one literal's `.count(literal)` are refused too. */
export function useCalculator(expression: string): string | null {
  const text = expression.replaceAll(',', '');
  if (ARITHMETIC.test(text)) {
    if (text.includes('**')) return null;
    const value = parseArithmetic(text);
    return value === null ? null : formatPython(value);
  }
  if (!STRINGS.test(text) || REFUSED.test(text) || !text.includes('.count(')) return null;
  return countInString(text);
}

class NoResult extends Error {}

/** null if it is not an expression or has no value. */
function parseArithmetic(text: string): PythonNumber | null {
  const tokens = tokenize(text);
  if (tokens === null) return null;
  let next = 0;
  const apply = (a: PythonNumber, operator: Operator, b: PythonNumber) => {
    const value = calculate(a, operator, b);
    if (value === null) throw new NoResult();
    return value;
  };
  const sum = (depth: number): PythonNumber => {
    let value = product(depth);
    for (let op = tokens[next]; op === '+' || op === '-'; op = tokens[next]) {
      next++;
      value = apply(value, op, product(depth));
    }
    return value;
  };
  const product = (depth: number): PythonNumber => {
    let value = signed(depth);
    for (let op = tokens[next]; op === '*' || op === '/' || op === '//'; op = tokens[next]) {
      next++;
      value = apply(value, op, signed(depth));
    }
    return value;
  };
  const signed = (depth: number): PythonNumber => {
    let isNegative = false;
    for (; tokens[next] === '+' || tokens[next] === '-'; next++) {
      if (tokens[next] === '-') isNegative = !isNegative;
    }
    const value = atom(depth);
    return isNegative ? -value : value;
  };
  const atom = (depth: number): PythonNumber => {
    const token = tokens[next++];
    if (typeof token === 'object') return token.value;
    if (token !== '(' || depth >= DEEPEST) throw new NoResult();
    const value = sum(depth + 1);
    if (tokens[next++] !== ')') throw new NoResult();
    return value;
  };
  try {
    const value = sum(0);
    return next === tokens.length ? value : null;
  } catch (thrown) {
    if (thrown instanceof NoResult) return null;
    throw thrown;
  }
}

type Token = Operator | '(' | ')' | { value: PythonNumber };

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  const pattern = / +|(\/\/|[-+*/()])|((?:\d+\.?\d*|\.\d+))|(.)/gy;
  for (const [, sign, digits, stray] of text.matchAll(pattern)) {
    if (stray !== undefined) return null;
    if (sign !== undefined) tokens.push(sign as Operator | '(' | ')');
    if (digits === undefined) continue;
    const value = readNumber(digits);
    if (value === null) return null;
    tokens.push({ value });
  }
  return tokens;
}

function readNumber(digits: string): PythonNumber | null {
  if (digits.includes('.')) return Number(digits);
  // Python refuses leading zeros, but accepts any number of zeros on their own.
  if (/^0+[1-9]/.test(digits) || digits.length > LONGEST_INT) return null;
  return BigInt(digits);
}

/** `'strawberry'.count('r')`, in either quotes, in parentheses or not; adjacent literals are one, as in
 *  Python. */
function countInString(text: string): string | null {
  const literal = String.raw`(?:'[^']*'|"[^"]*")(?: *(?:'[^']*'|"[^"]*"))*`;
  const group = String.raw`\( *(${literal}) *\)|(${literal})`;
  const whole = new RegExp(`^ *(?:${group}) *\\.count\\( *(?:${group}) *\\) *$`);
  const match = whole.exec(bare(text.trim()));
  if (match === null) return null;
  const haystack = valueOfLiterals(match[1] ?? match[2] ?? '');
  const needle = valueOfLiterals(match[3] ?? match[4] ?? '');
  // Python counts the places between characters for an empty string.
  return String(needle === '' ? haystack.length + 1 : haystack.split(needle).length - 1);
}

/** Without the pair of parentheses around all of it. */
function bare(text: string): string {
  const inner = /^\((.*)\)$/.exec(text)?.[1];
  return inner !== undefined && /^[^(]*\.count\([^()]*\) *$/.test(inner) ? inner : text;
}

function valueOfLiterals(literals: string): string {
  return Array.from(literals.matchAll(/'([^']*)'|"([^"]*)"/g), ([, a, b]) => a ?? b ?? '').join('');
}
