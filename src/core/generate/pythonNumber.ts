// Python's int and float, as far as the calculator tool needs them: the four operations with
// Python's rounding and errors, and str(). Knows no expressions.

/** bigint is Python's int, number its float. */
export type PythonNumber = bigint | number;
export type Operator = '+' | '-' | '*' | '/' | '//';

/** Digits of the longest int that Python 3.11 and newer read or print. */
export const LONGEST_INT = 4300;

/** null where Python raises: division by zero, an int too large for a float. */
export function calculate(a: PythonNumber, operator: Operator, b: PythonNumber) {
  if (typeof a === 'bigint' && typeof b === 'bigint') return calculateInts(a, operator, b);
  const [x, y] = [Number(a), Number(b)];
  // A float may be infinite, but an int converted to float may not.
  if ((typeof a === 'bigint' || typeof b === 'bigint') && !areFinite(a, b)) return null;
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return y === 0 ? null : x / y;
    case '//':
      return y === 0 ? null : floorDivide(x, y);
    default:
      return operator satisfies never;
  }
}

function areFinite(a: PythonNumber, b: PythonNumber): boolean {
  return [a, b].every((value) => typeof value === 'number' || Number.isFinite(Number(value)));
}

function calculateInts(a: bigint, operator: Operator, b: bigint): PythonNumber | null {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return divideInts(a, b);
    case '//': {
      if (b === 0n) return null;
      const quotient = a / b;
      // BigInt division rounds towards zero, Python's towards minus infinity.
      return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
    }
    default:
      return operator satisfies never;
  }
}

/** The float nearest to a / b, even if a and b are too large for floats. */
function divideInts(a: bigint, b: bigint): number | null {
  if (b === 0n) return null;
  const [top, bottom] = [a < 0n ? -a : a, b < 0n ? -b : b];
  // A quotient of at least 64 bits plus one bit for its remainder: rounded once, by Number().
  const shift = Math.max(0, 64 + bits(bottom) - bits(top));
  const scaled = top << BigInt(shift);
  const sticky = scaled % bottom === 0n ? 0n : 1n;
  const nearest = Number(((scaled / bottom) << 1n) | sticky);
  const half = Math.floor((shift + 1) / 2);
  const size = nearest * 2 ** -half * 2 ** -(shift + 1 - half);
  if (!Number.isFinite(size)) return null;
  return a < 0n !== b < 0n ? -size : size;
}

function bits(value: bigint): number {
  return value.toString(2).length;
}

/** CPython's float_floor_div. */
function floorDivide(x: number, y: number): number {
  let remainder = x % y;
  let quotient = (x - remainder) / y;
  if (remainder !== 0 && y < 0 !== remainder < 0) {
    remainder += y;
    quotient -= 1;
  }
  if (quotient === 0) return x / y < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** str(value); null for an int longer than Python would print. */
export function formatPython(value: PythonNumber): string | null {
  if (typeof value === 'bigint') {
    const text = String(value);
    return text.length - (value < 0n ? 1 : 0) > LONGEST_INT ? null : text;
  }
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  // Both languages print the shortest digits that read back as the same float.
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 16)
    return sign + positional(mantissa.replace('.', ''), exponent);
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}
