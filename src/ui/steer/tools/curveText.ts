// A planned curve as typed text and back, and as drawn by a pointer. Pure.
import type { CurvePoint } from '../../../store/steer/steerSetup';

const MAX_POINTS = 400;
const PAIR = /^\s*(\d{1,5})\s*:\s*(off|-?(?:\d+\.?\d*|\.\d+))\s*$/;

/** "0:1, 20:-0.5, 30:off"; null if a part is not a pair. An empty text means no curve. */
export function parseCurve(text: string): CurvePoint[] | null {
  if (text.trim() === '') return [];
  const points = new Map<number, CurvePoint>();
  for (const part of text.split(',', MAX_POINTS)) {
    const match = PAIR.exec(part);
    if (match === null) return null;
    const token = Number(match[1]);
    points.set(token, { token, value: match[2] === 'off' ? null : Number(match[2]) });
  }
  return [...points.values()].sort((a, b) => a.token - b.token);
}

export function writeCurve(points: readonly CurvePoint[]): string {
  return points
    .map(({ token, value }) => `${token}:${value === null ? 'off' : Number(value.toFixed(4))}`)
    .join(', ');
}

/** The curve after the pointer moved from one position to another: a point at every token in between, on
 *  a straight line; other points are kept. */
export function drawCurve(
  before: readonly CurvePoint[],
  from: CurvePoint,
  to: CurvePoint,
): CurvePoint[] {
  const [left, right] = from.token <= to.token ? [from, to] : [to, from];
  const kept = before.filter(({ token }) => token < left.token || token > right.token);
  const rise = (right.value ?? 0) - (left.value ?? 0);
  const span = Math.max(1, right.token - left.token);
  const drawn = Array.from({ length: right.token - left.token + 1 }, (_, i) => {
    const isEnd = left.token + i === to.token;
    const value = isEnd ? to.value : (left.value ?? 0) + (rise * i) / span;
    return { token: left.token + i, value: value === null ? null : Number(value.toFixed(4)) };
  });
  const all = [...kept, ...drawn].sort((a, b) => a.token - b.token);
  // A point that repeats the previous value is redundant.
  return all.filter((point, i) => i === 0 || all[i - 1]?.value !== point.value);
}
