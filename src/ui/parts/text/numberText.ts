// Number formats of the page: 3 significant digits for measurements, all digits for counts.

const DIGITS = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 } as const;
const exact = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const measured = new Intl.NumberFormat('en', DIGITS);
const large = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });

/** 3 significant digits, 21.0 rather than 21, so that columns align; from 10,000 on with K or M. */
export function measure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size > 0 && size < 1e-4) return value.toExponential(1).replace('-', '−');
  return formatOf(value).format(value).replace('-', '−');
}

function formatOf(value: number): Intl.NumberFormat {
  if (Math.abs(value) >= 10_000) return large;
  return Number.isInteger(value) ? exact : measured;
}

/** A measured effect with its sign: +0.231, −1.90. */
export function signedMeasure(value: number): string {
  return value > 0 ? `+${measure(value)}` : measure(value);
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A fraction as a percentage. */
export function percent(fraction: number | null): string {
  if (fraction === null || !Number.isFinite(fraction)) return '–';
  const value = 100 * fraction;
  if (value === 0) return '0 %';
  return value < 0.001 ? '< 0.001 %' : `${formatOf(value).format(value)} %`;
}

const UNITS = ['B', 'kB', 'MB', 'GB'] as const;

/** Decimal units, as storage and networks count. */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(value) / 3));
  return `${exact.format(value / 1000 ** power)} ${UNITS[power] ?? 'B'}`;
}

export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${whole % 60} s`;
  return `${whole} s`;
}

/** With its sign, as on a dial: +1.5, −0.2, 0. */
export function signed(value: number): string {
  const rounded = Number(value.toFixed(2));
  if (rounded === 0) return '0';
  return (rounded > 0 ? '+' : '−') + String(Math.abs(rounded));
}
