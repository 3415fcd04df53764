// Checks of a configuration's fields. Each throws ConfigError naming field, value and bound; none knows what
// its field means.
import { ConfigError } from './errors';

export function whole(field: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new ConfigError(`${field} must be a whole number from ${low} to ${high}: ${value}`, field);
}

export function above0(field: string, value: number, high: number): void {
  if (value > 0 && value <= high) return;
  throw new ConfigError(`${field} must be above 0 and at most ${high}: ${value}`, field);
}

export function between(field: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new ConfigError(`${field} must be from ${low} to ${high}: ${value}`, field);
}

export function oneOf(field: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new ConfigError(`${field} must be one of ${allowed.join(', ')}: ${value}`, field);
}
